package dedupe

import (
	"cmp"
	"slices"
	"strings"

	"copytaster/dedupe/shingle"
)

// node is an article in the window.
type node struct {
	Article
	number uint32
	seq    int64   // Article.Seen, then order of arrival: the first of a story gives it its id
	story  string  // "" before it was settled
	edges  []edge  // what it matches, by time and id
	tied   []*node // kept together by one that left the window
	stored bool    // it came with its story
	looked bool    // its edges are known
	away   bool    // its set is to be read again
	waits  bool    // to be posted
	bridge bool
	turn   int // in which the present Settle looks at it, if it was posted in that: see Stories.look

	siblings int32  // at least as many as share something with it and its outlet
	mark     uint32 // by whom it was visited last: see Stories.visit
	mates    uint32 // likewise, its story
	reach    uint64 // likewise: see Stories.oneStory
	place    int32  // in the list of those that are partitioned
	group    *group // while stories are made
}

// edge is a match seen from one side: ContainsA of the match is the share of the node that has the edge. There are millions.
type edge struct {
	to   *node
	has  shingle.Common
	rule rule // nothing: nothing is left of it but the outlet's standing text
}

// firm reports whether the edge is not by text: an address, an agency id, the configuration.
func (e edge) firm() bool { return e.rule == linked }

// earlier orders articles by time, then id.
func earlier(a, b *node) int {
	return cmp.Or(a.Published.Compare(b.Published), strings.Compare(a.ID, b.ID))
}

// joins reports whether the edge may put its ends into one story.
func (n *node) joins(e edge) bool {
	return e.firm() || e.strong() && !n.bridge && !e.to.bridge
}

// strong reports whether the two match by a rule that joins.
func (e edge) strong() bool { return e.rule > mention }

// strength orders edges: what is firm, then by containment.
func (e edge) strength() float64 {
	if e.firm() {
		return 2
	}
	return e.has.Most()
}

// find finds the edge to o, or where it would be.
func (n *node) find(o *node) (i int, ok bool) {
	return slices.BinarySearchFunc(n.edges, o, func(e edge, o *node) int { return earlier(e.to, o) })
}

// edge finds the edge to o.
func (n *node) edge(o *node) (edge, bool) {
	if i, ok := n.find(o); ok {
		return n.edges[i], true
	}
	return edge{}, false
}

// set makes the edge known at both ends in place of one that they had. One by text does not displace a firm one.
func (n *node) set(e edge) {
	i, known := n.find(e.to)
	if known {
		if !n.edges[i].firm() || e.firm() {
			n.change(i, e.has, e.rule)
		}
		return
	}
	n.edges = slices.Insert(n.edges, i, e)
	i, _ = e.to.find(n)
	e.to.edges = slices.Insert(e.to.edges, i, edge{to: n, has: e.has.Swap(), rule: e.rule})
}

// change makes the i-th edge another, at both ends.
func (n *node) change(i int, has shingle.Common, as rule) {
	e := &n.edges[i]
	e.has, e.rule = has, as
	if i, ok := e.to.find(n); ok {
		e.to.edges[i].has, e.to.edges[i].rule = has.Swap(), as
	}
}

// tie keeps two articles together whose link left the window.
func tie(a, b *node) {
	if !slices.Contains(a.tied, b) {
		a.tied, b.tied = append(a.tied, b), append(b.tied, a)
	}
}
