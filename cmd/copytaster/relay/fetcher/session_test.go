package fetcher

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// town is a model of the keys that sessions see, and of what each of them serves.
type town struct {
	partitions int
	alive      map[string]bool
	owners     map[int]owner
	serves     map[string]map[int]bool // false: being given up
	revision   uint64
}

// act has a session carry out what it plans when it sees the town; some writes fail, as where another was first.
func (w *town) act(t *testing.T, id string, fails func() bool) {
	v := view{me: id, partitions: w.partitions, alive: w.alive, owners: w.owners, mine: map[int]bool{}, leaving: map[int]bool{}}
	for n, serving := range w.serves[id] {
		v.mine[n], v.leaving[n] = true, !serving
	}
	d := plan(v)
	for n, revision := range d.take {
		if revision != w.owners[n].revision {
			t.Fatalf("%s takes %d at revision %d, it stands at %d", id, n, revision, w.owners[n].revision)
		}
		if !fails() {
			w.write(n, id)
			w.serves[id][n] = true
		}
	}
	for _, n := range d.serve {
		w.serves[id][n] = true
	}
	for _, n := range d.giveUp {
		if w.serves[id][n] {
			w.serves[id][n] = false
		} else if !fails() {
			w.write(n, nobody)
			delete(w.serves[id], n)
		}
	}
}

func (w *town) write(n int, who string) {
	w.revision++
	w.owners[n] = owner{who, w.revision}
}

// check wants no partition with two who serve it.
func (w *town) check(t *testing.T) {
	for n := range w.partitions {
		var who []string
		for id := range w.alive {
			if _, has := w.serves[id][n]; has {
				who = append(who, id)
			}
		}
		if len(who) > 1 {
			t.Fatalf("partition %d is served by %v", n, who)
		}
	}
}

// TestPlan: whatever comes and goes, no partition is served by two, and soon after things are quiet each is served by one, and all have as many.
func TestPlan(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 3))
		w := &town{partitions: 64, alive: map[string]bool{}, owners: map[int]owner{}, serves: map[string]map[int]bool{}}
		for step := range 150 {
			if id := fmt.Sprint("s", r.IntN(6), "-", step/40); r.IntN(10) == 0 && len(w.alive) < 8 && !w.alive[id] {
				w.alive[id], w.serves[id] = true, map[int]bool{}
			}
			for id := range w.alive {
				switch {
				case r.IntN(60) == 0 && len(w.alive) > 1: // ends, or is fenced: its key is gone
					delete(w.alive, id)
					delete(w.serves, id)
				default:
					w.act(t, id, func() bool { return r.IntN(5) == 0 })
				}
				w.check(t)
			}
		}
		w.alive["last"], w.serves["last"] = true, map[int]bool{}
		for range 4 {
			for id := range w.alive {
				w.act(t, id, func() bool { return false })
				w.check(t)
			}
		}
		most := (64 + len(w.alive) - 1) / len(w.alive)
		for id := range w.alive {
			if n := len(w.serves[id]); n > most || n == 0 {
				t.Errorf("seed %d: %s serves %d partitions, want %d at most", seed, id, n, most)
			}
		}
	}
}

// TestWhoIsLateIsFencedFirst: nobody takes a partition of a session whose key is still there.
func TestWhoIsLateIsFencedFirst(t *testing.T) {
	v := view{me: "a", partitions: 8, alive: map[string]bool{"a": true, "b": false}, fences: map[string]uint64{"b": 7}, owners: map[int]owner{}}
	for n := range 8 {
		v.owners[n] = owner{"b", uint64(n)}
	}
	if d := plan(v); len(d.take) > 0 || d.fence["b"] != 7 {
		t.Errorf("got %+v, want b fenced and nothing taken", d)
	}
	delete(v.alive, "b")
	delete(v.fences, "b")
	if d := plan(v); len(d.take) != 8 {
		t.Errorf("got %+v, want all taken once b's key is gone", d)
	}
}

// TestShare: one that comes moves little of what others have among themselves.
func TestShare(t *testing.T) {
	alive := map[string]bool{"a": true, "b": true, "c": true, "gone": false}
	before := share(64, alive)
	alive["d"] = true
	moved := 0
	for n, id := range share(64, alive) {
		if id != before[n] && id != "d" {
			moved++
		}
	}
	if moved > 16 {
		t.Errorf("%d partitions moved among those who were there, want 16 at most", moved)
	}
}
