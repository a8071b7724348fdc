package dedupe

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"copytaster/dedupe/shingle"
)

// Article is what folding knows of an item. An empty Outlet is another, unknown outlet each time; a zero Published is inside every window.
type Article struct {
	ID        string
	Outlet    string
	URL       string // canonical, see copytaster.CanonicalURL
	Title     string
	Published time.Time
	Seen      time.Time // when it was first stored: says which of two stories is older; equal or zero: the order of Add
	Keys      []string  // agency ids found in the page
	Set       Set
}

// Options are what a user may choose. The zero Options are the defaults.
type Options struct {
	Window time.Duration // a story takes no copy later than this after its first; 0: 72 hours
	Join   [][2]string   // pairs of canonical URLs that are one story whatever their texts say
	Split  []string      // canonical URLs that join nothing
	Never  [][2]string   // pairs of outlets that are never folded with each other

	Expect int // how many articles will be added soon: room for them is made at once

	// Load reads the set of an article again, so that only the latest are kept in memory; nil: all are. An empty set is one that cannot be read.
	Load func(id string) Set
}

// Stories folds articles into stories within a window. Which articles are one story depends on the articles alone, not on the order
// in which they came. One goroutine owns it.
//
// Articles that were stored with their story are taken at their word until something new touches them: at a start they are only
// indexed, 100,000 in 1.2 s with reading them.
type Stories struct {
	rules   rules
	index   shingle.Index
	nodes   []*node           // by number; nil where free
	gists   []gist            // beside nodes
	outlets map[string]uint32 // numbers of outlets, from 1
	days    []days            // by number of the outlet
	free    []uint32
	byID    map[string]*node
	links   map[uint64][]*node // by the hash of what links articles whatever their texts: URL, agency key, join
	story   map[string][]*node // by story id: who is in it, in no order
	born    map[string]int64   // by story id: the seq of its first item
	dirty   map[*node]bool     // whose neighbourhood changed since Settle
	waiting []waiting          // not yet in the index
	gone    map[uint32]bool    // numbers of articles that left while their sets were not in memory: they have postings still
	hold    hold
	seq     int64
	walks   uint32              // how many visit began
	marks   uint64              // how many oneStory gave
	reached []*node             // scratch of oneStory
	found   []shingle.Candidate // scratch of look
	gauge   shingle.Gauge       // likewise
}

// waiting is a node that is posted at the next Settle, if it still waits then.
type waiting struct {
	*node
	outline Outline
}

// Change says what Settle did.
type Change struct {
	Parts   []Part  // every story that is new or whose items changed, by id
	Aliases []Alias // ids that gave way to older ones, by old id
}

// Part is a story as it is now. An ID that was an alias before is a story again.
type Part struct {
	ID    string
	Items []string // by time, then id
	Folds []Fold   // why each but the first is in it, in the order of Items
}

// Alias says that the story Old is now part of New.
type Alias struct{ Old, New string }

// Fold says why an item is in its story: what it matches best there. Match.ContainsA is the share of Item that stands in With.
type Fold struct {
	Item, With string
	Match      Match
	Rule       string
}

// NewStories makes an empty window.
func NewStories(o Options) *Stories {
	n := o.Expect
	return &Stories{rules: newRules(o), nodes: make([]*node, 0, n), gists: make([]gist, 0, n), byID: make(map[string]*node, n), links: make(map[uint64][]*node, n),
		story: make(map[string][]*node, n), outlets: map[string]uint32{}, days: []days{{}}, born: make(map[string]int64, n), dirty: map[*node]bool{}, waiting: make([]waiting, 0, n),
		gone: map[uint32]bool{}, hold: hold{load: o.Load, room: roomy}}
}

// Len is the number of articles in the window.
func (s *Stories) Len() int { return len(s.byID) }

// Add puts an article into the window, replacing one of the same id, which then keeps its story and its age. The story is the
// id that it was stored under, "" for a new article; stored ones are to be added in the order in which they were first stored. What
// it means for the stories is seen at the next Settle.
func (s *Stories) Add(a Article, story string) {
	n := s.add(a, a.Set.Outline(), story)
	s.hold.keep(n)
}

// AddOutline is Add for an article without its set, which Options.Load reads when it is wanted.
func (s *Stories) AddOutline(a Article, o Outline, story string) {
	a.Set = o.Hollow()
	s.add(a, o, story).away = true
}

func (s *Stories) add(a Article, o Outline, story string) *node {
	if a.Set.Words() >= minWords {
		a.Title = "" // it decides on shorter texts only
	}
	n := &node{Article: a, seq: a.Seen.Unix()<<24 | s.seq&(1<<24-1)}
	s.seq++
	old := s.byID[a.ID]
	if old != nil {
		n.seq, story = old.seq, cmp.Or(story, old.story)
		for _, e := range old.edges {
			s.dirty[e.to] = true
		}
		for _, m := range s.story[old.story] {
			s.dirty[m] = true
		}
		s.detach(old)
	}
	if k := len(s.free); k > 0 {
		n.number, s.free = s.free[k-1], s.free[:k-1]
		s.nodes[n.number] = n
	} else {
		n.number = uint32(len(s.nodes))
		s.nodes, s.gists = append(s.nodes, n), append(s.gists, gist{})
	}
	s.gists[n.number] = gist{s.outlet(a.Outlet), uint32(a.Set.Words())}
	s.days[s.gists[n.number].outlet].add(n, 1)
	s.byID[a.ID], s.waiting, n.waits = n, append(s.waiting, waiting{n, o}), true
	for _, link := range s.rules.linksOf(&a) {
		h := xxhash.Sum64String(link)
		s.links[h] = append(s.links[h], n)
	}
	s.enter(n, story)
	if n.stored = old == nil && story != ""; !n.stored {
		s.dirty[n] = true
	}
	return n
}

