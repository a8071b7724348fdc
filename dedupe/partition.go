package dedupe

import (
	"slices"
	"time"

	"copytaster/dedupe/part"
)

// components parts articles, which are all that hang together, into those that do. A bridge hangs together with nothing.
func (s *Stories) components(all []*node) [][]*node {
	mark := s.visit()
	for _, n := range all {
		mark(n)
	}
	in := s.walks
	take := func(n *node) bool {
		if n.mark != in {
			return false
		}
		n.mark = 0
		return true
	}
	parts := make([][]*node, 0, len(all))
	for _, n := range all {
		if !take(n) {
			continue
		}
		part := []*node{n}
		for i := 0; i < len(part); i++ {
			for _, e := range s.edges(part[i]) {
				if o := s.at(e.to); s.joins(part[i], e) && take(o) {
					part = append(part, o)
				}
			}
			for _, t := range s.tied[part[i].number] {
				if o := s.at(t); take(o) {
					part = append(part, o)
				}
			}
		}
		slices.SortFunc(part, s.earlier)
		parts = append(parts, part)
	}
	return parts
}

// partition parts articles that hang together, given by time and id, into stories. It depends on nothing but the articles.
func (s *Stories) partition(all []*node) (parts [][]*node) {
	if len(all) == 1 {
		return [][]*node{all}
	}
	g := s.graph(all)
	s.pairs = g.Pairs
	for _, p := range g.Parts() {
		nodes := make([]*node, len(p))
		for i, place := range p {
			nodes[i] = all[place]
		}
		parts = append(parts, nodes)
	}
	return parts
}

// graph is the articles by their places in the list.
func (s *Stories) graph(all []*node) part.Graph {
	g := part.Graph{Times: make([]time.Time, len(all)), Pairs: s.pairs[:0], Window: s.rules.Window}
	for i, n := range all {
		n.place, g.Times[i] = int32(i), n.when()
	}
	for _, n := range all {
		for _, t := range s.tied[n.number] {
			g.Ties = append(g.Ties, [2]int32{n.place, s.at(t).place})
		}
		for _, e := range s.edges(n) {
			if o := s.at(e.to); n.place < o.place && s.joins(n, e) {
				g.Pairs = append(g.Pairs, part.Pair{Strength: e.strength(), Resemblance: e.has.Match().Resemblance, A: n.place, B: o.place, Firm: e.firm()})
			}
		}
	}
	if s.rules.Corrects() {
		g.Apart = func(a, b int32) bool { return s.forbidden(all[a], all[b]) }
	}
	return g
}
