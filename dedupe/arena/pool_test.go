package arena

import (
	"math/rand/v2"
	"testing"
)

// TestPool: what is kept under a number stays there until it is dropped, a new one is zero, and room that was dropped is used again.
func TestPool(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	var pool Pool[[2]int]
	in := map[uint32]*[2]int{}
	most := 0
	for i := range 5000 {
		if r.IntN(5) < 2 {
			for number, at := range in {
				if *at != [2]int{int(number), -int(number)} || pool.At(number) != at {
					t.Fatalf("under %d is %v", number, *at)
				}
				pool.Drop(number)
				delete(in, number)
				break
			}
			continue
		}
		number := pool.New()
		at := pool.At(number)
		if in[number] != nil || *at != [2]int{} {
			t.Fatalf("step %d: %d is new, and has %v", i, number, *at)
		}
		*at = [2]int{int(number), -int(number)}
		in[number] = at
		most = max(most, len(in))
	}
	if got := len(pool.slabs) * slab; got >= most+slab {
		t.Errorf("room for %d, where there were %d at the most", got, most)
	}
}
