package dedupe

import "math/bits"

// region is the part of a text that stands in another one: a bit for each of its places.
type region []uint64

// regionOf finds the places of a whose shingles stand in b.
func regionOf(a, b Set) region {
	r := make(region, len(a.hashes)/64+1)
	both(a, b, func(i, _ int) { r.set(a, i) })
	return r
}

// regionsOf finds the places of each text whose shingles stand in the other.
func regionsOf(a, b Set) (inA, inB region) {
	inA, inB = make(region, len(a.hashes)/64+1), make(region, len(b.hashes)/64+1)
	both(a, b, func(i, j int) {
		inA.set(a, i)
		inB.set(b, j)
	})
	return inA, inB
}

// set adds the place of the i-th shingle of the text.
func (r region) set(a Set, i int) {
	place := min(int(a.places[i]>>1), len(a.hashes)-1)
	r[place/64] |= 1 << (place % 64)
}

// size is the number of places in the region.
func (r region) size() int {
	n := 0
	for _, w := range r {
		n += bits.OnesCount64(w)
	}
	return n
}

// overlap is the number of places in both regions of one text.
func (r region) overlap(o region) int {
	n := 0
	for i, w := range r {
		n += bits.OnesCount64(w & o[i])
	}
	return n
}

// cover adds the places of the other region.
func (r region) cover(o region) {
	for i, w := range o {
		r[i] |= w
	}
}

// runs is the number of unbroken stretches.
func (r region) runs() int {
	n, carry := 0, uint64(0)
	for _, w := range r {
		n += bits.OnesCount64(w &^ (w<<1 | carry))
		carry = w >> 63
	}
	return n
}

// first is the first place of the region, or behind its end if it is empty.
func (r region) first() int {
	for i, w := range r {
		if w != 0 {
			return i*64 + bits.TrailingZeros64(w)
		}
	}
	return len(r) * 64
}
