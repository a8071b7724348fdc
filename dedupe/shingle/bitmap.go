package shingle

import (
	"math"
	"math/bits"
)

// Bitmap tells of two sets, without either, whether they may have much in common: each shingle sets one of its bits, so that the sets set the more bits both the more they
// share (Sandes, Teodoro and Melo, "Bitmap filter", 2018). It takes 256 bytes. Of texts of some thousand words most bits are set, and any two may.
type Bitmap struct {
	bits [31]uint64
	ones uint32  // how many are set
	urns float32 // how many of them the weakest match has in common with it, in the mean
}

// bitmapSize is how many bits there are.
const bitmapSize = 31 * 64

// Bitmap makes the set's, to be asked for matches by so much containment and more.
func (s Set) Bitmap(containment float64) Bitmap {
	common := containment * float64(s.weight) / 2 // shingles, if none of them is quoted
	m := Bitmap{urns: float32(bitmapSize * -math.Expm1(-common/bitmapSize))}
	for _, h := range s.hashes {
		bit := uint64(h) * bitmapSize >> 32
		m.bits[bit/64] |= 1 << (bit % 64)
	}
	for _, b := range m.bits {
		m.ones += uint32(bits.OnesCount64(b))
	}
	return m
}

// Near reports whether the two sets may match: it counts the bits that both set, and reports false where that is 3.3 standard deviations below what the weakest match
// has in the mean, so that one in 2,000 of those is missed. In the mean the shingles in common set as many bits as balls thrown at random fill urns, and of the bits
// beside those, of which each set is known to set so many, as many meet as of two random draws.
func (m *Bitmap) Near(o *Bitmap) bool {
	both := 0
	for i := range m.bits {
		both += bits.OnesCount64(m.bits[i] & o.bits[i])
	}
	urns := float64(min(m.urns, o.urns))
	free := bitmapSize - urns
	a, b := (float64(m.ones)-urns)/free, (float64(o.ones)-urns)/free // shares of the free bits
	missing := urns + a*b*free - float64(both)
	if missing <= 0 {
		return true
	}
	neither := (1 - a) * (1 - b)
	x := urns / bitmapSize
	variance := free*a*b*neither + neither*neither*free*x*x*(1./2+x/6+x*x/12) // the latter that of the urns, e^-load (1 - (1+load) e^-load) of all, as a series
	return missing*missing <= 3.3*3.3*variance
}
