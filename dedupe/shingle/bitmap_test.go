package shingle

import (
	"math/rand/v2"
	"testing"
)

// pair makes two sets of so many shingles each, so many of which are in both.
func pair(r *rand.Rand, a, b, both int) (Set, Set) {
	keys := func(n int) (keys []uint64) {
		for i := range n {
			keys = append(keys, uint64(r.Uint32())<<32|uint64(i)<<1)
		}
		return keys
	}
	x, y := keys(a), keys(b)
	copy(y, x[:both])
	s, t := Set{words: a + 3}, Set{words: b + 3}
	s.fill(x, new(sorter))
	t.fill(y, new(sorter))
	return s, t
}

// TestBitmap: of the weakest matches hardly any is missed, of pairs with half as much in common hardly any is near, and what is said of a pair does not hang on
// which of the two is asked.
func TestBitmap(t *testing.T) {
	const containment, n = 0.3, 3000
	r := rand.New(rand.NewPCG(6, 6))
	for _, size := range []struct {
		a, b   int
		passed float64 // of pairs with half as much in common
	}{{100, 100, .2}, {500, 500, .005}, {300, 900, .25}, {1200, 1200, .05}, {100, 3000, 1}, {5000, 5000, 1}} {
		count := func(both int) (near float64) {
			for range n {
				a, b := pair(r, size.a, size.b, both)
				x, y := a.Bitmap(containment), b.Bitmap(containment)
				said := x.Near(&y)
				if y.Near(&x) != said {
					t.Fatalf("%d and %d: %v one way and %v the other", size.a, size.b, said, !said)
				}
				if said {
					near += 1. / n
				}
			}
			return near
		}
		least := int(containment*float64(size.a)) + 1
		if missed := 1 - count(least); missed > 0.001 {
			t.Errorf("%d and %d shingles: %.4f of the weakest matches are missed, want at most one in 1,000", size.a, size.b, missed)
		}
		if passed := count(least / 2); passed > size.passed {
			t.Errorf("%d and %d shingles: %.4f of pairs with half as much in common are near, want at most %v", size.a, size.b, passed, size.passed)
		}
	}
}

// TestBitmapsOfTexts: no copy is missed among texts that are cut from others, and most pairs of strangers are.
func TestBitmapsOfTexts(t *testing.T) {
	sets := mixed(300)
	strangers, near := 0, 0
	for i, a := range sets {
		for _, b := range sets[:i] {
			x, y := a.Bitmap(0.3), b.Bitmap(0.3)
			said, most := x.Near(&y), Compare(a, b).Most()
			if most >= 0.4 && !said {
				t.Errorf("%d words and %d: a containment of %.2f is missed", a.Words(), b.Words(), most)
			}
			if most == 0 && min(a.Words(), b.Words()) >= Short {
				strangers++
				if said {
					near++
				}
			}
		}
	}
	if strangers == 0 || near > strangers/500 {
		t.Errorf("%d of %d pairs of strangers are near", near, strangers)
	}
}

func BenchmarkBitmap(b *testing.B) {
	x, y := pair(rand.New(rand.NewPCG(8, 8)), 500, 500, 100)
	m, o := x.Bitmap(0.3), y.Bitmap(0.3)
	for b.Loop() {
		m.Near(&o)
	}
}
