package ingest

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"copytaster"
	"copytaster/dedupe"
	"copytaster/store"
)

// filledDesk has ten days of three copies a story and one lone article a day.
func filledDesk(t *testing.T) (*store.DB, []copytaster.Item) {
	db := open(t)
	d := New(db, Options{})
	var all []copytaster.Item
	for day := range 10 {
		at := epoch.AddDate(0, 0, day)
		wire := prose(uint64(day), 200)
		items := []copytaster.Item{
			copyOf("harbour", fmt.Sprint("a", day), wire, at),
			copyOf("hill", fmt.Sprint("b", day), wire, at.Add(time.Hour)),
			copyOf("mill", fmt.Sprint("c", day), wire, at.Add(40*time.Hour)), // on a later day
			copyOf("dale", fmt.Sprint("d", day), prose(uint64(1000+day), 200), at)}
		for _, it := range items {
			deliver(t, d, it.Seen, it)
		}
		all = append(all, items...)
	}
	return db, all
}

func refold(t *testing.T, db *store.DB, o Options, dry bool) []Change {
	t.Helper()
	done, total := 0, 0
	changes, err := New(db, o).Refold(epoch.AddDate(0, 0, 20), dry, func(d, of int) { done, total = d, of })
	if err != nil {
		t.Fatal(err)
	}
	if done != total || total == 0 {
		t.Errorf("progress: ended at %d of %d", done, total)
	}
	return changes
}

func TestRefoldWithTheSameRulesChangesNothing(t *testing.T) {
	db, _ := filledDesk(t)
	before := stories(t, db)
	if changes := refold(t, db, Options{}, false); len(changes) > 0 {
		t.Errorf("got %+v, want no change", changes)
	}
	if got := stories(t, db); !maps.Equal(got, before) || len(got) != 20 {
		t.Errorf("got %v, want %v", got, before)
	}
}

func TestCorrectionsStick(t *testing.T) {
	db, items := filledDesk(t)
	before := stories(t, db)
	outsider, lone, other := items[1], items[3], items[4]
	o := Options{Fold: dedupe.Options{Split: []string{outsider.URL}, Join: [][2]string{{lone.URL, other.URL}}}}

	if dry := refold(t, db, o, true); len(dry) == 0 || !maps.Equal(stories(t, db), before) {
		t.Errorf("dry: got %d changes and other stories, want changes and the same stories", len(dry))
	}
	refold(t, db, o, false)
	got := slices.Collect(maps.Values(stories(t, db)))
	for _, want := range []string{"b0", "a0 c0", "a1 b1 c1 d0"} {
		if !slices.Contains(got, want) {
			t.Errorf("got %v, want %q among them", got, want)
		}
	}
	refold(t, db, Options{}, false)
	back, was := slices.Sorted(maps.Values(stories(t, db))), slices.Sorted(maps.Values(before))
	if !slices.Equal(back, was) {
		t.Errorf("corrections taken back: got %v, want the stories of before, %v", back, was)
	}
}

func TestRefoldGivesFeedsTheirNewNames(t *testing.T) {
	db, items := filledDesk(t)
	feed := copytaster.Feed{URL: items[0].Feed, Outlet: "Harbour Post", Tags: []string{"sea"}}
	refold(t, db, Options{Feeds: map[string]copytaster.Feed{feed.URL: feed}}, false)
	view(t, db, func(tx *store.Tx) {
		for it, err := range tx.Items(time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			if named := it.Outlet == feed.Outlet && slices.Equal(it.Tags, feed.Tags); named != (it.Feed == feed.URL) {
				t.Errorf("%s: got outlet %s, tags %v", it.Feed, it.Outlet, it.Tags)
			}
		}
	})
}
