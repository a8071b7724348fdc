package dedupe

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"copytaster/dedupe/arena"
	"copytaster/dedupe/part"
	"copytaster/dedupe/rule"
	"copytaster/dedupe/shingle"
)

// Article is what folding knows of an item.
type Article = rule.Article

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

// rulesOf are the rules that the options make.
func rulesOf(o Options) rule.Rules {
	return rule.New(cmp.Or(o.Window, 72*time.Hour), o.Join, o.Split, o.Never)
}

// Stories folds articles into stories within a window. Which articles are one story depends on the articles alone, not on the order
// in which they came. One goroutine owns it.
//
// Articles that were stored with their story are taken at their word until something new touches them: at a start they are only
// indexed, 100,000 in 1.2 s with reading them.
//
// What there is of every article lies in large pieces without pointers: 300,000 of them are no work for the garbage collector.
type Stories struct {
	rules  rule.Rules
	index  shingle.Index
	nodes  arena.Pool[node]
	gists  []gist // by number; zero where free
	bits   arena.Pool[shingle.Bitmap]
	texts  arena.Texts
	byID   arena.Table
	byURL  arena.Table
	links  map[string][]uint32 // what links articles whatever their texts, but the address: agency key, join
	keys   map[uint32][]string // agency ids of the articles that have some
	names  []string            // of outlets, by number; 0 is the unknown one
	byName map[string]uint32
	days   []days              // by number of the outlet
	later  []uint32            // numbers that are free when nothing waits under them any more
	lists  [][]edge            // see node.edges
	unused []uint32            // numbers of lists
	tied   map[uint32][]uint32 // kept together by one that left the window
	tales  tales
	hold   hold
	gone   map[uint32]bool // numbers of articles that left while their sets were not in memory: they have postings still
	count  int
	seq    int64

	dirty    []uint32  // whose neighbourhood changed since Settle: those of them that are so marked
	doubtful []uint32  // likewise, whose matches are to be rechecked
	waiting  []waiting // not yet in the index

	walks, marks uint32              // how many visit began; how many oneStory gave
	reach        []uint32            // by number: by which oneStory an article was reached last
	reached      []uint32            // scratch of oneStory: numbers
	found        []shingle.Candidate // scratch of look
	gauge        shingle.Gauge       // likewise
	pairs        []part.Pair         // scratch of graph
}

// waiting is an article that is posted at the next Settle, if it still waits then.
type waiting struct {
	number  uint32
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
	return &Stories{rules: rulesOf(o), gists: make([]gist, 0, o.Expect), waiting: make([]waiting, 0, o.Expect), names: []string{""}, byName: map[string]uint32{}, days: []days{{}},
		links: map[string][]uint32{}, keys: map[uint32][]string{}, lists: make([][]edge, 1), tied: map[uint32][]uint32{}, gone: map[uint32]bool{}, tales: tales{all: make([]tale, 1)}, hold: hold{load: o.Load, room: roomy, sets: make([]Set, 1)}}
}

// Len is the number of articles in the window.
func (s *Stories) Len() int { return s.count }

// Add puts an article into the window, replacing one of the same id, which then keeps its story and its age. The story is the
// id that it was stored under, "" for a new article; stored ones are to be added in the order in which they were first stored. What
// it means for the stories is seen at the next Settle.
func (s *Stories) Add(a Article, story string) {
	n := s.add(a, a.Set.Outline(), story)
	s.keep(n, a.Set)
}

// AddOutline is Add for an article without its set, which Options.Load reads when it is wanted.
func (s *Stories) AddOutline(a Article, o Outline, story string) {
	a.Set = o.Hollow()
	s.add(a, o, story)
}

func (s *Stories) add(a Article, o Outline, story string) *node {
	words := a.Set.Words()
	if words >= rule.MinWords {
		a.Title = "" // it decides on shorter texts only
	}
	seq := a.Seen.Unix()<<24 | s.seq&(1<<24-1)
	s.seq++
	old := s.named(a.ID)
	if old != nil {
		seq, story = old.seq, cmp.Or(story, s.taleID(old.tale))
		for _, e := range s.edges(old) {
			s.soil(s.at(e.to))
		}
		for m := range s.mates(old.tale) {
			s.soil(m)
		}
		defer s.forget(old.tale) // if it is in another now
		s.detach(old)
	}
	n := s.newNode()
	n.live, n.published, n.nanos, n.seq = true, a.Published.Unix(), uint32(a.Published.Nanosecond()), seq
	s.gists[n.number] = gist{outlet: s.outlet(a.Outlet), words: uint32(words)}
	n.text = s.texts.Put(a.ID, a.URL, a.Title)
	s.count++
	s.byID.Put(xxhash.Sum64String(a.ID), n.number)
	s.days[s.gists[n.number].outlet].add(n, 1)
	if len(a.Keys) > 0 {
		s.keys[n.number] = a.Keys
	}
	if a.URL != "" {
		s.byURL.Put(xxhash.Sum64String(a.URL), n.number)
	}
	for _, link := range s.rules.OtherLinks(&a) {
		s.links[link] = append(s.links[link], n.number)
	}
	s.waiting, n.waits = append(s.waiting, waiting{n.number, o}), true
	s.enter(n, s.tell(story, n))
	if n.stored = old == nil && story != ""; !n.stored {
		s.soil(n)
	}
	return n
}

