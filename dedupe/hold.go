package dedupe

import (
	"slices"

	"copytaster/dedupe/rule"
	"copytaster/dedupe/shingle"
)

// How much of sets that can be read again is kept in memory. A long text's takes 8 to 24 µs to read, of which 16,000 of 500 words have room: with half of that a first poll
// of 30,000 takes 8 % more CPU, with twice that 1 % less. Of 300,000 reports of 80 words 124,000 are read again, and 392,000 with half of the room.
const (
	roomy    = 8 << 20 // shingles: 48 MB
	mostSets = 50_000
)

// hold keeps sets in memory, the latest only where they can be read again.
type hold struct {
	load func(id string) Set // nil: every set stays
	room int                 // shingles
	size int                 // shingles of those in memory
	sets []Set               // by the slots of their nodes, from 1
	free []uint32            // slots
	in   []uint32            // the numbers of nodes whose sets are in memory, the longest first, with some whose are not
}

// set is the node's set, read again if it was let go.
func (s *Stories) set(n *node) Set {
	if n.slot == 0 {
		set := s.hold.load(s.id(n))
		s.keep(n, set)
		return set
	}
	n.used = true
	return s.hold.sets[n.slot]
}

// keep takes the node's set in, and lets go of others while there are too many: of those that came first, but one that was used since comes again as if it were new. Of
// 300,000 items of a first poll 124,000 sets are read again, and 209,000 without that.
func (s *Stories) keep(n *node, set Set) {
	h := &s.hold
	if k := len(h.free); k > 0 {
		n.slot, h.free = h.free[k-1], h.free[:k-1]
	} else {
		n.slot, h.sets = uint32(len(h.sets)), append(h.sets, Set{})
	}
	h.sets[n.slot] = set
	s.sum(n, set)
	h.size += set.Len()
	if h.load == nil {
		return
	}
	if h.in = append(h.in, n.number); len(h.in) > 2*len(h.sets)+1024 {
		seen := map[uint32]bool{}
		h.in = slices.DeleteFunc(h.in, func(number uint32) bool {
			twice := seen[number]
			seen[number] = true
			return twice || s.at(number).slot == 0
		})
	}
	n.used = true
	for ; (h.size > h.room || len(h.sets)-len(h.free) > mostSets) && len(h.in) > 1; h.in = h.in[1:] {
		first := s.at(h.in[0])
		if first.used && first.slot != 0 {
			first.used, h.in = false, append(h.in, first.number)
			continue
		}
		s.release(first)
	}
}

// sum keeps the bitmap of a set, which stays when the set is let go. Of short texts so many shingles are posted that their hits say as much.
func (s *Stories) sum(n *node, set Set) {
	if g := &s.gists[n.number]; g.bitmap == 0 && set.Words() >= shingle.Short {
		number := s.bits.New()
		*s.bits.At(number), g.bitmap = set.Bitmap(rule.Mentioned), number+1
	}
}

// strange reports whether the bitmaps of two articles tell that they do not match.
func (s *Stories) strange(a, b gist) bool {
	return a.bitmap > 0 && b.bitmap > 0 && !s.bits.At(a.bitmap-1).Near(s.bits.At(b.bitmap-1))
}

// release lets go of the node's set.
func (s *Stories) release(n *node) {
	h := &s.hold
	if n.slot == 0 {
		return
	}
	h.size -= h.sets[n.slot].Len()
	h.sets[n.slot] = Set{}
	h.free, n.slot = append(h.free, n.slot), 0
}
