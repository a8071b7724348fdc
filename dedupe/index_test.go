package dedupe

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// mixed makes n texts of 30 to 700 words; two in three hold a part of an earlier one, from its head or its middle.
func mixed(n int) []Set {
	r := rand.New(rand.NewPCG(5, 5))
	texts := make([][]string, n)
	sets := make([]Set, n)
	for i := range texts {
		t := strings.Fields(prose(uint64(5000+i), 30+r.IntN(400)))
		if i%3 > 0 {
			from := texts[r.IntN(i)]
			at := 0
			if r.IntN(2) == 0 {
				at = r.IntN(len(from) / 2)
			}
			t = slices.Concat(t[:r.IntN(len(t))], from[at:at+(len(from)-at)*(1+r.IntN(4))/4])
		}
		texts[i], sets[i] = t, Shingles(text(strings.Join(t, " ")))
	}
	return sets
}

// TestIndexFindsWhatBruteForceFinds holds the recall of the candidates over all pairs that contain one another by .5 or more.
func TestIndexFindsWhatBruteForceFinds(t *testing.T) {
	sets := mixed(600)
	var x Index
	for i, s := range sets {
		x.Add(uint32(i), s)
	}
	pairs, missed, useless, all := 0, 0, 0, 0
	for i, s := range sets {
		found := x.Candidates(s, nil)
		all += len(found)
		for j := range sets[:i] {
			in := slices.ContainsFunc(found, func(c Candidate) bool {
				return c.Number == uint32(j) && c.Hits >= leastHits(s.Words(), sets[j].Words())
			})
			m := Compare(s, sets[j])
			if m.Most() >= 0.5 && m.Shared >= minShared {
				pairs++
				if !in {
					missed++
				}
			} else if in && m.Most() < 0.1 {
				useless++
			}
		}
	}
	if recall := 1 - float64(missed)/float64(pairs); recall < 0.98 {
		t.Errorf("recall %.4f over %d pairs, want .98", recall, pairs)
	}
	if useless > len(sets) {
		t.Errorf("%d candidates with nothing to share, want fewer than %d", useless, len(sets))
	}
}

// TestIndexHoldsWhatIsIn adds and removes at random and holds the answers against those of an index made of what is left.
func TestIndexHoldsWhatIsIn(t *testing.T) {
	sets := mixed(300)
	r := rand.New(rand.NewPCG(9, 9))
	var x Index
	in := map[uint32]bool{}
	for range 2000 {
		i := uint32(r.IntN(len(sets)))
		if in[i] {
			x.Remove(i, sets[i])
		} else {
			x.Add(i, sets[i])
		}
		in[i] = !in[i]
	}
	var y Index
	y.AddAll(func(yield func(uint32, Outline) bool) {
		for i, s := range sets {
			if in[uint32(i)] && !yield(uint32(i), s.Outline()) {
				return
			}
		}
	})
	if x.Postings() != y.Postings() {
		t.Errorf("%d postings, want %d", x.Postings(), y.Postings())
	}
	for i, s := range sets {
		if got, want := x.Candidates(s, nil), y.Candidates(s, nil); !slices.Equal(got, want) {
			t.Errorf("candidates of %d: %v, want %v", i, got, want)
		}
	}
	for i := range in {
		if in[i] {
			x.Remove(i, sets[i])
		}
	}
	if x.Postings() != 0 || slices.ContainsFunc(x.slots, func(s uint64) bool { return s != 0 }) {
		t.Errorf("%d postings left", x.Postings())
	}
}

func TestIndexDoesNotChokeOnOneText(t *testing.T) {
	s := Shingles(text(prose(1, 100)))
	var x Index
	for i := range uint32(5000) {
		x.Add(i, s)
	}
	if got := len(x.Candidates(s, nil)); got != maxPostings {
		t.Errorf("%d candidates, want %d", got, maxPostings)
	}
	var none Index
	none.Remove(1, s)
	if got := none.Candidates(s, nil); len(got) > 0 {
		t.Errorf("an empty index gives %v", got)
	}
}
