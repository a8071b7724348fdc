package dedupe

import (
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"

	"copytaster/dedupe/rule"
)

// Settle folds what came since the last time and says what changed. It compares new articles with their candidates only, and
// partitions again only the articles that hang together with a changed one.
func (s *Stories) Settle() Change {
	s.post()
	due := s.soiled()
	for i, n := range due {
		if n.turn > 0 {
			n.turn = int32(i + 1)
		}
	}
	for _, n := range due {
		s.look(n)
	}
	s.recheck()
	touched := s.touched()
	for len(s.doubtful) > 0 {
		s.recheck()
		touched = s.touched()
	}
	for _, number := range s.dirty {
		s.at(number).dirty = false
	}
	s.dirty = s.dirty[:0]
	var parts [][]*node
	for _, c := range s.components(touched) {
		parts = append(parts, s.partition(c)...)
	}
	change := s.name(parts)
	s.repack()
	return change
}

// post puts the waiting articles into the index.
func (s *Stories) post() {
	list := slices.DeleteFunc(s.waiting, func(w waiting) bool { return !s.at(w.number).waits })
	slices.SortFunc(list, func(a, b waiting) int { return s.earlier(s.at(a.number), s.at(b.number)) })
	s.index.AddAll(func(yield func(uint32, Outline) bool) {
		for _, w := range list {
			if !yield(w.number, w.outline) {
				return
			}
		}
	})
	for _, w := range list {
		n := s.at(w.number)
		if n.waits = false; n.dirty && !n.looked {
			n.turn = 1
		}
	}
	for _, number := range s.later {
		s.nodes.Drop(number)
	}
	s.later = s.later[:0]
	clear(s.waiting)
	if s.waiting = s.waiting[:0]; len(list) > 1<<14 { // at a start
		s.waiting = nil
	}
}

// marked lists those of the articles that are still so marked, by time and id.
func (s *Stories) marked(numbers []uint32, mark func(*node) bool) []*node {
	list := make([]*node, 0, len(numbers))
	for _, number := range numbers {
		if n := s.at(number); mark(n) {
			list = append(list, n)
		}
	}
	slices.SortFunc(list, s.earlier)
	return slices.Compact(list)
}

// soiled lists the dirty articles, by time and id.
func (s *Stories) soiled() []*node { return s.marked(s.dirty, func(n *node) bool { return n.dirty }) }

// touched gathers the dirty articles and all that hang together with them, now or in a story, with their matches and bridges found, by time
// and id. What is to be rechecked for the matches that were found becomes doubtful.
func (s *Stories) touched() []*node {
	var all []*node
	fresh := s.visit()
	visit := func(n *node) {
		if fresh(n) {
			s.look(n)
			all = append(all, n)
		}
	}
	for _, n := range s.soiled() {
		visit(n)
		for _, e := range s.edges(n) {
			visit(s.at(e.to))
		}
	}
	for i := 0; i < len(all); i++ {
		n := all[i]
		n.bridge = s.isBridge(n)
		if t := n.tale; t != 0 && s.tales.all[t].mark != s.walks {
			s.tales.all[t].mark = s.walks
			for m := range s.mates(t) {
				visit(m)
			}
		}
		for _, t := range s.tied[n.number] {
			visit(s.at(t))
		}
		for _, e := range s.edges(n) {
			if e.firm() || e.strong() && !n.bridge {
				visit(s.at(e.to))
			}
		}
	}
	slices.SortFunc(all, s.earlier)
	return all
}

// visit begins a walk over articles: the function tells of each once that it is fresh. The walk before it is over then.
func (s *Stories) visit() (fresh func(n *node) bool) {
	s.unmark()
	s.walks++
	walk := s.walks
	return func(n *node) bool {
		if n.mark == walk {
			return false
		}
		n.mark = walk
		return true
	}
}

