package shingle

import (
	"math/bits"
	"slices"
)

// Region is the part of a text that stands in another one: a bit for each of its places.
type Region []uint64

// RegionOf finds the places of a whose shingles stand in b.
func RegionOf(a, b Set) Region {
	r := make(Region, len(a.hashes)/64+1)
	Both(a, b, func(i, _ int) { r.set(a, i) })
	return r
}

// Begins reports whether one of the first n places of a stands in b.
func Begins(a, b Set, n int) bool {
	for i, place := range a.places {
		if int(place>>1) < n {
			if _, ok := slices.BinarySearch(b.hashes, a.hashes[i]); ok {
				return true
			}
		}
	}
	return false
}

// set adds the place of the i-th shingle of the text.
func (r Region) set(a Set, i int) {
	place := min(int(a.places[i]>>1), len(a.hashes)-1)
	r[place/64] |= 1 << (place % 64)
}

// Size is the number of places in the region.
func (r Region) Size() int {
	n := 0
	for _, w := range r {
		n += bits.OnesCount64(w)
	}
	return n
}

// Overlap is the number of places in both regions of one text.
func (r Region) Overlap(o Region) int {
	n := 0
	for i, w := range r {
		n += bits.OnesCount64(w & o[i])
	}
	return n
}

// Cover adds the places of the other region.
func (r Region) Cover(o Region) {
	for i, w := range o {
		r[i] |= w
	}
}

// Runs is the number of unbroken stretches.
func (r Region) Runs() int {
	n, carry := 0, uint64(0)
	for _, w := range r {
		n += bits.OnesCount64(w &^ (w<<1 | carry))
		carry = w >> 63
	}
	return n
}