// Article gives the article of the id, without its set and the headline of all but the shortest texts, and the story that it is in: "" until it is settled.
func (s *Stories) Article(id string) (a Article, story string, ok bool) {
	n := s.byID[id]
	if n == nil {
		return a, "", false
	}
	a = n.Article
	a.Set = Set{}
	return a, n.story, true
}

// All yields the ids of the articles in the window, in no order.
func (s *Stories) All() iter.Seq[string] { return maps.Keys(s.byID) }

// Members lists the articles of a story by time, then id; nil if none of the window is in it.
func (s *Stories) Members(story string) []string {
	return itemIDs(slices.SortedFunc(slices.Values(s.story[story]), earlier))
}

// Known lists the stories of the window, by id.
func (s *Stories) Known() []string { return slices.Sorted(maps.Keys(s.story)) }

// gist is what candidates are first asked for, close together: most of hundreds are neither of the same outlet nor near, and each node lies elsewhere in memory.
type gist struct{ outlet, words uint32 }

// outlet is the number of an outlet, 0 of an unknown one.
func (s *Stories) outlet(name string) uint32 {
	if name == "" {
		return 0
	}
	if s.outlets[name] == 0 {
		s.outlets[name] = uint32(len(s.days))
		s.days = append(s.days, days{})
	}
	return s.outlets[name]
}

// Refold lets the next Settle decide every article anew, the stored ones too.
func (s *Stories) Refold() {
	for _, n := range s.byID {
		s.dirty[n] = true
	}
}

// enter records that the node is in the story.
func (s *Stories) enter(n *node, story string) {
	if n.story == story {
		return
	}
	if m := s.story[n.story]; len(m) > 1 {
		s.story[n.story] = slices.DeleteFunc(m, func(x *node) bool { return x == n })
	} else if len(m) == 1 && m[0] == n {
		delete(s.story, n.story)
	}
	n.story = story
	if story == "" {
		return
	}
	s.story[story] = append(s.story[story], n)
	if b, ok := s.born[story]; !ok || n.seq < b {
		s.born[story] = n.seq
	}
}

// Remove takes an article that has left the window. Its story stays as it is: those that it held together remain together.
func (s *Stories) Remove(id string) {
	n := s.byID[id]
	if n == nil {
		return
	}
	var mates []*node
	for _, m := range s.story[n.story] {
		if m != n && (slices.ContainsFunc(n.edges, func(e edge) bool { return e.to == m }) || slices.Contains(n.tied, m)) {
			mates = append(mates, m)
		}
	}
	slices.SortFunc(mates, earlier)
	for i := 1; i < len(mates); i++ {
		tie(mates[i-1], mates[i])
	}
	s.detach(n)
	delete(s.byID, id)
	if len(s.story[n.story]) == 0 {
		delete(s.born, n.story)
	}
}

// detach takes the node out of every structure but byID.
func (s *Stories) detach(n *node) {
	for _, e := range n.edges {
		e.to.edges = slices.DeleteFunc(e.to.edges, func(x edge) bool { return x.to == n })
	}
	for _, t := range n.tied {
		t.tied = slices.DeleteFunc(t.tied, func(x *node) bool { return x == n })
	}
	for _, link := range s.rules.linksOf(&n.Article) {
		k := xxhash.Sum64String(link)
		if s.links[k] = slices.DeleteFunc(s.links[k], func(x *node) bool { return x == n }); len(s.links[k]) == 0 {
			delete(s.links, k)
		}
	}
	s.unpost(n)
	s.hold.release(n)
	s.days[s.gists[n.number].outlet].add(n, -1)
	s.nodes[n.number], s.gists[n.number] = nil, gist{}
	delete(s.dirty, n)
	story := n.story
	s.enter(n, "")
	n.story = story
}

// unpost takes the node out of the index. Where its set is not in memory its postings stay until they are worth a walk through the table.
func (s *Stories) unpost(n *node) {
	if n.waits {
		n.waits = false
		s.free = append(s.free, n.number)
		return
	}
	if !n.away {
		s.index.Remove(n.number, n.Set)
		s.free = append(s.free, n.number)
		return
	}
	if s.gone[n.number] = true; len(s.gone) < 1000+len(s.byID)/8 {
		return
	}
	s.index.Purge(func(number uint32) bool { return s.gone[number] })
	s.free = slices.AppendSeq(s.free, maps.Keys(s.gone))
	clear(s.gone)
}
