package shingle

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"copytaster/dedupe/shingle/sample"
)

// mixed makes the sets of n texts of which two in three hold a part of an earlier one.
func mixed(n int) []Set {
	var sets []Set
	for _, s := range sample.Mixed(n) {
		sets = append(sets, Shingles(text(s)))
	}
	return sets
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
		if got, want := candidates(&x, s), candidates(&y, s); !slices.Equal(got, want) {
			t.Errorf("candidates of %d: %v, want %v", i, got, want)
		}
	}
	for i := range in {
		if in[i] {
			x.Remove(i, sets[i])
		}
	}
	if x.Postings() != 0 || slices.ContainsFunc(sets, func(s Set) bool { return len(x.Candidates(s, nil)) > 0 }) {
		t.Errorf("%d postings left", x.Postings())
	}
}

// candidates are those of the set, by number.
func candidates(x *Index, s Set) []Candidate {
	return slices.SortedFunc(slices.Values(x.Candidates(s, nil)), func(a, b Candidate) int { return cmp.Compare(a.Number, b.Number) })
}

func TestIndexDoesNotChokeOnOneText(t *testing.T) {
	s := Shingles(text(sample.Prose(1, 100)))
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

// TestOutline: that of a stored set is that of the set.
func TestOutline(t *testing.T) {
	for _, s := range mixed(100) {
		b, err := s.Outline().MarshalBinary()
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
		if !slices.Equal(x.recent, y.recent) || o.words != s.words || o.weight != s.weight {
			t.Errorf("a set of %d words has another outline when stored", s.words)
		}
	}
}

// TestManyAtOnce: whether texts come one by one or many at once, to an empty table or to one that has some, what is found is the same.
func TestManyAtOnce(t *testing.T) {
	sets := mixed(900)
	for range 300 {
		sets = append(sets, sets[7]) // more than one hash may have
	}
	for _, first := range []int{0, 100, 500, 1100} {
		var one, many Index
		for i, s := range sets {
			one.Add(uint32(i), s)
		}
		add := func(from, to int) {
			many.AddAll(func(yield func(uint32, Outline) bool) {
				for i := from; i < to && yield(uint32(i), sets[i].Outline()); i++ {
				}
			})
		}
		add(0, first)
		add(first, len(sets))
		if one.Postings() != many.Postings() {
			t.Errorf("%d first: %d postings, want %d", first, many.Postings(), one.Postings())
		}
		for i, s := range sets {
			if got, want := candidates(&many, s), candidates(&one, s); !slices.Equal(got, want) {
				t.Fatalf("%d first: candidates of %d: %v, want %v", first, i, got, want)
			}
		}
	}
}

// TestLayers holds what is found in many postings, which came in batches of all sizes and of which some left, against what there is to be found.
func TestLayers(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	pool := make([]uint32, 20_000)
	for i := range pool {
		pool[i] = r.Uint32()
	}
	sets := make([]Set, 2500)
	for i := range sets {
		var keys []uint64
		for j := range 400 {
			keys = append(keys, uint64(pool[r.IntN(len(pool))])<<32|uint64(j)<<1)
		}
		sets[i] = Set{words: Short - 1} // of which half is posted
		sets[i].fill(keys, new(sorter))
	}
	var x Index
	in := map[uint32]bool{}
	for _, size := range []int{20, 1980, 1, 100, 100, 5, 60} {
		from := len(in)
		x.AddAll(func(yield func(uint32, Outline) bool) {
			for i := from; i < from+size && yield(uint32(i), sets[i].Outline()); i++ {
			}
		})
		for i := range size {
			in[uint32(from+i)] = true
		}
		for range size / 4 {
			i := uint32(r.IntN(from + size))
			if in[i] {
				x.Remove(i, sets[i])
			}
			in[i] = false
		}
		if from == 0 {
			x.Purge(func(number uint32) bool { return number%10 == 9 && in[number] })
			in[9], in[19] = false, false
		}
		for range 5 {
			s := sets[r.IntN(len(sets))]
			if got, want := candidates(&x, s), plainly(sets, in, s); !slices.Equal(got, want) {
				t.Fatalf("after %d texts: %v, want %v", from+size, got, want)
			}
		}
	}
	if len(x.layers[0].numbers) == 0 || len(x.layers[1].numbers) == 0 || len(x.recent) == 0 {
		t.Errorf("layers of %d and %d postings and %d recent ones: not all are tried", x.layers[0].len(), x.layers[1].len(), len(x.recent))
	}
}

// plainly are the candidates of a set among those that are in.
func plainly(sets []Set, in map[uint32]bool, s Set) (all []Candidate) {
	mine := s.posted(nil)
	for i, o := range sets {
		hits := 0
		for _, h := range o.posted(nil) {
			if _, ok := slices.BinarySearch(mine, h); ok {
				hits++
			}
		}
		if in[uint32(i)] && hits >= minHits {
			all = append(all, Candidate{uint32(i), uint32(hits)})
		}
	}
	return all
}
