package ingest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/store"
)

// press is n deliveries of one item each: agency texts whole, cut, extended and two in a roundup, an outlet's own, in the order in which they came.
func press(n int, seed uint64) (all []Delivery) {
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range n {
		text := prose(seed<<20+uint64(r.IntN(n/5)), 240)
		switch words := strings.Fields(text); r.IntN(6) {
		case 0:
			text = strings.Join(words[:100+r.IntN(100)], " ")
		case 1:
			text += " " + prose(seed<<20+uint64(1000+i), 20+r.IntN(200))
		case 2:
			text = strings.Join(words[:90], " ") + " " + prose(seed<<20+uint64(r.IntN(n/5)), 90)
		case 3:
			text = prose(seed<<20+uint64(1000+i), 150)
		}
		at := epoch.Add(time.Duration(i) * time.Minute)
		it := copyOf(fmt.Sprint("outlet", r.IntN(12)), fmt.Sprint("g", i), text, at.Add(-time.Duration(r.IntN(300))*time.Minute))
		it.Seen = at
		all = append(all, Delivery{Feed: it.Feed, State: []byte("state"), Items: []copytaster.Item{it}, At: at, Sequence: uint64(i + 1)})
	}
	return all
}

// streamed stores the deliveries as Run takes them from a stream on which a batch ends wherever last says, and starts anew wherever again does.
func streamed(t *testing.T, all []Delivery, last, again func(i int) bool) *store.DB {
	t.Helper()
	db := open(t)
	for len(all) > 0 {
		desk, in, done := New(db, Options{}), make(chan Delivery), make(chan error, 1)
		go func() { done <- desk.Run(context.Background(), in, func(Result) {}) }()
		for stop := false; len(all) > 0 && !stop; all = all[1:] {
			v := all[0]
			i := int(v.Sequence)
			v.Last = last(i) || len(all) == 1
			stop = v.Last && again(i)
			in <- v
		}
		close(in)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// homes are the story of each item.
func homes(t *testing.T, db *store.DB) map[string]string {
	t.Helper()
	home := map[string]string{}
	if err := db.View(func(tx *store.Tx) error {
		for it, err := range tx.Items(time.Time{}) {
			if err != nil {
				return err
			}
			home[it.ID] = tx.StoryOf(it.ID)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return home
}

// TestStoriesOfAStream: the same stream in the same batches makes the same stories with the same ids, wherever the program was started again. In other batches it
// makes the same stories, but a story that two articles of one batch share and the next splits may bear the id of the other: that is why a stream says where its batches end.
func TestStoriesOfAStream(t *testing.T) {
	for seed := range uint64(3) {
		all := press(150, seed)
		r := rand.New(rand.NewPCG(seed, 2))
		sixteen := func(i int) bool { return i%16 == 0 }
		want := homes(t, streamed(t, all, sixteen, func(int) bool { return false }))
		if len(want) != len(all) {
			t.Errorf("seed %d: %d items, want %d", seed, len(want), len(all))
		}
		if got := homes(t, streamed(t, all, sixteen, func(int) bool { return r.IntN(3) == 0 })); !maps.Equal(got, want) {
			t.Errorf("seed %d, started again: got %v, want %v", seed, got, want)
		}
		other := homes(t, streamed(t, all, func(int) bool { return r.IntN(20) == 0 }, func(int) bool { return false }))
		for a := range want {
			for b := range want {
				if (want[a] == want[b]) != (other[a] == other[b]) {
					t.Errorf("seed %d: %s and %s are together in some batches only", seed, a, b)
				}
			}
		}
	}
}

// TestABatchOfAStreamIsWhole: a batch whose last delivery did not come is not stored, and the number of what is stored stands beside it.
func TestABatchOfAStreamIsWhole(t *testing.T) {
	all := press(50, 9)
	all[24].Last = true
	db, in := open(t), make(chan Delivery, len(all))
	for _, v := range all {
		in <- v
	}
	close(in)
	if err := New(db, Options{}).Run(context.Background(), in, func(Result) {}); err != nil {
		t.Fatal(err)
	}
	if err := db.View(func(tx *store.Tx) error {
		if tx.Count() != 25 || tx.Sequence() != 25 {
			t.Errorf("got %d items, sequence %d; want 25, 25", tx.Count(), tx.Sequence())
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
