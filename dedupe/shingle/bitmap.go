package shingle

import (
	"math"
	"math/bits"
)

// Bitmap tells of two sets, without either, whether they may have much in common: each shingle sets one of its bits, so that the sets set the more bits both the more they
// share (Sandes, Teodoro and Melo, "Bitmap filter", 2018). It takes 256 bytes. Of texts of some thousand words most bits are set, and any two may.
type Bitmap struct {
	bits         [31]uint64
	ones, weight uint32
}

// bitmapSize is how many bits there are.
const bitmapSize = 31 * 64

// Bitmap makes the set's.
func (s Set) Bitmap() Bitmap {
	m := Bitmap{weight: uint32(s.weight)}
	for _, h := range s.hashes {
		bit := uint64(h) * bitmapSize >> 32
		m.bits[bit/64] |= 1 << (bit % 64)
	}
	for _, b := range m.bits {
		m.ones += uint32(bits.OnesCount64(b))
	}
	return m
}

// Near reports whether the two sets may match by so much containment: it counts the bits that both set, and reports false where that is 3.3 standard deviations
// below what the weakest such match has in the mean, so that one in 2,000 of those is missed. In the mean the shingles in common set as many bits as balls thrown
// at random fill urns, and of the bits beside those, of which each set is known to set so many, as many meet as of two random draws.
func (m *Bitmap) Near(o *Bitmap, containment float64) bool {
	both := 0
	for i := range m.bits {
		both += bits.OnesCount64(m.bits[i] & o.bits[i])
	}
	load := containment * float64(min(m.weight, o.weight)) / 2 / bitmapSize // of the shingles in common, if none of them is quoted
	free := math.Exp(-load) * bitmapSize
	urns := bitmapSize - free
	a, b := (float64(m.ones)-urns)/free, (float64(o.ones)-urns)/free // shares of the free bits
	missing := urns + a*b*free - float64(both)
	if missing <= 0 {
		return true
	}
	neither := (1 - a) * (1 - b)
	variance := free*a*b*neither + neither*neither*free*(1-(1+load)*free/bitmapSize)
	return missing*missing <= 3.3*3.3*variance
}
