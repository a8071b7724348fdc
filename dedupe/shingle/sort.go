package shingle

import (
	"cmp"
	"math/bits"
	"slices"
)

// sorter orders keys in memory that it keeps.
type sorter struct {
	out []uint64
	at  []uint32 // scratch of byHash
}

// sort orders keys by a pass over 512 buckets of the top bits and an insertion sort over what is then nearly in order. The result is
// good until the next call.
func (t *sorter) sort(keys []uint64) []uint64 {
	var at [513]int32
	for _, k := range keys {
		at[k>>55+1]++
	}
	for i := 1; i < len(at); i++ {
		at[i] += at[i-1]
	}
	if len(t.out) < len(keys) {
		t.out = make([]uint64, len(keys)+len(keys)/4)
	}
	out := t.out[:len(keys)]
	for _, k := range keys {
		out[at[k>>55]] = k
		at[k>>55]++
	}
	for i := 1; i < len(out); i++ {
		k, j := out[i], i
		for ; j > 0 && out[j-1] > k; j-- {
			out[j] = out[j-1]
		}
		out[j] = k
	}
	return out
}

// byHash orders slots by their hashes, those of one hash as they were: by three passes over 4,096 buckets, of which the last is spared where the first byte is the
// same in all. The result is good until the next call.
func (t *sorter) byHash(slots []uint64) []uint64 {
	const digit, mask = 12, 1<<12 - 1
	if len(slots) < mask/8 {
		slices.SortStableFunc(slots, func(a, b uint64) int { return cmp.Compare(a>>32, b>>32) })
		return slots
	}
	t.out = slices.Grow(t.out[:0], len(slots))
	t.at = slices.Grow(t.at[:0], mask+2)
	from, to := slots, t.out[:len(slots)]
	for shift := 32; shift < 64; shift += digit {
		at := t.at[:mask+2]
		clear(at)
		for _, k := range from {
			at[k>>shift&mask+1]++
		}
		if int(at[from[0]>>shift&mask+1]) == len(from) {
			continue
		}
		for i := 1; i < len(at); i++ {
			at[i] += at[i-1]
		}
		for _, k := range from {
			to[at[k>>shift&mask]] = k
			at[k>>shift&mask]++
		}
		from, to = to, from
	}
	return from
}

// gaps is a set of places of a text that tells how many of them lie before another. The zero gaps are empty.
type gaps struct {
	marks  []uint64
	before []uint32 // beside marks: how many lie before each
}

// add puts in a place of a text of so many.
func (g *gaps) add(place uint32, of int) {
	if g.marks == nil {
		g.marks = make([]uint64, of/64+1)
	}
	g.marks[place/64] |= 1 << (place % 64)
}

// count makes the gaps ready to be asked.
func (g *gaps) count() {
	g.before = make([]uint32, len(g.marks))
	for i := 1; i < len(g.marks); i++ {
		g.before[i] = g.before[i-1] + uint32(bits.OnesCount64(g.marks[i-1]))
	}
}

// rank is how many of the places lie before the one given.
func (g *gaps) rank(place uint32) uint32 {
	if g.marks == nil {
		return 0
	}
	return g.before[place/64] + uint32(bits.OnesCount64(g.marks[place/64]&(1<<(place%64)-1)))
}
