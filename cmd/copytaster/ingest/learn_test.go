package ingest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"copytaster"
	"copytaster/dedupe/clean"
	"copytaster/store"
)

// plea is a line that no lexicon knows, standing under every article of an outlet.
const plea = "The weathercock of our printing house turns for all who walk along the quay in the morning."

// withPlea is a lone article of the outlet with its standing line at the end.
func withPlea(n int, at time.Time) copytaster.Item {
	it := copyOf("harbour", fmt.Sprint("n", n), prose(uint64(n), 150), at)
	it.Blocks = append(it.Blocks, copytaster.Block{Text: plea, Kept: true})
	return it
}

// pleasKept counts the stored items in which the standing line is still kept.
func pleasKept(t *testing.T, db *store.DB) (n int) {
	view(t, db, func(tx *store.Tx) {
		for it, err := range tx.Items(time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(it.Blocks, func(b copytaster.Block) bool { return b.Text == plea && b.Kept }) {
				n++
			}
		}
	})
	return n
}

func TestStandingLinesAreLearnedAndOldItemsCleanedAgain(t *testing.T) {
	db := open(t)
	d := New(db, Options{})
	for n := range 4 { // too few at once
		deliver(t, d, epoch, withPlea(n, epoch))
	}
	if got := pleasKept(t, db); got != 4 {
		t.Errorf("at first: kept in %d items, want 4", got)
	}
	// A run that ends stores what was learned; the desk after it goes on from there.
	last := make(chan Delivery, 1)
	last <- Delivery{Feed: "f", Items: []copytaster.Item{withPlea(4, epoch)}, At: epoch}
	close(last)
	if err := d.Run(t.Context(), last, func(Result) {}); err != nil {
		t.Fatal(err)
	}
	d = New(db, Options{})
	for n := 5; n < 9; n++ {
		at := epoch.AddDate(0, 0, 2*n)
		deliver(t, d, at, withPlea(n, at))
	}
	if _, err := d.Take([]Delivery{{Feed: "f", At: epoch.AddDate(0, 0, 17)}}); err != nil {
		t.Fatal(err)
	}
	view(t, db, func(tx *store.Tx) {
		last, _, err := tx.Item(copytaster.ItemID("https://harbour.example/feed", "n8"))
		if err != nil || last.Blocks[len(last.Blocks)-1].Kept {
			t.Errorf("the last item: got %+v, %v, want its standing line stripped", last.Blocks[len(last.Blocks)-1], err)
		}
		learner := ReadLearner(tx)
		if len(learner.Learned("harbour")) != 1 || learner.Learned("harbour")[0].Text != plea {
			t.Errorf("learned: got %+v, want the standing line", learner.Learned("harbour"))
		}
	})
}

func TestAFirstPollTeaches(t *testing.T) {
	db := open(t)
	d := New(db, Options{})
	var items []copytaster.Item
	for n := range 20 {
		items = append(items, withPlea(n, epoch.Add(time.Duration(n)*time.Hour)))
	}
	deliver(t, d, epoch.Add(20*time.Hour), items...)
	if got := pleasKept(t, db); got != 0 {
		t.Errorf("twenty unrelated articles at once: kept in %d, want none: those before it was learned are cleaned again", got)
	}
}

// TestWhatIsDamagedIsLearnedAnew: counts that cannot be read, or were written by another version, are made again of the stored items.
func TestWhatIsDamagedIsLearnedAnew(t *testing.T) {
	db := open(t)
	d := New(db, Options{})
	for n := range 12 {
		at := epoch.AddDate(0, 0, n)
		deliver(t, d, at, withPlea(n, at))
	}
	for _, damaged := range [][]byte{nil, {2, 1, 1}, []byte("no counts")} {
		if damaged != nil {
			if err := db.Update(func(tx *store.Tx) error { return tx.SetLearned(damaged) }); err != nil {
				t.Fatal(err)
			}
		}
		view(t, db, func(tx *store.Tx) {
			learner := ReadLearner(tx)
			if len(learner.Learned("harbour")) != 1 || learner.Learned("harbour")[0].Text != plea {
				t.Errorf("stored %q: got %+v, want the standing line", damaged, learner.Learned("harbour"))
			}
		})
	}
	deliver(t, New(db, Options{}), epoch.AddDate(0, 0, 12), withPlea(12, epoch.AddDate(0, 0, 12)))
	view(t, db, func(tx *store.Tx) {
		learned, err := tx.LearnedReader()
		if err == nil {
			_, err = new(clean.Learner).ReadFrom(learned)
		}
		if err != nil {
			t.Errorf("after the next item: %v, want what can be read", err)
		}
	})
}
