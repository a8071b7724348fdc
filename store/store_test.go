package store

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"copytaster"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, name string) *DB {
	t.Helper()
	db, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func update(t testing.TB, db *DB, f func(*Tx) error) {
	t.Helper()
	if err := db.Update(f); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, db *DB, f func(*Tx)) {
	t.Helper()
	if err := db.View(func(tx *Tx) error { f(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// article is a made-up item of the feed, first seen so many hours after the epoch.
func article(feed, guid string, hours int) copytaster.Item {
	return copytaster.Item{
		ID: copytaster.ItemID(feed, guid), Feed: feed, Outlet: "Outlet of " + feed, GUID: guid,
		URL: "https://example.org/" + guid, Title: "Headline of " + guid,
		Seen:   epoch.Add(time.Duration(hours) * time.Hour),
		Blocks: []copytaster.Block{{Text: "The ferry to " + guid + " did not sail.", Kept: true}},
	}
}

// TestModel plays random operations against the store and a map, reopens the file now and then, and compares all that can be asked.
func TestModel(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { playModel(t, rand.New(rand.NewPCG(seed, 1)), filepath.Join(t.TempDir(), "db")) })
	}
}

type model struct {
	items  map[string]copytaster.Item
	sketch map[string]string
	states map[string]string
	story  map[string]string
}

func playModel(t *testing.T, r *rand.Rand, name string) {
	db := open(t, name)
	defer func() { db.Close() }()
	m := model{map[string]copytaster.Item{}, map[string]string{}, map[string]string{}, map[string]string{}}
	for step := range 120 {
		feed := fmt.Sprintf("https://example.org/feed/%d", r.IntN(3))
		it := article(feed, fmt.Sprintf("g%d", r.IntN(30)), step)
		if old, ok := m.items[it.ID]; ok {
			it.Seen, it.Title = old.Seen, fmt.Sprintf("%s, corrected at %d", old.Title, step)
		}
		sketch := fmt.Sprintf("sketch %d", step)
		fail := r.IntN(10) == 0
		err := db.Update(func(tx *Tx) error {
			if err := tx.PutItem(it, []byte(sketch)); err != nil {
				return err
			}
			if err := tx.SetState(feed, []byte(sketch)); err != nil {
				return err
			}
			if fail {
				return errors.New("changed my mind")
			}
			return nil
		})
		if (err != nil) != fail {
			t.Fatalf("step %d: got error %v, want one: %v", step, err, fail)
		}
		if !fail {
			m.items[it.ID], m.sketch[it.ID], m.states[feed] = it, sketch, sketch
		}
		if r.IntN(4) == 0 {
			m.fold(t, db, r)
		}
		if r.IntN(20) == 0 {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			db = open(t, name)
		}
	}
	m.compare(t, db)
}

// fold moves a random item into the story of another.
func (m *model) fold(t *testing.T, db *DB, r *rand.Rand) {
	ids := slices.Sorted(maps.Keys(m.items))
	if len(ids) < 2 {
		return
	}
	story := ids[r.IntN(len(ids))]
	m.story[ids[r.IntN(len(ids))]] = story
	var members []string
	for id, s := range m.story {
		if s == story {
			members = append(members, id)
		}
	}
	slices.Sort(members)
	update(t, db, func(tx *Tx) error { return tx.PutStory(Story{ID: story, Published: epoch, Items: members}) })
}

func (m *model) compare(t *testing.T, db *DB) {
	t.Helper()
	view(t, db, func(tx *Tx) {
		got := map[string]copytaster.Item{}
		for it, err := range tx.Items(time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			got[it.ID] = it
		}
		if !reflect.DeepEqual(got, m.items) || tx.Count() != len(m.items) {
			t.Errorf("items: got %d of them, count %d, want %d equal ones", len(got), tx.Count(), len(m.items))
		}
		sketches := map[string]string{}
		for s := range tx.Sketches(time.Time{}) {
			sketches[s.Item] = string(s.Sketch)
		}
		if !maps.Equal(sketches, m.sketch) {
			t.Errorf("sketches: got %v, want %v", sketches, m.sketch)
		}
		states := map[string]string{}
		for f, s := range tx.States() {
			states[f] = string(s)
		}
		if !maps.Equal(states, m.states) {
			t.Errorf("states: got %v, want %v", states, m.states)
		}
		for id, it := range m.items {
			if got := tx.StoryOf(id); got != m.story[id] {
				t.Errorf("story of %s: got %q, want %q", id, got, m.story[id])
			}
			if got := tx.ByGUID(it.Feed, it.GUID); got != id {
				t.Errorf("by guid %s: got %q, want %s", it.GUID, got, id)
			}
			if got := tx.ByURL(it.URL); !slices.Contains(got, id) {
				t.Errorf("by url %s: got %v, want %s among them", it.URL, got, id)
			}
			if got := tx.ByContent(it); !slices.Contains(got, id) {
				t.Errorf("by content of %s: got %v, want it among them", id, got)
			}
		}
	})
}

func TestChangedItemLeavesItsOldKeys(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "db"))
	defer db.Close()
	it := article("f", "a", 0)
	moved := it
	moved.URL, moved.GUID = "https://example.org/new", "b"
	update(t, db, func(tx *Tx) error { return errors.Join(tx.PutItem(it, nil), tx.PutItem(moved, nil)) })
	view(t, db, func(tx *Tx) {
		if got := tx.ByURL(it.URL); got != nil {
			t.Errorf("old url: got %v, want nothing", got)
		}
		for _, guid := range []string{"a", "b"} {
			if got := tx.ByGUID("f", guid); got != it.ID {
				t.Errorf("guid %s: got %q, want %s: a changed guid leads to the same item", guid, got, it.ID)
			}
		}
	})
}

func TestStoryKeepsItsPublishedTimeAndAliases(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "db"))
	defer db.Close()
	a, b, c := article("f", "a", 0), article("g", "b", 1), article("h", "c", 2)
	update(t, db, func(tx *Tx) error {
		return errors.Join(tx.PutItem(a, nil), tx.PutItem(b, nil), tx.PutItem(c, nil),
			tx.PutStory(Story{ID: a.ID, Published: a.Seen, Items: []string{a.ID}}),
			tx.PutStory(Story{ID: b.ID, Published: b.Seen, Items: []string{b.ID}}),
			tx.PutStory(Story{ID: c.ID, Published: c.Seen, Items: []string{c.ID}}),
			tx.PutAlias(c.ID, b.ID), tx.PutStory(Story{ID: b.ID, Published: epoch.AddDate(1, 0, 0), Items: []string{b.ID, c.ID}}),
			tx.PutAlias(b.ID, a.ID), tx.PutStory(Story{ID: a.ID, Published: epoch.AddDate(1, 0, 0), Items: []string{a.ID, b.ID, c.ID}}))
	})
	view(t, db, func(tx *Tx) {
		for _, id := range []string{a.ID, b.ID, c.ID} {
			s, ok, err := tx.Story(id)
			if err != nil || !ok || s.ID != a.ID || !s.Published.Equal(a.Seen) {
				t.Errorf("story %s: got %+v, %v, %v; want the first, published %v", id, s, ok, err, a.Seen)
			}
		}
		n := 0
		for _, err := range tx.Stories(time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 1 {
			t.Errorf("stories listed: got %d, want 1", n)
		}
	})
}

