package dedupe

import (
	"slices"

	"copytaster/dedupe/rule"
	"copytaster/dedupe/shingle"
)

// edge is a match seen from one side: ContainsA of the match is the share of the node that has the edge. There are millions, so they have no pointers and 16 bytes.
type edge struct {
	to   uint32
	rule rule.Rule // nothing: nothing is left of it but the outlet's standing text
	bare bool      // measured without outlets' standing text
	has  shingle.Brief
}

// firm reports whether the edge is not by text: an address, an agency id, the configuration.
func (e edge) firm() bool { return e.rule == rule.Linked }

// strong reports whether the two match by a rule that joins.
func (e edge) strong() bool { return e.rule > rule.Mention }

// strength orders edges: what is firm, then by containment.
func (e edge) strength() float64 {
	if e.firm() {
		return 2
	}
	return e.has.Most()
}

// edges are what the node matches, by time and id.
func (s *Stories) edges(n *node) []edge { return s.lists[n.edges] }

// joins reports whether the edge of a node may put its ends into one story.
func (s *Stories) joins(n *node, e edge) bool {
	return e.firm() || e.strong() && !n.bridge && !s.at(e.to).bridge
}

// find finds the edge from n to o, or where it would be.
func (s *Stories) find(n, o *node) (i int, ok bool) {
	return slices.BinarySearchFunc(s.edges(n), o, func(e edge, o *node) int { return s.earlier(s.at(e.to), o) })
}

// edge finds the edge from n to o.
func (s *Stories) edge(n, o *node) (edge, bool) {
	if i, ok := s.find(n, o); ok {
		return s.edges(n)[i], true
	}
	return edge{}, false
}

// connect makes an edge of n known at both ends in place of one that they had. One by text does not displace a firm one.
func (s *Stories) connect(n *node, e edge) {
	o := s.at(e.to)
	i, known := s.find(n, o)
	if !known {
		s.insert(n, i, e)
		i, _ = s.find(o, n)
		s.insert(o, i, edge{n.number, e.rule, e.bare, e.has.Swap()})
		return
	}
	if !s.edges(n)[i].firm() || e.firm() {
		s.change(n, i, e.has, e.rule)
	}
}

// insert puts an edge into the list of one end. Lists grow by a quarter: there are many, and most are long.
func (s *Stories) insert(n *node, i int, e edge) {
	if n.edges == 0 {
		n.edges = s.newList()
	}
	list := s.lists[n.edges]
	if k := len(list); k == cap(list) {
		list = append(make([]edge, 0, k+k/4+2), list...)
	}
	s.lists[n.edges] = slices.Insert(list, i, e)
}

// newList gives the number of an empty list; 0 stays empty.
func (s *Stories) newList() uint32 {
	if k := len(s.unused); k > 0 {
		number := s.unused[k-1]
		s.unused = s.unused[:k-1]
		return number
	}
	s.lists = append(s.lists, nil)
	return uint32(len(s.lists) - 1)
}

// change makes the i-th edge of n another, at both ends, as it is without outlets' standing text or by a link.
func (s *Stories) change(n *node, i int, has shingle.Brief, as rule.Rule) {
	e := &s.edges(n)[i]
	*e = edge{e.to, as, true, has}
	o := s.at(e.to)
	if i, ok := s.find(o, n); ok {
		s.edges(o)[i] = edge{n.number, as, true, has.Swap()}
	}
}

// disconnect takes all edges of n away.
func (s *Stories) disconnect(n *node) {
	if n.edges == 0 {
		return
	}
	for _, e := range s.edges(n) {
		o := s.at(e.to)
		if i, ok := s.find(o, n); ok {
			s.lists[o.edges] = slices.Delete(s.lists[o.edges], i, i+1)
		}
	}
	s.lists[n.edges] = nil
	s.unused, n.edges = append(s.unused, n.edges), 0
}

// tie keeps two articles together whose link left the window.
func (s *Stories) tie(a, b *node) {
	if !slices.Contains(s.tied[a.number], b.number) {
		s.tied[a.number], s.tied[b.number] = append(s.tied[a.number], b.number), append(s.tied[b.number], a.number)
	}
}

// untie takes all ties of n away.
func (s *Stories) untie(n *node) {
	for _, t := range s.tied[n.number] {
		if s.tied[t] = slices.DeleteFunc(s.tied[t], func(x uint32) bool { return x == n.number }); len(s.tied[t]) == 0 {
			delete(s.tied, t)
		}
	}
	delete(s.tied, n.number)
}
