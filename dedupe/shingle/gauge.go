package shingle

import "math/bits"

// Gauge measures one set against many: it has the hashes of the one in a table, of which most ask an empty place for a shingle that they do not
// share, where two sorted lists are merged step by step. The zero Gauge holds an empty set. It is for one goroutine.
type Gauge struct {
	set   Set
	slots []uint64 // hash << 32 | index + 1, 0 is free: open addressing by the lowest bits, a quarter full at the most
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
		g.slots[at] = uint64(h)<<32 | uint64(i+1)
	}
}

// Set is what is held.
func (g *Gauge) Set() Set { return g.set }

// Measure is Measure of the set that is held and b.
func (g *Gauge) Measure(b Set) Common {
	c := Common{onlyA: uint32(g.set.weight), onlyB: uint32(b.weight)}
	slots, mask := g.slots, uint32(len(g.slots)-1)
	if len(slots) == 0 {
		return c
	}
	for i, h := range b.hashes {
		at := h & mask
		for slots[at] != 0 && uint32(slots[at]>>32) != h {
			at = (at + 1) & mask
		}
		if slots[at] != 0 {
			c.add(g.set.places[uint32(slots[at])-1], b.places[i])
		}
	}
	return c
}
