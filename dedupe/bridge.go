package dedupe

import (
	"slices"

	"copytaster/dedupe/rule"
	"copytaster/dedupe/shingle"
)

const (
	coherent  = 0.70 // share of what it has in common with all neighbours that a page must have of one story (.6-.8)
	made      = 0.35 // share of a page that its neighbours must hold for it to be made of them (.2-.6)
	sameParts = 0.25 // overlap of two neighbours' regions of a page that makes them one story (.15-.4)
	looked    = 64   // neighbours that are looked at, the first by time
)

// isBridge reports whether the node is made of several stories, as roundups and digests are: the parts of it that stand in its
// neighbours fall into groups that have little in common, and two of them match it, or the largest is under 70 % of it all. A
// bridge joins nothing, as through it stories would merge that have no word in common.
func (s *Stories) isBridge(n *node) bool {
	edges := s.neighbours(n)
	if s.oneStory(edges) {
		return false
	}
	regions := s.regions(n, edges)
	group := s.groups(edges, regions)
	whole := s.set(n)
	all := shingle.RegionOf(whole, Set{})
	largest, standing := 0, 0
	for g := range group {
		one, strong := shingle.RegionOf(whole, Set{}), false
		for i, r := range regions {
			if group[i] == g {
				one.Cover(r)
				strong = strong || edges[i].strong()
			}
		}
		if strong {
			standing++
		}
		largest = max(largest, one.Size())
		all.Cover(one)
	}
	if standing > 1 {
		return true
	}
	return float64(all.Size()) >= made*float64(whole.Len()) && float64(largest) < coherent*float64(all.Size())
}

// oneStory reports whether the neighbours hang together by matches of their own, as those of most pages do: then they are one group, and which part
// of the page each has does not matter.
func (s *Stories) oneStory(edges []edge) bool {
	s.unmark()
	waiting, reached := s.marks+1, s.marks+2
	s.marks += 2
	s.reached = s.reached[:0]
	all := 0
	for _, e := range edges {
		if e.rule == rule.Nothing {
			continue
		}
		s.reach[e.to] = waiting
		if all++; all == 1 {
			s.reach[e.to] = reached
			s.reached = append(s.reached, e.to)
		}
	}
	for i := 0; i < len(s.reached); i++ {
		for _, e := range s.edges(s.at(s.reached[i])) {
			if s.reach[e.to] == waiting && e.strong() {
				s.reach[e.to] = reached
				if s.reached = append(s.reached, e.to); len(s.reached) == all {
					return true
				}
			}
		}
	}
	return len(s.reached) == all
}

// neighbours are the first articles by time that have a part of the node's text.
func (s *Stories) neighbours(n *node) []edge {
	edges := s.edges(n)
	first := edges[:min(len(edges), looked)]
	if !slices.ContainsFunc(first, func(e edge) bool { return e.rule == rule.Nothing }) {
		return first
	}
	edges = slices.DeleteFunc(slices.Clone(edges), func(e edge) bool { return e.rule == rule.Nothing })
	return edges[:min(len(edges), looked)]
}

// regions are which part of the node's text each neighbour has.
func (s *Stories) regions(n *node, edges []edge) (regions []shingle.Region) {
	for _, e := range edges {
		regions = append(regions, shingle.RegionOf(s.set(n), s.set(s.at(e.to))))
	}
	return regions
}

// groups numbers neighbours so that those of one story have one number.
func (s *Stories) groups(edges []edge, regions []shingle.Region) []int {
	group := make([]int, len(edges))
	for i, e := range edges {
		group[i] = i
		for j := range i {
			old := group[j]
			if old == group[i] || !s.alike(e, edges[j], regions[i], regions[j]) {
				continue
			}
			for k, g := range group[:i] {
				if g == old {
					group[k] = group[i]
				}
			}
		}
	}
	return group
}

// alike reports whether two neighbours of a page are of one story as far as the page goes.
func (s *Stories) alike(e, f edge, a, b shingle.Region) bool {
	if x, ok := s.edge(s.at(e.to), s.at(f.to)); ok && x.strong() {
		return true
	}
	return float64(a.Overlap(b)) >= sameParts*float64(min(a.Size(), b.Size()))
}
