package dedupe

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"copytaster/dedupe/shingle"
	"copytaster/dedupe/shingle/sample"
)

// TestMergerIsGreedy holds stories against those of the plain rule: all pairs in their order, again until nothing merges.
func TestMergerIsGreedy(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 20 {
		s, all := tangle(r, 80)
		got, want := itemsOf(s, s.partition(all)), itemsOf(s, s.plainPartition(all))
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		if n := len(got); n < 5 || n > 75 {
			t.Errorf("%d stories of 80 articles say little", n)
		}
	}
}

// tangle makes articles of parts of a few texts, within four days, of which many match.
func tangle(r *rand.Rand, n int) (s *Stories, all []*node) {
	var words [4][]string
	for i := range words {
		words[i] = strings.Fields(sample.Prose(r.Uint64(), 200))
	}
	s = NewStories(Options{})
	for i := range n {
		var body []string
		for _, w := range words[:1+r.IntN(len(words))] {
			from := r.IntN(len(w))
			body = append(body, w[from:from+r.IntN(len(w)-from)]...)
		}
		id := fmt.Sprint(i)
		s.Add(piece(id, strings.Join(body, " "), r.IntN(96)), "")
		m := s.named(id)
		for _, o := range all {
			c := shingle.Measure(s.set(m), s.set(o))
			s.connect(m, edge{o.number, s.decide(m, o, s.set(m), s.set(o), c.Match()), c})
		}
		all = append(all, m)
	}
	slices.SortFunc(all, s.earlier)
	return s, all
}

func (s *Stories) plainPartition(all []*node) [][]*node {
	m := s.merger(all)
	links := m.matches()
	slices.SortFunc(links, pair.compare)
	for again := true; again; {
		again = false
		for _, l := range links {
			if m.in[l.a] != m.in[l.b] && m.try(l) {
				again = true
			}
		}
	}
	return m.parts()
}

func itemsOf(s *Stories, parts [][]*node) (ids [][]string) {
	for _, p := range parts {
		ids = append(ids, s.itemIDs(p))
	}
	return ids
}
