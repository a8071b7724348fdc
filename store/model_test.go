package store_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"copytaster"
	"copytaster/store"
	"copytaster/store/fsck"
)

// life is a database beside a model of it: plain maps.
type life struct {
	t     *testing.T
	r     *rand.Rand
	name  string
	db    *store.DB
	now   time.Time
	items map[string]copytaster.Item
	story map[string]string // by item
	shown map[string]bool   // feed and guid
}

// TestLife plays months of random operations, with retention, compaction, copies, failing transactions and reopening, against plain maps. The file is whole whenever
// it is closed, and gives what the maps have.
func TestLife(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := life{t: t, r: rand.New(rand.NewPCG(seed, 3)), name: filepath.Join(t.TempDir(), "db"), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
				items: map[string]copytaster.Item{}, story: map[string]string{}, shown: map[string]bool{}}
			l.open()
			for range 120 {
				l.now = l.now.Add(time.Duration(l.r.IntN(30)) * time.Hour)
				l.step()
			}
			l.reopen()
			l.compare()
		})
	}
}

func (l *life) open() {
	var err error
	if l.db, err = store.Open(l.name); err != nil {
		l.t.Fatal(err)
	}
}

func (l *life) step() {
	switch l.r.IntN(12) {
	case 0:
		l.reopen()
	case 1:
		if err := l.db.Compact(); err != nil {
			l.t.Fatal(err)
		}
	case 2:
		l.retain()
	case 3:
		l.merge()
	case 4:
		l.snapshot()
	case 5:
		l.compare()
	default:
		l.put()
	}
}

// put stores a few items, new and again, each in a story; sometimes it changes its mind.
func (l *life) put() {
	items, stories, shown := maps.Clone(l.items), maps.Clone(l.story), maps.Clone(l.shown)
	regret := errors.New("changed my mind")
	err := l.db.Update(func(tx *store.Tx) error {
		for range 1 + l.r.IntN(6) {
			feed, guid := fmt.Sprintf("https://feed%d.example", l.r.IntN(4)), fmt.Sprint("g", l.r.IntN(400))
			it := copytaster.Item{ID: copytaster.ItemID(feed, guid), Feed: feed, GUID: guid, URL: "https://example.org/" + guid, Title: fmt.Sprint("On ", guid, " at ", l.now), Seen: l.now,
				Blocks: make([]copytaster.Block, l.r.IntN(40))}
			for i := range it.Blocks {
				it.Blocks[i].Text = fmt.Sprint(l.r.Uint64(), " ", l.r.Uint64())
			}
			if len(it.Blocks) == 0 {
				it.Blocks = nil
			}
			if old, known := items[it.ID]; known {
				it.Seen = old.Seen
			}
			if err := tx.PutItem(it, []byte("sketch of "+it.Title)); err != nil {
				return err
			}
			items[it.ID] = it
			shown[feed+" "+guid] = l.r.IntN(8) == 0
			if stories[it.ID] == "" {
				stories[it.ID] = it.ID
			}
			if err := putStory(tx, stories, stories[it.ID], l.now); err != nil {
				return err
			}
		}
		if l.r.IntN(8) == 0 {
			return regret
		}
		return nil
	})
	switch {
	case err == nil:
		l.items, l.story, l.shown = items, stories, shown
	case err != regret:
		l.t.Fatal(err)
	}
}

// putStory stores the story with all its items.
func putStory(tx *store.Tx, stories map[string]string, id string, now time.Time) error {
	s := store.Story{ID: id, Published: now, Updated: now}
	for _, it := range slices.Sorted(maps.Keys(stories)) {
		if stories[it] == id {
			s.Items = append(s.Items, it)
		}
	}
	return tx.PutStory(s)
}

// merge takes a story into another.
func (l *life) merge() {
	ids := slices.Compact(slices.Sorted(maps.Values(l.story)))
	if len(ids) < 2 {
		return
	}
	from, to := ids[l.r.IntN(len(ids))], ids[l.r.IntN(len(ids))]
	if from == to {
		return
	}
	for it, s := range l.story {
		if s == from {
			l.story[it] = to
		}
	}
	err := l.db.Update(func(tx *store.Tx) error {
		return errors.Join(tx.PutAlias(from, to), putStory(tx, l.story, to, l.now))
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// retain drops what is older than ten days. In the model a story goes if none of its items is younger, and none is shown.
func (l *life) retain() {
	cutoff := l.now.AddDate(0, 0, -10)
	days := map[string]time.Time{}
	err := l.db.View(func(tx *store.Tx) error {
		for id := range l.items {
			days[id] = tx.Day(id)
		}
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
	lives := map[string]bool{}
	for id, it := range l.items {
		if !days[id].Before(cutoff.Truncate(24*time.Hour)) || l.shown[it.Feed+" "+it.GUID] {
			lives[l.story[id]] = true
		}
	}
	for id, s := range l.story {
		if !lives[s] {
			delete(l.items, id)
			delete(l.story, id)
		}
	}
	for more := true; more; {
		err := l.db.Update(func(tx *store.Tx) (err error) {
			_, _, more, err = tx.Drop(cutoff, func(feed, guid string) bool { return l.shown[feed+" "+guid] })
			return err
		})
		if err != nil {
			l.t.Fatal(err)
		}
	}
}

func (l *life) reopen() {
	if err := l.db.Close(); err != nil {
		l.t.Fatal(err)
	}
	l.whole(l.name)
	l.open()
}

func (l *life) snapshot() {
	name, err := l.db.Snapshot()
	if err != nil {
		l.t.Fatal(err)
	}
	l.whole(name)
	if err := os.Remove(name); err != nil {
		l.t.Fatal(err)
	}
}

func (l *life) whole(name string) {
	if err := fsck.Check(name, func(s string) { l.t.Errorf("%s: %s", filepath.Base(name), s) }); err != nil {
		l.t.Fatal(err)
	}
	if l.t.Failed() {
		l.t.FailNow()
	}
}

func (l *life) compare() {
	err := l.db.View(func(tx *store.Tx) error {
		got := map[string]copytaster.Item{}
		for it, err := range tx.Items(time.Time{}) {
			if err != nil {
				return err
			}
			got[it.ID] = it
			if sketch, err := tx.Sketch(it.ID); err != nil || string(sketch) != "sketch of "+it.Title {
				l.t.Errorf("sketch of %s: %q, %v", it.Title, sketch, err)
			}
			if s := tx.StoryOf(it.ID); s != l.story[it.ID] {
				l.t.Errorf("story of %s: got %s, want %s", it.ID, s, l.story[it.ID])
			}
		}
		if !reflect.DeepEqual(got, l.items) {
			l.t.Errorf("got %d items, want %d that are the same", len(got), len(l.items))
		}
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
}
