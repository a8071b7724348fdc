package dedupe

import (
	"cmp"
	"slices"
	"time"
)

const (
	large = 5   // articles from which a story asks for
	most  = 0.5 // this share of the pairs that a merge brings together (.3-.5; at .65 copies cut at different places fall apart)
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
	var parts [][]*node
	for _, n := range all {
		if !take(n) {
			continue
		}
		part := []*node{n}
		for i := 0; i < len(part); i++ {
			for _, e := range part[i].edges {
				if part[i].joins(e) && take(e.to) {
					part = append(part, e.to)
				}
			}
			for _, t := range part[i].tied {
				if take(t) {
					part = append(part, t)
				}
			}
		}
		slices.SortFunc(part, earlier)
		parts = append(parts, part)
	}
	return parts
}

// group is a story in the making.
type group struct {
	nodes       []*node
	first, last time.Time // of those whose times are known
}

// partition parts articles that hang together, given by time and id, into stories: the strongest matches first, as long as a story stays within the window and,
// once large, half of the pairs that a merge brings together match. It depends on nothing but the articles.
func (r rules) partition(all []*node) [][]*node {
	if len(all) == 1 {
		return [][]*node{all}
	}
	groups := make([]group, len(all))
	for i, n := range all {
		groups[i] = group{all[i : i+1 : i+1], n.Published, n.Published}
		n.group, n.place = &groups[i], int32(i)
	}
	for _, n := range all {
		for _, t := range n.tied {
			merge(n.group, t.group)
		}
	}
	m := merger{rules: r, all: all}
	m.merge(matches(all))
	m.again()
	var parts [][]*node
	for _, n := range all {
		if g := n.group; g.nodes != nil {
			slices.SortFunc(g.nodes, func(a, b *node) int { return cmp.Compare(a.place, b.place) })
			parts = append(parts, g.nodes)
			g.nodes = nil
		}
	}
	for _, n := range all {
		n.group = nil
	}
	return parts
}

// merger merges the groups of articles along their matches.
type merger struct {
	rules
	all  []*node
	left []pair // those that could not merge the groups that they join, the strongest first
}

// merge takes the pairs in their order. It sorts no more of them than it must: once the stronger half have merged what they do, most of the others
// lie within one group.
func (m *merger) merge(links []pair) {
	const few = 24
	for len(links) > few {
		i := half(links)
		m.merge(links[:i])
		links = slices.DeleteFunc(links[i:], func(l pair) bool { return m.all[l.a].group == m.all[l.b].group })
	}
	slices.SortFunc(links, pair.compare)
	for _, l := range links {
		if !m.try(l) {
			m.left = append(m.left, l)
		}
	}
}

// half puts the stronger half of the pairs, more or less, before the others and returns where they end, which is neither end.
func half(links []pair) int {
	by := []pair{links[0], links[len(links)/2], links[len(links)-1]}
	slices.SortFunc(by, pair.compare)
	i := 0
	for j, l := range links {
		if l.compare(by[1]) < 0 {
			links[i], links[j] = links[j], links[i]
			i++
		}
	}
	return i
}

// try merges the two groups that the pair joins and reports whether they are one.
func (m *merger) try(l pair) bool {
	a, b := m.all[l.a].group, m.all[l.b].group
	if a != b && !m.mayMerge(a, b, l.firm) {
		return false
	}
	merge(a, b)
	return true
}

// again tries what is left as long as that merges anything.
func (m *merger) again() {
	for n := -1; n != len(m.left); {
		n = len(m.left)
		m.left = slices.DeleteFunc(m.left, m.try)
	}
}

// merge puts two groups together.
func merge(into, from *group) {
	if into == from {
		return
	}
	if len(into.nodes) < len(from.nodes) {
		into, from = from, into
	}
	for _, n := range from.nodes {
		n.group = into
	}
	into.nodes = append(into.nodes, from.nodes...)
	if !from.first.IsZero() && (into.first.IsZero() || from.first.Before(into.first)) {
		into.first = from.first
	}
	if from.last.After(into.last) {
		into.last = from.last
	}
}

// pair is an edge without direction, a the earlier, with what it is ordered by.
type pair struct {
	strength, resemblance float64
	a, b                  int32 // places in the list
	firm                  bool
}

// matches lists the edges that may join.
func matches(all []*node) []pair {
	var links []pair
	for _, n := range all {
		for _, e := range n.edges {
			if n.joins(e) && n.place < e.to.place {
				links = append(links, pair{e.strength(), e.has.Match().Resemblance, n.place, e.to.place, e.firm()})
			}
		}
	}
	return links
}

// compare orders pairs, the strongest first.
func (x pair) compare(y pair) int {
	switch {
	case x.strength != y.strength:
		return cmp.Compare(y.strength, x.strength)
	case x.resemblance != y.resemblance:
		return cmp.Compare(y.resemblance, x.resemblance)
	}
	return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
}

// mayMerge reports whether two stories may become one.
func (r rules) mayMerge(a, b *group, firm bool) bool {
	if r.far(a.first, b.last) || r.far(b.first, a.last) || r.keeps(a.nodes, b.nodes) {
		return false
	}
	if firm || len(a.nodes)+len(b.nodes) < large {
		return true
	}
	few, other := a, b
	if len(few.nodes) > len(other.nodes) {
		few, other = other, few
	}
	hits := 0
	for _, n := range few.nodes {
		for _, e := range n.edges {
			if e.to.group == other && n.joins(e) {
				hits++
			}
		}
	}
	return float64(hits) >= most*float64(len(a.nodes)*len(b.nodes))
}

// keeps reports whether the configuration keeps two of the articles apart.
func (r rules) keeps(a, b []*node) bool {
	if len(r.split)+len(r.never) == 0 {
		return false
	}
	return slices.ContainsFunc(a, func(x *node) bool {
		return slices.ContainsFunc(b, func(y *node) bool { return r.forbidden(&x.Article, &y.Article) })
	})
}