func TestAnAliasBecomesAStoryAgain(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "db"))
	defer db.Close()
	a, b := article("f", "a", 0), article("g", "b", 1)
	update(t, db, func(tx *Tx) error {
		return errors.Join(tx.PutItem(a, nil), tx.PutItem(b, nil),
			tx.PutStory(Story{ID: b.ID, Published: b.Seen, Items: []string{b.ID}}), tx.PutAlias(b.ID, a.ID),
			tx.PutStory(Story{ID: a.ID, Items: []string{a.ID, b.ID}}),
			tx.PutStory(Story{ID: b.ID, Published: epoch, Items: []string{b.ID}}), tx.PutStory(Story{ID: a.ID, Items: []string{a.ID}}))
	})
	view(t, db, func(tx *Tx) {
		if s, ok, err := tx.Story(b.ID); !ok || err != nil || s.ID != b.ID || !s.Published.Equal(b.Seen) {
			t.Errorf("got %+v, %v, %v, want the story itself, published when it first was", s, ok, err)
		}
	})
}

func TestStoriesAreListedNewestFirst(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "db"))
	defer db.Close()
	update(t, db, func(tx *Tx) error {
		var err error
		for _, h := range rand.Perm(50) {
			it := article("f", fmt.Sprint(h), h)
			err = errors.Join(err, tx.PutItem(it, nil), tx.PutStory(Story{ID: it.ID, Published: it.Seen, Items: []string{it.ID}}))
		}
		return err
	})
	view(t, db, func(tx *Tx) {
		last, n := epoch.AddDate(1, 0, 0), 0
		for s, err := range tx.Stories(epoch.Add(10 * time.Hour)) {
			if err != nil || s.Published.After(last) {
				t.Fatalf("got %v after %v, error %v", s.Published, last, err)
			}
			last, n = s.Published, n+1
		}
		if n != 40 {
			t.Errorf("got %d stories, want the 40 of hour 10 and later", n)
		}
	})
}

