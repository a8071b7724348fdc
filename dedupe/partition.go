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

// partition parts articles that hang together into stories: the strongest matches first, as long as a story stays within the window and, once
// large, half of the pairs that a merge brings together match. It depends on nothing but the articles.
func (r rules) partition(all []*node) [][]*node {
	for _, n := range all {
		n.group = &group{[]*node{n}, n.Published, n.Published}
	}
	for _, n := range all {
		for _, t := range n.tied {
			merge(n.group, t.group)
		}
	}
	links := matches(all)
	for again := true; again; {
		again = false
		for _, l := range links {
			if l.a.group != l.b.group && r.mayMerge(l.a.group, l.b.group, l.firm) {
				merge(l.a.group, l.b.group)
				again = true
			}
		}
	}
	var parts [][]*node
	for _, n := range all {
		if g := n.group; g.nodes != nil {
			slices.SortFunc(g.nodes, earlier)
			parts = append(parts, g.nodes)
			g.nodes = nil
		}
	}
	for _, n := range all {
		n.group = nil
	}
	return parts
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
	a, b                  *node
	strength, resemblance float64
	firm                  bool
}

// matches lists the edges that may join, the strongest first.
func matches(all []*node) []pair {
	var links []pair
	for _, n := range all {
		for _, e := range n.edges {
			if n.joins(e) && earlier(n, e.to) < 0 {
				links = append(links, pair{n, e.to, e.strength(), e.has.Match().Resemblance, e.firm()})
			}
		}
	}
	slices.SortFunc(links, func(x, y pair) int {
		return cmp.Or(cmp.Compare(y.strength, x.strength), cmp.Compare(y.resemblance, x.resemblance), earlier(x.a, y.a), earlier(x.b, y.b))
	})
	return links
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
