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
	for _, n := range slices.SortedFunc(maps.Keys(s.dirty), earlier) {
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
		w.waits = false
	}
	s.waiting = nil
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
		for _, m := range s.story[n.story] {
			visit(m)
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
	s.found = s.index.Candidates(s.hold.set(n), s.found[:0])
	me := s.gists[n.number]
	for _, c := range s.found {
		it := s.gists[c.Number]
		sibling, near := me.outlet != 0 && me.outlet == it.outlet, int(c.Hits) >= leastHits(int(me.words), int(it.words))
		if !sibling && !near || it == (gist{}) {
			continue
		}
		o := s.nodes[c.Number]
		if o == n || o == nil {
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

// compare measures an article against another, with the rule under which they match.
func (s *Stories) compare(n, o *node) edge {
	a, b := n.Article, o.Article
	a.Set, b.Set = s.hold.set(n), s.hold.set(o)
	if min(a.Set.Words(), b.Set.Words()) >= minWords && shingle.Far(a.Set, b.Set, mentioned) {
		return edge{to: o}
	}
	c := shingle.Measure(a.Set, b.Set)
	return edge{o, c, s.rules.decide(&a, &b, c.Match())}
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
