package dedupe

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"testing"

	"copytaster/dedupe/shingle"
	"copytaster/dedupe/shingle/sample"
)

// TestSetsThatAreReadAgain: stories are the same where sets are let go and read again, and where articles come without them, are
// replaced and leave.
func TestSetsThatAreReadAgain(t *testing.T) {
	all := window()
	want := partition(settled(NewStories(Options{}), all...))
	sets := map[string]Set{}
	for _, a := range all {
		sets[a.ID] = a.Set
	}
	r := rand.New(rand.NewPCG(4, 4))
	for range 20 {
		reads := 0
		s := NewStories(Options{Load: func(id string) Set { reads++; return sets[id] }})
		s.hold.room = 700
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, a := range all {
			s.Add(a, "")
			if r.IntN(3) == 0 {
				s.Settle()
			}
			if r.IntN(3) == 0 {
				s.Remove(a.ID)
				o := a.Set.Outline()
				a.Set = Set{}
				s.AddOutline(a, o, "")
			}
		}
		s.Settle()
		if p := partition(storiesOf(s, all)); !reflect.DeepEqual(p, want) {
			t.Fatalf("got %v, want %v", p, want)
		}
		if held := heldIn(s); held > 700+300 || reads == 0 {
			t.Errorf("%d shingles in memory after %d reads, want at most 700 and one set", held, reads)
		}
	}
}

func heldIn(s *Stories) (n int) {
	for _, set := range s.hold.sets {
		n += set.Len()
	}
	return n
}

// TestPostingsOfArticlesThatLeft: those that cannot be taken back at once are gone after a while, and their numbers are used again.
func TestPostingsOfArticlesThatLeft(t *testing.T) {
	s := NewStories(Options{Load: func(string) Set { return Set{} }})
	a := piece("a", sample.Prose(1, 60), 0)
	o := a.Set.Outline()
	a.Set = Set{}
	for range 5000 {
		s.AddOutline(a, o, "")
		s.Settle()
	}
	if n := len(s.gists); n > 1200 {
		t.Errorf("%d numbers for one article, want about 1,000", n)
	}
	var one shingle.Index
	one.AddAll(maps.All(map[uint32]Outline{0: o}))
	if n := s.index.Postings(); n > 1200*one.Postings() {
		t.Errorf("%d postings for one article", n)
	}
}