func TestDrop(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "db"))
	defer db.Close()
	alone, first, last := article("f", "alone", 0), article("g", "first", 1), article("h", "last", 72)
	update(t, db, func(tx *Tx) error {
		return errors.Join(tx.PutItem(alone, []byte("s1")), tx.PutItem(first, []byte("s2")), tx.PutItem(last, []byte("s3")),
			tx.PutStory(Story{ID: alone.ID, Published: epoch, Items: []string{alone.ID}}),
			tx.PutStory(Story{ID: first.ID, Published: epoch, Items: []string{first.ID, last.ID}}))
	})
	update(t, db, func(tx *Tx) error {
		items, stories, more, err := tx.Drop(epoch.AddDate(0, 0, 2), nil)
		if more {
			t.Error("more days: got true, want false")
		}
		if !slices.Equal(items, []string{alone.ID}) || !slices.Equal(stories, []string{alone.ID}) {
			t.Errorf("dropped items %v and stories %v, want only %s", items, stories, alone.ID)
		}
		return err
	})
	view(t, db, func(tx *Tx) {
		if it, ok, err := tx.Item(first.ID); !ok || err != nil || it.Title != first.Title {
			t.Errorf("a member of a story that grew later: got %v, %v, want it kept", ok, err)
		}
		if s, _ := tx.Sketch(first.ID); string(s) != "s2" {
			t.Errorf("its sketch: got %q, want s2", s)
		}
		if _, ok, err := tx.Item(alone.ID); ok || err != nil {
			t.Errorf("the dropped item: got %v, %v, want it gone", ok, err)
		}
		if got := tx.ByURL(alone.URL); got != nil {
			t.Errorf("the dropped item's url: got %v, want nothing", got)
		}
	})
	update(t, db, func(tx *Tx) error {
		items, stories, _, err := tx.Drop(epoch.AddDate(0, 1, 0), nil)
		if len(items) != 2 || len(stories) != 1 {
			t.Errorf("a month later: dropped %d items, %d stories; want 2, 1", len(items), len(stories))
		}
		return err
	})
	view(t, db, func(tx *Tx) {
		if got := tx.Count(); got != 0 {
			t.Errorf("a month later: %d items left, want none", got)
		}
	})
}

