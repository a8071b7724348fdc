package dedupe

import (
	"cmp"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"copytaster/dedupe/rule"
)

// node is an article in the window. There are as many as it has articles, so they have no pointers: 72 bytes each, 16 beside them by number, and a row of texts.
type node struct {
	published int64  // unix seconds, those of the zero time if it is not known,
	nanos     uint32 // and their nanoseconds
	number    uint32
	seq       int64  // Article.Seen, then order of arrival: the first of a story gives it its id
	text      uint32 // its row in Stories.texts
	tale      uint32 // 0 before it was settled
	next      uint32 // of its tale, 1 + number; 0 for the last
	edges     uint32 // its list in Stories.lists; 0: it has none
	slot      uint32 // of its set in hold; 0: it is to be read again
	siblings  int32  // at least as many as share something with it and its outlet
	mark      uint32 // by whom it was visited last: see Stories.visit
	place     int32  // in the list of those that are partitioned
	turn      int32  // in which the present Settle looks at it, if it was posted in that: see Stories.look

	live, stored, looked, waits, bridge, dirty, doubtful, used bool // stored: it came with its story; looked: its edges are known; waits: to be posted; used: its set, lately
}

// The strings of a node's row.
const (
	rowID = iota
	rowURL
	rowTitle // of the shortest texts only
	rowSize
)

// gist is what candidates are first asked for, close together: most of hundreds are neither of the same outlet nor near, and each node lies elsewhere in memory.
type gist struct {
	outlet, words uint32
	bitmap        uint32 // 1 + its number in Stories.bits; 0: it has none, see Stories.sum
}

// at is the node with the number.
func (s *Stories) at(number uint32) *node { return s.nodes.At(number) }

// newNode gives a number and its node, which is not live.
func (s *Stories) newNode() *node {
	number := s.nodes.New()
	if int(number) == len(s.gists) {
		s.gists, s.reach = append(s.gists, gist{}), append(s.reach, 0)
	}
	n := s.at(number)
	n.number = number
	return n
}

// named finds the article with the id; nil if there is none.
func (s *Stories) named(id string) *node {
	for number := range s.byID.Of(xxhash.Sum64String(id)) {
		if n := s.at(number); s.id(n) == id {
			return n
		}
	}
	return nil
}

func (s *Stories) id(n *node) string { return s.texts.At(n.text, rowID) }

// when is the time of publication, in UTC.
func (n *node) when() time.Time { return time.Unix(n.published, int64(n.nanos)).UTC() }

// article is the node's without its set.
func (s *Stories) article(n *node) Article {
	return Article{ID: s.id(n), URL: s.texts.At(n.text, rowURL), Title: s.texts.At(n.text, rowTitle), Outlet: s.names[s.gists[n.number].outlet],
		Published: n.when(), Seen: time.Unix(n.seq>>24, 0).UTC(), Keys: s.keys[n.number]}
}

// earlier orders articles by time, then id.
func (s *Stories) earlier(a, b *node) int {
	if c := cmp.Or(cmp.Compare(a.published, b.published), cmp.Compare(a.nanos, b.nanos)); c != 0 || a == b {
		return c
	}
	return strings.Compare(s.id(a), s.id(b))
}

// one reports whether two articles are of one outlet; nobody knows that of an unknown one.
func (s *Stories) one(a, b *node) bool {
	outlet := s.gists[a.number].outlet
	return outlet != 0 && outlet == s.gists[b.number].outlet
}

// short reports whether one of the two is too short for its text alone to say anything.
func (s *Stories) short(a, b *node) bool {
	return min(s.gists[a.number].words, s.gists[b.number].words) < rule.MinWords
}

// apart reports whether the two may not be one story whatever their texts say.
func (s *Stories) apart(a, b *node) bool {
	return s.rules.Far(a.when(), b.when()) || s.forbidden(a, b)
}

// forbidden reports whether the configuration keeps the two apart.
func (s *Stories) forbidden(a, b *node) bool {
	if !s.rules.Corrects() {
		return false
	}
	x, y := s.article(a), s.article(b)
	return s.rules.Forbidden(&x, &y)
}

// decide is the rule under which the two match, with the sets in which they match so.
func (s *Stories) decide(n, o *node, a, b Set, m Match) rule.Rule {
	head := false
	if s.short(n, o) {
		x, y := s.article(n), s.article(o)
		head = rule.SameHead(&x, &y)
	}
	return s.rules.Decide(a, b, s.one(n, o), head, m)
}
