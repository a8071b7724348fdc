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

// group is a story in the making.
type group struct {
	number      int32
	nodes       []*node
	first, last time.Time // of those whose times are known
}

// partition parts articles that hang together, given by time and id, into stories: the strongest matches first, as long as a story stays within the window and,
// once large, half of the pairs that a merge brings together match. It depends on nothing but the articles.
func (s *Stories) partition(all []*node) [][]*node {
	if len(all) == 1 {
		return [][]*node{all}
	}
	m := s.merger(all)
	for _, n := range all {
		for _, t := range s.tied[n.number] {
			m.join(n, s.at(t))
		}
	}
	m.merge(m.matches())
	m.again()
	return m.parts()
}

// merger merges the groups of articles along their matches.
type merger struct {
	*Stories
	all    []*node             // each knows its place
	in     []*group            // by place
	failed map[[2]int32][2]int // groups that could not merge when they were of these sizes
	left   []pair              // those that could not merge the groups that they join, the strongest first
}

// merger begins with a group for each article.
func (s *Stories) merger(all []*node) *merger {
	m := &merger{Stories: s, all: all, in: make([]*group, len(all)), failed: map[[2]int32][2]int{}}
	groups := make([]group, len(all))
	for i, n := range all {
		groups[i] = group{int32(i), all[i : i+1 : i+1], n.when(), n.when()}
		n.place, m.in[i] = int32(i), &groups[i]
	}
	return m
}

// parts are the groups, by their first articles.
func (m *merger) parts() (parts [][]*node) {
	for _, g := range m.in {
		if g.nodes != nil {
			slices.SortFunc(g.nodes, func(a, b *node) int { return cmp.Compare(a.place, b.place) })
			parts = append(parts, g.nodes)
			g.nodes = nil
		}
	}
	return parts
}

// merge takes the pairs in their order. It sorts no more of them than it must: once the stronger half have merged what they do, most of the others
// lie within one group.
func (m *merger) merge(links []pair) {
	const few = 24
	for len(links) > few {
		i := half(links)
		m.merge(links[:i])
		links = slices.DeleteFunc(links[i:], func(l pair) bool { return m.in[l.a] == m.in[l.b] })
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

// try merges the two groups that the pair joins and reports whether they are one. Many pairs join the same two, which are asked again only when one has grown.
func (m *merger) try(l pair) bool {
	a, b := m.in[l.a], m.in[l.b]
	if a == b {
		return true
	}
	if b.number < a.number {
		a, b = b, a
	}
	two, sizes := [2]int32{a.number, b.number}, [2]int{len(a.nodes), len(b.nodes)}
	if !l.firm && m.failed[two] == sizes {
		return false
	}
	if !m.mayMerge(a, b, l.firm) {
		m.failed[two] = sizes
		return false
	}
	m.join(m.all[l.a], m.all[l.b])
	return true
}

// again tries what is left as long as that merges anything.
func (m *merger) again() {
	for n := -1; n != len(m.left); {
		n = len(m.left)
		m.left = slices.DeleteFunc(m.left, m.try)
	}
}

// join puts the groups of two articles together.
func (m *merger) join(a, b *node) {
	into, from := m.in[a.place], m.in[b.place]
	if into == from {
		return
	}
	if len(into.nodes) < len(from.nodes) {
		into, from = from, into
	}
	for _, n := range from.nodes {
		m.in[n.place] = into
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
func (m *merger) matches() []pair {
	var links []pair
	for _, n := range m.all {
		for _, e := range m.edges(n) {
			if o := m.at(e.to); n.place < o.place && m.joins(n, e) {
				links = append(links, pair{e.strength(), e.has.Match().Resemblance, n.place, o.place, e.firm()})
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
func (m *merger) mayMerge(a, b *group, firm bool) bool {
	if m.rules.far(a.first, b.last) || m.rules.far(b.first, a.last) || m.keeps(a.nodes, b.nodes) {
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
		for _, e := range m.edges(n) {
			if m.joins(n, e) && m.in[m.at(e.to).place] == other {
				hits++
			}
		}
	}
	return float64(hits) >= most*float64(len(a.nodes)*len(b.nodes))
}

// keeps reports whether the configuration keeps two of the articles apart.
func (s *Stories) keeps(a, b []*node) bool {
	if len(s.rules.split)+len(s.rules.never) == 0 {
		return false
	}
	return slices.ContainsFunc(a, func(x *node) bool {
		return slices.ContainsFunc(b, func(y *node) bool { return s.forbidden(x, y) })
	})
}
