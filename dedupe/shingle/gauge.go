package shingle

import (
	"math"
	"math/bits"
)

// Gauge measures one set against many: it has the hashes of the one in a table, of which most ask an empty place for a shingle that they do not
// share, where two sorted lists are merged step by step. The zero Gauge holds an empty set. It is for one goroutine.
type Gauge struct {
	set   Set
	slots []uint64        // hash << 32 | index + 1, 0 is free: open addressing by the lowest bits, a quarter full at the most
	marks [1 << 10]uint64 // a bit for the lowest 16 of each hash
}

// Hold makes the set the one that is measured.
func (g *Gauge) Hold(s Set) {
	size := 1 << bits.Len(uint(4*len(s.hashes)))
	if cap(g.slots) < size {
		g.slots = make([]uint64, size)
	}
	g.set, g.slots = s, g.slots[:size]
	clear(g.slots)
	clear(g.marks[:])
	for i, h := range s.hashes {
		g.marks[h>>6&(1<<10-1)] |= 1 << (h & 63)
		at := int(h) & (size - 1)
		for g.slots[at] != 0 {
			at = (at + 1) & (size - 1)
		}
		g.slots[at] = uint64(h)<<32 | uint64(i+1)
	}
}

// Set is what is held.
func (g *Gauge) Set() Set { return g.set }

// Measure is Measure of the set that is held and b.
func (g *Gauge) Measure(b Set) Common {
	c := Common{onlyA: uint32(g.set.weight), onlyB: uint32(b.weight)}
	g.count(&c, b, 0, everything)
	return c
}

// Near is Measure unless the two have, by all likelihood, less in common than a match of so much containment. It counts what is in both of a quarter of all
// hashes, then of half of them, and reports false where that is 3.3 standard deviations below what such a match has in the mean: one in 2,000 of the weakest is
// missed, and of most pairs three quarters need not be looked at.
func (g *Gauge) Near(b Set, containment float64) (c Common, near bool) {
	least := containment * float64(min(g.set.weight, b.weight)) / 2 // shingles of the smaller one, if no common one is quoted
	c = Common{onlyA: uint32(g.set.weight), onlyB: uint32(b.weight)}
	both, from := 0, 0
	for _, part := range [...]float64{0.25, 0.5} {
		mean := least * part
		few := mean - 3.3*math.Sqrt(mean*(1-part))
		if from == 0 && float64(g.atMost(b, uint64(part*everything))) < few {
			return Common{}, false
		}
		n, to := g.count(&c, b, from, uint64(part*everything))
		if both, from = both+n, to; float64(both) < few {
			return Common{}, false
		}
	}
	g.count(&c, b, from, everything)
	return c, true
}

// atMost is how many shingles of b whose hashes lie below a bound may be in both: those whose marks are, without a branch for any.
func (g *Gauge) atMost(b Set, below uint64) (n uint64) {
	for _, h := range b.hashes {
		if uint64(h) >= below {
			break
		}
		n += g.marks[h>>6&(1<<10-1)] >> (h & 63) & 1
	}
	return n
}

// everything is what all hashes lie below.
const everything = 1 << 32

// count takes the shingles of b from an index on, as long as their hashes lie below a bound, into c. It says how many are in both, and where it stopped.
func (g *Gauge) count(c *Common, b Set, from int, below uint64) (common, to int) {
	slots, mask := g.slots, uint32(len(g.slots)-1)
	if len(slots) == 0 {
		return 0, len(b.hashes)
	}
	for to = from; to < len(b.hashes) && uint64(b.hashes[to]) < below; to++ {
		h := b.hashes[to]
		at := h & mask
		for slots[at] != 0 && uint32(slots[at]>>32) != h {
			at = (at + 1) & mask
		}
		if slots[at] != 0 {
			c.add(g.set.places[uint32(slots[at])-1], b.places[to])
			common++
		}
	}
	return common, to
}
