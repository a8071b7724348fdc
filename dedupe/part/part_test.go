package part

import (
	"cmp"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// TestPartsAreThoseOfThePlainRule: of all pairs in their order, again until nothing merges.
func TestPartsAreThoseOfThePlainRule(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for i := range 300 {
		g := random(r, 60)
		plain := g
		plain.Pairs = slices.Clone(g.Pairs)
		want := plainly(plain)
		if n := len(want); i == 0 && (n < 3 || n > 50) {
			t.Errorf("%d parts of 60 say little", n)
		}
		if got := g.Parts(); !reflect.DeepEqual(got, want) {
			t.Fatalf("graph %d: got %v, want %v", i, got, want)
		}
	}
}

// random makes things within four days that lie on a line: the nearer the better they match, and few match far ones.
func random(r *rand.Rand, n int) Graph {
	g := Graph{Times: make([]time.Time, n), Window: 72 * time.Hour}
	at := make([]float64, n)
	for i := range g.Times {
		at[i] = 4 * r.Float64()
		if r.IntN(10) > 0 {
			g.Times[i] = time.Unix(int64(r.IntN(96*3600)), 0)
		}
	}
	slices.SortFunc(g.Times, func(a, b time.Time) int { return a.Compare(b) })
	for a := range n {
		for b := a + 1; b < n; b++ {
			near := 1 - max(at[a]-at[b], at[b]-at[a])
			if r.Float64() < near {
				g.Pairs = append(g.Pairs, Pair{float64(int(10*near)) / 10, r.Float64(), int32(a), int32(b), r.IntN(200) == 0})
			}
		}
	}
	if r.IntN(3) == 0 {
		g.Ties = [][2]int32{{3, 40}}
		g.Apart = func(a, b int32) bool { return cmp.Compare(a, 20)*cmp.Compare(b, 20) < 0 && (a+b)%17 == 0 }
	}
	return g
}

func plainly(g Graph) [][]int32 {
	m := newMerger(&g)
	for _, t := range g.Ties {
		m.join(t[0], t[1])
	}
	slices.SortFunc(g.Pairs, Pair.compare)
	for again := true; again; {
		again = false
		for _, p := range g.Pairs {
			if a, b := m.in[p.A], m.in[p.B]; a != b && m.mayMerge(a, b, p.Firm) {
				m.join(p.A, p.B)
				again = true
			}
		}
	}
	return m.parts()
}
