package dedupe

import (
	"maps"
	"slices"

	"github.com/cespare/xxhash/v2"

	"copytaster/dedupe/shingle"
)

// Settle folds what came since the last time and says what changed. It compares new articles with their candidates only, and
// partitions again only the articles that hang together with a changed one.
func (s *Stories) Settle() Change {
	s.post()
	doubtful := map[*node]bool{}
	due := slices.SortedFunc(maps.Keys(s.dirty), earlier)
	for i, n := range due {
		if n.turn > 0 {
			n.turn = i + 1
		}
	}
	for _, n := range due {
		s.look(n, doubtful)
	}
	s.recheck(doubtful)
	clear(doubtful)
	touched := s.touched(doubtful)
	for len(doubtful) > 0 {
		s.recheck(doubtful)
		clear(doubtful)
		touched = s.touched(doubtful)
	}
	clear(s.dirty)
	var parts [][]*node
	for _, c := range s.components(touched) {
		parts = append(parts, s.rules.partition(c)...)
	}
	return s.name(parts)
}

// post puts the waiting articles into the index.
func (s *Stories) post() {
	list := slices.DeleteFunc(s.waiting, func(w waiting) bool { return !w.waits })
	slices.SortFunc(list, func(a, b waiting) int { return earlier(a.node, b.node) })
	s.index.AddAll(func(yield func(uint32, Outline) bool) {
		for _, w := range list {
			if !yield(w.number, w.outline) {
				return
			}
		}
	})
	for _, w := range list {
		if w.waits = false; s.dirty[w.node] && !w.looked {
			w.turn = 1
		}
	}
	clear(s.waiting)
	s.waiting = s.waiting[:0]
}

// touched gathers the dirty articles and all that hang together with them, now or in a story, with their matches and bridges found, by time
// and id. Doubtful becomes what is to be rechecked for the matches that were found.
func (s *Stories) touched(doubtful map[*node]bool) []*node {
	var all []*node
	fresh := s.visit()
	visit := func(n *node) {
		if fresh(n) {
			s.look(n, doubtful)
			all = append(all, n)
		}
	}
	for _, n := range slices.SortedFunc(maps.Keys(s.dirty), earlier) {
		visit(n)
		for _, e := range n.edges {
			visit(e.to)
		}
	}
	for i := 0; i < len(all); i++ {
		n := all[i]
		n.bridge = s.isBridge(n)
		if mates := s.story[n.story]; len(mates) > 0 && mates[0].mates != s.walks {
			mates[0].mates = s.walks
			for _, m := range mates {
				visit(m)
			}
		}
		for _, t := range n.tied {
			visit(t)
		}
		for _, e := range n.edges {
			if e.firm() || e.strong() && !n.bridge {
				visit(e.to)
			}
		}
	}
	slices.SortFunc(all, earlier)
	return all
}

// visit begins a walk over articles: the function tells of each once that it is fresh. The walk before it is over then.
func (s *Stories) visit() (fresh func(n *node) bool) {
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

// look finds what an article matches, unless that is known. Doubtful becomes what is to be rechecked for it.
func (s *Stories) look(n *node, doubtful map[*node]bool) {
	if n.looked {
		return
	}
	n.looked, doubtful[n] = true, true
	turn := n.turn
	n.turn = 0
	set := s.hold.set(n)
	s.gauge.Hold(set)
	s.found = s.index.Candidates(set, s.found[:0])
	me := s.gists[n.number]
	for _, c := range s.found {
		it := s.gists[c.Number]
		sibling := me.outlet != 0 && me.outlet == it.outlet
		near := (me.words < minWords) == (it.words < minWords) && int(c.Hits) >= s.rules.leastHits(int(me.words), int(it.words))
		if !sibling && !near || it == (gist{}) {
			continue
		}
		o := s.nodes[c.Number]
		if o == n || o == nil || o.turn > turn { // it was posted later, and finds n in its turn
			continue
		}
		if sibling {
			n.siblings++
			o.siblings++
			if o.looked {
				doubtful[o] = true
			}
		}
		if !near {
			continue
		}
		if _, known := n.edge(o); known || s.rules.apart(&n.Article, &o.Article) {
			continue
		}
		if e := s.compare(n, o); e.rule != nothing {
			n.set(e)
			s.spread(n, o)
		}
	}
	s.lookAtLinks(n)
}

// compare measures an article, which the gauge holds, against another, with the rule under which they match. Both are too short to say anything by
// themselves, or neither is.
func (s *Stories) compare(n, o *node) edge {
	least := mentioned
	if s.gists[n.number].words < minWords {
		if !sameHead(&n.Article, &o.Article) {
			return edge{to: o}
		}
		least = 0 // their texts may be empty
	}
	a, b := s.gauge.Set(), s.hold.set(o)
	c, near := s.gauge.Near(b, least)
	if !near {
		return edge{to: o}
	}
	return edge{o, c, s.rules.decide(side{&n.Article, a}, side{&o.Article, b}, c.Match())}
}

// lookAtLinks finds what an article is linked to whatever the texts.
func (s *Stories) lookAtLinks(n *node) {
	for _, link := range s.rules.linksOf(&n.Article) {
		for _, o := range s.links[xxhash.Sum64String(link)] {
			if e, known := n.edge(o); o == n || known && e.firm() || s.rules.apart(&n.Article, &o.Article) || !slices.Contains(s.rules.linksOf(&o.Article), link) {
				continue
			}
			if c := shingle.Measure(s.hold.set(n), s.hold.set(o)); holds(link, &n.Article, &o.Article, c.Match()) {
				n.set(edge{o, c, linked})
				s.spread(n, o)
			}
		}
	}
}

// spread makes the end of a new edge dirty. Between stored articles an edge that is found is not new.
func (s *Stories) spread(n, o *node) {
	if !n.stored || !o.stored {
		s.dirty[n], s.dirty[o] = true, true
	}
}
