package shingle

// Match says how two texts lie to each other, after Broder, "On the resemblance and containment of documents" (1997), with a
// shingle that is quoted in either text at half weight. All shares are parts of 1, and 0 if a text is empty.
type Match struct {
	Resemblance float64 `json:"resemblance"` // weight of what both hold over the weight of what either holds; symmetric
	ContainsA   float64 `json:"contains_a"`  // the share of a that stands in b: 1 if b holds all of a
	ContainsB   float64 `json:"contains_b"`  // the share of b that stands in a
	Shared      int     `json:"shared"`      // shingles of both that neither quotes
}

// Most is the larger of the two containments.
func (m Match) Most() float64 { return max(m.ContainsA, m.ContainsB) }

// Swap is the match seen from the other side.
func (m Match) Swap() Match {
	m.ContainsA, m.ContainsB = m.ContainsB, m.ContainsA
	return m
}

// Compare measures two sets against each other exactly. Compare(a, b) and Compare(b, a) differ only in that the containments are exchanged.
func Compare(a, b Set) Match { return Measure(a, b).Match() }

// Measure is Compare without the last step.
func Measure(a, b Set) Common {
	c := Common{onlyA: uint32(a.weight), onlyB: uint32(b.weight)}
	Both(a, b, func(i, j int) { c.add(a.places[i], b.places[j]) })
	return c
}

// Common is what a Match is made of: weights in halves of what is in both sets and in one alone, and the number of shingles of both that neither quotes.
type Common struct{ shared, both, onlyA, onlyB uint32 }

// add takes a shingle that stands at both places.
func (c *Common) add(a, b uint16) {
	w := uint32(weightOf(a | b))
	c.both += w
	c.shared += w >> 1
	c.onlyA -= uint32(weightOf(a))
	c.onlyB -= uint32(weightOf(b))
}

// Match makes the figures.
func (c Common) Match() Match {
	if c.both == 0 {
		return Match{}
	}
	part := func(of uint32) float64 { return float64(c.both) / float64(c.both+of) }
	return Match{Shared: int(c.shared), ContainsA: part(c.onlyA), ContainsB: part(c.onlyB), Resemblance: part(c.onlyA + c.onlyB)}
}

// Brief is a Common to be kept, in half the memory. Of texts of more than 32,767 shingles the figures are halved until they fit, and shares a ten-thousandth off.
type Brief struct{ shared, both, onlyA, onlyB uint16 }

// Brief is c in brief.
func (c Common) Brief() Brief {
	for max(c.shared, c.both, c.onlyA, c.onlyB) >= 1<<16 {
		c = Common{c.shared / 2, c.both / 2, c.onlyA / 2, c.onlyB / 2}
	}
	return Brief{uint16(c.shared), uint16(c.both), uint16(c.onlyA), uint16(c.onlyB)}
}

// Match makes the figures.
func (b Brief) Match() Match {
	return Common{uint32(b.shared), uint32(b.both), uint32(b.onlyA), uint32(b.onlyB)}.Match()
}

// Most is Most of the Match.
func (b Brief) Most() float64 {
	if b.both == 0 {
		return 0
	}
	return float64(b.both) / (float64(b.both) + float64(min(b.onlyA, b.onlyB)))
}

// Swap is what is common seen from the other side.
func (b Brief) Swap() Brief {
	b.onlyA, b.onlyB = b.onlyB, b.onlyA
	return b
}

// Both calls f with the indexes of every shingle that is in both sets.
func Both(a, b Set, f func(i, j int)) {
	for i, j := 0, 0; i < len(a.hashes) && j < len(b.hashes); {
		x, y := a.hashes[i], b.hashes[j]
		if x == y {
			f(i, j)
		}
		if x <= y {
			i++
		}
		if y <= x {
			j++
		}
	}
}
