package dedupe

import (
	"cmp"
	"slices"
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
type group struct{ nodes []*node }

// partition parts articles that hang together into stories: the strongest matches first, as long as a story stays within the window and, once
// large, half of the pairs that a merge brings together match. It depends on nothing but the articles.
func (r rules) partition(all []*node) [][]*node {
	of := map[*node]*group{}
	for _, n := range all {
		of[n] = &group{[]*node{n}}
	}
	for _, n := range all {
		for _, t := range n.tied {
			merge(of, n, t)
		}
	}
	links := matches(all)
	for again := true; again; {
		again = false
		for _, l := range links {
			if of[l.a] != of[l.b] && r.mayMerge(of[l.a].nodes, of[l.b].nodes, l.firm) {
				merge(of, l.a, l.b)
				again = true
			}
		}
	}
	var parts [][]*node
	for _, n := range all {
		if g := of[n]; g.nodes != nil {
			slices.SortFunc(g.nodes, earlier)
			parts = append(parts, g.nodes)
			g.nodes = nil
		}
	}
	return parts
}

// merge puts the groups of the two together.
func merge(of map[*node]*group, a, b *node) {
	into, from := of[a], of[b]
	if into == from {
		return
	}
	if len(into.nodes) < len(from.nodes) {
		into, from = from, into
	}
	for _, n := range from.nodes {
		of[n] = into
	}
	into.nodes = append(into.nodes, from.nodes...)
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
func (r rules) mayMerge(a, b []*node, firm bool) bool {
	hits := 0
	for _, x := range a {
		for _, y := range b {
			if r.apart(&x.Article, &y.Article) {
				return false
			}
			if e, ok := x.edge(y); ok && x.joins(e) {
				hits++
			}
		}
	}
	return firm || len(a)+len(b) < large || float64(hits) >= most*float64(len(a)*len(b))
}