// TestDropKeepsWhatIsShown: items that their feed still shows, and their whole story, outlive the cutoff; when they are shown no more they go.
func TestDropKeepsWhatIsShown(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "db"))
	defer db.Close()
	shown, copied, alone := article("f", "shown", 0), article("g", "copy of it", 30), article("h", "alone", 1)
	update(t, db, func(tx *Tx) error {
		return errors.Join(tx.PutItem(shown, nil), tx.PutItem(copied, nil), tx.PutItem(alone, nil),
			tx.PutStory(Story{ID: shown.ID, Published: epoch, Items: []string{shown.ID, copied.ID}}),
			tx.PutStory(Story{ID: alone.ID, Published: epoch, Items: []string{alone.ID}}))
	})
	dropAll := func(days int, shown func(feed, guid string) bool) (gone []string) {
		for more := true; more; {
			update(t, db, func(tx *Tx) (err error) {
				var items []string
				items, _, more, err = tx.Drop(epoch.AddDate(0, 0, days), shown)
				gone = append(gone, items...)
				return err
			})
		}
		return gone
	}
	for _, days := range []int{10, 40} {
		gone := dropAll(days, func(feed, guid string) bool { return feed == "f" && guid == "shown" })
		if want := map[int][]string{10: {alone.ID}}[days]; !slices.Equal(gone, want) {
			t.Errorf("day %d: dropped %v, want %v", days, gone, want)
		}
		view(t, db, func(tx *Tx) {
			if s, ok, err := tx.Story(shown.ID); !ok || err != nil || len(s.Items) != 2 || tx.Count() != 2 || tx.ByGUID("f", "shown") != shown.ID {
				t.Errorf("day %d: got story %v, %v, %v, %d items; want it whole", days, s, ok, err, tx.Count())
			}
		})
	}
	if gone := dropAll(50, nil); len(gone) != 2 {
		t.Errorf("shown no more: dropped %v, want both", gone)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	foreign, newer, locked := filepath.Join(dir, "foreign"), filepath.Join(dir, "newer"), filepath.Join(dir, "locked")
	raw := func(name, bucket string, v byte) {
		b, err := bolt.Open(name, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = b.Update(func(tx *bolt.Tx) error {
			k, err := tx.CreateBucket([]byte(bucket))
			if err != nil {
				return err
			}
			return k.Put([]byte("version"), []byte{v})
		})
		if err := errors.Join(err, b.Close()); err != nil {
			t.Fatal(err)
		}
	}
	raw(foreign, "cellar", 1)
	raw(newer, "meta", 250)
	defer open(t, locked).Close()
	for name, want := range map[string]string{
		file("text", strings.Repeat("no database ", 2000)): "invalid database",
		foreign:                               "not one of copytaster's",
		newer:                                 "layout version 250",
		locked:                                "in use by another copytaster",
		filepath.Join(dir, "no", "such", "d"): "does not exist",
	} {
		db, err := Open(name)
		if err == nil {
			db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("open %s: got %v, want an error that names the file and says %q", filepath.Base(name), err, want)
		}
	}
}

func TestLearned(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "db"))
	defer db.Close()
	view(t, db, func(tx *Tx) {
		if got, err := tx.Learned(); got != nil || err != nil {
			t.Errorf("at first: got %q, %v, want nothing", got, err)
		}
	})
	update(t, db, func(tx *Tx) error { return tx.SetLearned([]byte("counts")) })
	view(t, db, func(tx *Tx) {
		if got, err := tx.Learned(); string(got) != "counts" || err != nil {
			t.Errorf("got %q, %v, want what was stored", got, err)
		}
	})
	if db.Size() == 0 {
		t.Error("size: got 0, want the length of the file")
	}
}

// BenchmarkPutItem stores items of about 4 KB, 256 in a transaction, as ingest does.
func BenchmarkPutItem(b *testing.B) {
	db := open(b, filepath.Join(b.TempDir(), "db"))
	defer db.Close()
	text := make([]copytaster.Block, 20)
	r := rand.New(rand.NewPCG(1, 1))
	for n := 0; n < b.N; n += 256 {
		update(b, db, func(tx *Tx) error {
			for i := range min(256, b.N-n) {
				it := article("f", fmt.Sprint(n+i), n/1000)
				for k := range text {
					text[k] = copytaster.Block{Text: strings.Repeat(fmt.Sprintf("%x ", r.Uint64()), 12), Kept: true}
				}
				it.Blocks = text
				if err := tx.PutItem(it, make([]byte, 1000)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

func TestSequence(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "db"))
	look := func(origin string, n uint64) {
		t.Helper()
		if err := db.View(func(tx *Tx) error {
			if tx.Origin() != origin || tx.Sequence() != n {
				t.Errorf("got %q, %d; want %q, %d", tx.Origin(), tx.Sequence(), origin, n)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	look("", 0)
	for i, f := range []func(*Tx) error{func(tx *Tx) error { return tx.SetOrigin("a") }, func(tx *Tx) error { return tx.SetSequence(1 << 40) },
		func(tx *Tx) error { return tx.SetOrigin("b") }} {
		if err := db.Update(f); err != nil {
			t.Fatal(err)
		}
		look([]string{"a", "a", "b"}[i], []uint64{0, 1 << 40, 0}[i])
	}
}
