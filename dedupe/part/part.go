// Package part parts what hangs together by matches into stories. It is pure and knows nothing of texts: things are numbers, by time, and what is known of
// them is when they were and how well which match.
package part

import (
	"cmp"
	"slices"
	"time"
)

const (
	large = 5   // things from which a story asks for
	most  = 0.5 // this share of the pairs that a merge brings together (.3-.5; at .65 copies cut at different places fall apart)
)

// Pair is a match that may join its ends, A the earlier.
type Pair struct {
	Strength, Resemblance float64 // what pairs are ordered by
	A, B                  int32
	Firm                  bool // it needs no others
}

// Graph is things that hang together.
type Graph struct {
	Times  []time.Time // by number, ascending; zero: not known, which is inside every window
	Pairs  []Pair      // each once. Parts writes over them
	Ties   [][2]int32  // who is together whatever the rest says
	Window time.Duration
	Apart  func(a, b int32) bool // who must not be; nil: nobody
}

// Far reports whether two times lie further apart than the window. A zero time is inside every window.
func Far(a, b time.Time, window time.Duration) bool {
	return !a.IsZero() && !b.IsZero() && a.Sub(b).Abs() > window
}

// Parts makes stories of them: the strongest matches first, as long as a story stays within the window and, once large, half of the pairs that a merge brings
// together match; those that could not merge are tried again as long as anything does. Each part is ascending, and they are in the order of their first.
func (g Graph) Parts() [][]int32 {
	m := newMerger(&g)
	for _, t := range g.Ties {
		m.join(t[0], t[1])
	}
	m.merge(g.Pairs)
	m.again()
	return m.parts()
}

// group is a story in the making.
type group struct {
	number      int32
	things      []int32
	first, last time.Time // of those whose times are known
}

// merger merges the groups of things along their matches.
type merger struct {
	*Graph
	in     []*group            // by number
	starts []int32             // where the neighbours of each begin, and the last's end,
	mates  []int32             // in this list
	failed map[[2]int32][2]int // groups that could not merge when they were of these sizes
	left   []Pair              // those that could not merge the groups that they join, the strongest first: where those lay that were tried
}

// newMerger begins with a group for each.
func newMerger(g *Graph) *merger {
	n := len(g.Times)
	m := &merger{Graph: g, in: make([]*group, n), starts: make([]int32, n+2), mates: make([]int32, 2*len(g.Pairs)), failed: map[[2]int32][2]int{}, left: g.Pairs[:0]}
	groups, things := make([]group, n), make([]int32, n)
	for i, t := range g.Times {
		things[i] = int32(i)
		groups[i] = group{int32(i), things[i : i+1 : i+1], t, t}
		m.in[i] = &groups[i]
	}
	for _, p := range g.Pairs {
		m.starts[p.A+2]++
		m.starts[p.B+2]++
	}
	for i := 2; i < len(m.starts); i++ {
		m.starts[i] += m.starts[i-1]
	}
	for _, p := range g.Pairs {
		m.mates[m.starts[p.A+1]] = p.B
		m.mates[m.starts[p.B+1]] = p.A
		m.starts[p.A+1]++
		m.starts[p.B+1]++
	}
	return m
}

// parts are the groups, by their first things.
func (m *merger) parts() (parts [][]int32) {
	for _, g := range m.in {
		if g.things != nil {
			slices.Sort(g.things)
			parts = append(parts, g.things)
			g.things = nil
		}
	}
	return parts
}

// merge takes the pairs in their order. It sorts no more of them than it must: once the stronger half have merged what they do, most of the others
// lie within one group.
func (m *merger) merge(pairs []Pair) {
	const few = 24
	for len(pairs) > few {
		i := half(pairs)
		m.merge(pairs[:i])
		pairs = slices.DeleteFunc(pairs[i:], func(p Pair) bool { return m.in[p.A] == m.in[p.B] })
	}
	slices.SortFunc(pairs, Pair.compare)
	for _, p := range pairs {
		if !m.try(p) {
			m.left = append(m.left, p)
		}
	}
}

// half puts the stronger half of the pairs, more or less, before the others and returns where they end, which is neither end.
func half(pairs []Pair) int {
	by := []Pair{pairs[0], pairs[len(pairs)/2], pairs[len(pairs)-1]}
	slices.SortFunc(by, Pair.compare)
	i := 0
	for j, p := range pairs {
		if p.compare(by[1]) < 0 {
			pairs[i], pairs[j] = pairs[j], pairs[i]
			i++
		}
	}
	return i
}

// compare orders pairs, the strongest first.
func (p Pair) compare(o Pair) int {
	switch {
	case p.Strength != o.Strength:
		return cmp.Compare(o.Strength, p.Strength)
	case p.Resemblance != o.Resemblance:
		return cmp.Compare(o.Resemblance, p.Resemblance)
	}
	return cmp.Or(cmp.Compare(p.A, o.A), cmp.Compare(p.B, o.B))
}

// try merges the two groups that the pair joins and reports whether they are one. Many pairs join the same two, which are asked again only when one has grown.
func (m *merger) try(p Pair) bool {
	a, b := m.in[p.A], m.in[p.B]
	if a == b {
		return true
	}
	if b.number < a.number {
		a, b = b, a
	}
	two, sizes := [2]int32{a.number, b.number}, [2]int{len(a.things), len(b.things)}
	if !p.Firm && m.failed[two] == sizes {
		return false
	}
	if !m.mayMerge(a, b, p.Firm) {
		m.failed[two] = sizes
		return false
	}
	m.join(p.A, p.B)
	return true
}

// again tries what is left as long as that merges anything.
func (m *merger) again() {
	for n := -1; n != len(m.left); {
		n = len(m.left)
		m.left = slices.DeleteFunc(m.left, m.try)
	}
}

// join puts the groups of two things together.
func (m *merger) join(a, b int32) {
	into, from := m.in[a], m.in[b]
	if into == from {
		return
	}
	if len(into.things) < len(from.things) {
		into, from = from, into
	}
	for _, x := range from.things {
		m.in[x] = into
	}
	into.things = append(into.things, from.things...)
	if !from.first.IsZero() && (into.first.IsZero() || from.first.Before(into.first)) {
		into.first = from.first
	}
	if from.last.After(into.last) {
		into.last = from.last
	}
}

// mayMerge reports whether two stories may become one.
func (m *merger) mayMerge(a, b *group, firm bool) bool {
	if Far(a.first, b.last, m.Window) || Far(b.first, a.last, m.Window) || m.keeps(a.things, b.things) {
		return false
	}
	if firm || len(a.things)+len(b.things) < large {
		return true
	}
	few, other := a, b
	if len(few.things) > len(other.things) {
		few, other = other, few
	}
	hits := 0
	for _, x := range few.things {
		for _, y := range m.mates[m.starts[x]:m.starts[x+1]] {
			if m.in[y] == other {
				hits++
			}
		}
	}
	return float64(hits) >= most*float64(len(a.things)*len(b.things))
}

// keeps reports whether two of the things must not be together.
func (m *merger) keeps(a, b []int32) bool {
	return m.Apart != nil && slices.ContainsFunc(a, func(x int32) bool {
		return slices.ContainsFunc(b, func(y int32) bool { return m.Apart(x, y) })
	})
}