// unmark begins to count marks anew before there are too many.
func (s *Stories) unmark() {
	if max(s.walks, s.marks) < math.MaxUint32-2 {
		return
	}
	for number := range s.gists {
		s.at(uint32(number)).mark = 0
	}
	clear(s.reach)
	for i := range s.tales.all {
		s.tales.all[i].mark = 0
	}
	s.walks, s.marks = 0, 0
}

// doubt marks an article whose matches are to be rechecked.
func (s *Stories) doubt(n *node) {
	if !n.doubtful {
		n.doubtful, s.doubtful = true, append(s.doubtful, n.number)
	}
}

// look finds what an article matches, unless that is known. What is to be rechecked for it becomes doubtful.
func (s *Stories) look(n *node) {
	if n.looked {
		return
	}
	n.looked = true
	s.doubt(n)
	turn := n.turn
	n.turn = 0
	set := s.set(n)
	s.gauge.Hold(set)
	s.found = s.index.Candidates(set, s.found[:0])
	me := s.gists[n.number]
	for _, c := range s.found {
		it := s.gists[c.Number]
		sibling := me.outlet != 0 && me.outlet == it.outlet
		near := (me.words < rule.MinWords) == (it.words < rule.MinWords) && int(c.Hits) >= s.rules.LeastHits(int(me.words), int(it.words)) && !s.strange(me, it)
		if !sibling && !near {
			continue
		}
		o := s.at(c.Number)
		if o == n || !o.live || o.turn > turn { // it was posted later, and finds n in its turn
			continue
		}
		if sibling {
			n.siblings++
			o.siblings++
			if o.looked {
				s.doubt(o)
			}
		}
		if near {
			s.match(n, o)
		}
	}
	s.lookAtLinks(n)
}

// match compares an article, which the gauge holds, with another, unless that is known.
func (s *Stories) match(n, o *node) {
	if s.apart(n, o) {
		return
	}
	if _, known := s.edge(n, o); known {
		return
	}
	if e := s.compare(n, o); e.rule != rule.Nothing {
		s.connect(n, e)
		s.spread(n, o)
	}
}

// compare measures an article, which the gauge holds, against another, with the rule under which they match. Both are too short to say anything by
// themselves, or neither is.
func (s *Stories) compare(n, o *node) edge {
	if s.short(n, o) {
		if x, y := s.article(n), s.article(o); !rule.SameHead(&x, &y) {
			return edge{to: o.number}
		}
	}
	a, b := s.gauge.Set(), s.set(o)
	if s.strange(s.gists[n.number], s.gists[o.number]) { // what was not known before the set was read
		return edge{to: o.number}
	}
	c := s.gauge.Measure(b)
	return edge{to: o.number, rule: s.decide(n, o, a, b, c.Match()), has: c.Brief()}
}

// lookAtLinks finds what an article, which the gauge holds, is linked to whatever the texts.
func (s *Stories) lookAtLinks(n *node) {
	a := s.article(n)
	if a.URL != "" {
		for number := range s.byURL.Of(xxhash.Sum64String(a.URL)) {
			if o := s.at(number); o != n && s.texts.At(o.text, rowURL) == a.URL {
				s.link(n, o, rule.Address)
			}
		}
	}
	for _, link := range s.rules.OtherLinks(&a) {
		for _, number := range s.links[link] {
			if o := s.at(number); o != n {
				s.link(n, o, link)
			}
		}
	}
}

// link makes a firm edge between an article, which the gauge holds, and another that has a link in common with it, if that holds.
func (s *Stories) link(n, o *node, link string) {
	if e, known := s.edge(n, o); known && e.firm() || s.apart(n, o) {
		return
	}
	if c := s.gauge.Measure(s.set(o)); rule.Holds(link, s.short(n, o), c.Match()) {
		s.connect(n, edge{to: o.number, rule: rule.Linked, has: c.Brief()})
		s.spread(n, o)
	}
}

// spread makes the ends of a new edge dirty. Between stored articles an edge that is found is not new.
func (s *Stories) spread(n, o *node) {
	if !n.stored || !o.stored {
		s.soil(n)
		s.soil(o)
	}
}
