package dedupe

import (
	"math/rand/v2"
	"reflect"
	"testing"
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
		got := map[string]string{}
		for _, a := range all {
			_, got[a.ID], _ = s.Article(a.ID)
		}
		if p := partition(got); !reflect.DeepEqual(p, want) {
			t.Fatalf("got %v, want %v", p, want)
		}
		if held := heldIn(s); held > 700+300 || reads == 0 {
			t.Errorf("%d shingles in memory after %d reads, want at most 700 and one set", held, reads)
		}
	}
}

func heldIn(s *Stories) (n int) {
	for _, m := range s.byID {
		n += m.Set.Len()
	}
	return n
}

// TestPostingsOfArticlesThatLeft: those that cannot be taken back at once are gone after a while, and their numbers are used again.
func TestPostingsOfArticlesThatLeft(t *testing.T) {
	s := NewStories(Options{Load: func(string) Set { return Set{} }})
	a := piece("a", prose(1, 60), 0)
	o := a.Set.Outline()
	a.Set = Set{}
	for range 5000 {
		s.AddOutline(a, o, "")
		s.Settle()
	}
	if n := len(s.nodes); n > 1200 {
		t.Errorf("%d numbers for one article, want about 1,000", n)
	}
	if n := s.index.Postings(); n > 1200*len(o.posted) {
		t.Errorf("%d postings for one article", n)
	}
}

// TestOutline: that of a stored set is that of the set.
func TestOutline(t *testing.T) {
	for _, s := range mixed(100) {
		b, err := s.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var o Outline
		if err := o.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		var x, y Index
		x.Add(1, s)
		y.AddAll(func(yield func(uint32, Outline) bool) { yield(1, o) })
		if !reflect.DeepEqual(x.slots, y.slots) || o.words != s.words || o.weight != s.weight {
			t.Errorf("a set of %d words has another outline when stored", s.words)
		}
	}
}