// soil marks an article as one whose neighbourhood changed.
func (s *Stories) soil(n *node) {
	if !n.dirty {
		n.dirty, s.dirty = true, append(s.dirty, n.number)
	}
}

// Article gives the article of the id, without its set and the headline of all but the shortest texts, and the story that it is in: "" until it is settled. Of when it
// was seen first it has the seconds.
func (s *Stories) Article(id string) (a Article, story string, ok bool) {
	n := s.named(id)
	if n == nil {
		return a, "", false
	}
	return s.article(n), s.taleID(n.tale), true
}

// All yields the ids of the articles in the window, in no order.
func (s *Stories) All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for number := range s.gists {
			if n := s.at(uint32(number)); n.live && !yield(s.id(n)) {
				return
			}
		}
	}
}

// Members lists the articles of a story by time, then id; nil if none of the window is in it.
func (s *Stories) Members(story string) []string {
	return s.itemIDs(slices.SortedFunc(s.mates(s.told(story)), s.earlier))
}

// Known lists the stories of the window, by id.
func (s *Stories) Known() (ids []string) {
	for number, t := range s.tales.all {
		if t.size > 0 {
			ids = append(ids, s.taleID(uint32(number)))
		}
	}
	slices.Sort(ids)
	return ids
}

// outlet is the number of an outlet, 0 of an unknown one.
func (s *Stories) outlet(name string) uint32 {
	if name == "" {
		return 0
	}
	if s.byName[name] == 0 {
		s.byName[name] = uint32(len(s.days))
		s.names, s.days = append(s.names, name), append(s.days, days{})
	}
	return s.byName[name]
}

// Refold lets the next Settle decide every article anew, the stored ones too.
func (s *Stories) Refold() {
	for number := range s.gists {
		if n := s.at(uint32(number)); n.live {
			s.soil(n)
		}
	}
}

// Remove takes an article that has left the window. Its story stays as it is: those that it held together remain together.
func (s *Stories) Remove(id string) {
	n := s.named(id)
	if n == nil {
		return
	}
	var mates []*node
	for m := range s.mates(n.tale) {
		if _, ok := s.edge(n, m); ok || slices.Contains(s.tied[n.number], m.number) {
			mates = append(mates, m)
		}
	}
	slices.SortFunc(mates, s.earlier)
	for i := 1; i < len(mates); i++ {
		s.tie(mates[i-1], mates[i])
	}
	story := n.tale
	s.detach(n)
	s.forget(story)
	s.repack()
}

// detach takes the node out of every structure. Its number is not used again before the next article is added.
func (s *Stories) detach(n *node) {
	a := s.article(n)
	s.disconnect(n)
	s.untie(n)
	for _, link := range s.rules.OtherLinks(&a) {
		if s.links[link] = slices.DeleteFunc(s.links[link], func(x uint32) bool { return x == n.number }); len(s.links[link]) == 0 {
			delete(s.links, link)
		}
	}
	delete(s.keys, n.number)
	s.byID.Delete(xxhash.Sum64String(a.ID), n.number)
	s.byURL.Delete(xxhash.Sum64String(a.URL), n.number)
	s.unpost(n)
	s.release(n)
	s.days[s.gists[n.number].outlet].add(n, -1)
	if b := s.gists[n.number].bitmap; b > 0 {
		s.bits.Drop(b - 1)
	}
	s.gists[n.number] = gist{}
	s.leave(n)
	s.texts.Drop(n.text, rowSize)
	n.live, n.dirty, n.doubtful = false, false, false
	s.count--
}

// unpost takes the node out of the index. Where its set is not in memory its postings stay until they are worth a walk through all.
func (s *Stories) unpost(n *node) {
	if n.waits {
		n.waits, s.later = false, append(s.later, n.number)
		return
	}
	if n.slot != 0 {
		s.index.Remove(n.number, s.hold.sets[n.slot])
		s.nodes.Drop(n.number)
		return
	}
	if s.gone[n.number] = true; len(s.gone) < 1000+s.count/8 {
		return
	}
	s.index.Purge(func(number uint32) bool { return s.gone[number] })
	for number := range s.gone {
		s.nodes.Drop(number)
	}
	clear(s.gone)
}
