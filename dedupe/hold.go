package dedupe

// roomy is how many shingles of sets that can be read again are kept in memory: 24 MB of them, some 50,000 reports of 80 words.
const roomy = 4 << 20

// hold keeps sets in memory, the latest only where they can be read again.
type hold struct {
	load func(id string) Set // nil: every set stays
	room int                 // shingles
	in   []*node             // whose sets are in memory, the longest first, with some that have left the window
	size int                 // shingles of those
}

// set is the node's set, read again if it was let go.
func (h *hold) set(n *node) Set {
	if n.away {
		n.Set, n.away = h.load(n.ID), false
		h.keep(n)
	}
	return n.Set
}

// keep takes the node's set in, and lets go of those that came first while there are too many.
func (h *hold) keep(n *node) {
	if h.load == nil {
		return
	}
	h.in = append(h.in, n)
	h.size += n.Set.Len()
	for ; h.size > h.room && len(h.in) > 1; h.in = h.in[1:] {
		h.release(h.in[0])
	}
}

// release lets go of the node's set.
func (h *hold) release(n *node) {
	if h.load == nil || n.away {
		return
	}
	h.size -= n.Set.Len()
	n.Set, n.away = n.Set.Hollow(), true
}
