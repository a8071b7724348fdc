package shingle

import "math/bits"

// Gauge measures one set against many: it has the hashes of the one in a table, of which most ask an empty place for a shingle that they do not
// share, where two sorted lists are merged step by step. The zero Gauge holds an empty set. It is for one goroutine.
type Gauge struct {
	set   Set
	slots []uint64 // hash << 32 | quoted << 1 | 1, 0 is free: open addressing by the lowest bits, a quarter full at the most
}

// Hold makes the set the one that is measured.
func (g *Gauge) Hold(s Set) {
	size := 1 << bits.Len(uint(4*len(s.hashes)))
	if cap(g.slots) < size {
		g.slots = make([]uint64, size)
	}
	g.set, g.slots = s, g.slots[:size]
	clear(g.slots)
	for i, h := range s.hashes {
		at := int(h) & (size - 1)
		for g.slots[at] != 0 {
			at = (at + 1) & (size - 1)
		}
		g.slots[at] = uint64(h)<<32 | uint64(s.places[i]&1)<<1 | 1
	}
}

// Set is what is held.
func (g *Gauge) Set() Set { return g.set }

// Measure is Measure of the set that is held and b.
func (g *Gauge) Measure(b Set) Common {
	slots, mask := g.slots, uint32(len(g.slots)-1)
	if len(slots) == 0 {
		return Common{onlyB: uint32(b.weight)}
	}
	var both, inA, inB, plain uint32 // in both; quoted in a, in b; in neither
	for i, h := range b.hashes {
		// no branch for what is in both, which would be guessed wrong as often as not: only for one that another one's place is taken by
		at := h & mask
		slot := slots[at]
		for (uint32(slot>>32)^h)*uint32(slot&1) != 0 {
			at = (at + 1) & mask
			slot = slots[at]
		}
		found, a, b := uint32(slot&1), uint32(slot>>1&1), uint32(b.places[i]&1)
		both += found
		inA += found & a
		inB += found & b
		plain += found &^ (a | b)
	}
	return Common{shared: plain, both: both + plain, onlyA: uint32(g.set.weight) - 2*both + inA, onlyB: uint32(b.weight) - 2*both + inB}
}
