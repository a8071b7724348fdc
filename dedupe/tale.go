package dedupe

import (
	"iter"
	"math"

	"github.com/cespare/xxhash/v2"

	"copytaster/dedupe/arena"
)

// tale is a story as the window has it.
type tale struct {
	born  int64  // the seq of its first item
	text  uint32 // the row in Stories.texts that begins with its id
	own   bool   // the row is its own, not that of an article whose id it took
	first uint32 // of its articles, in no order, 1 + number; 0: none
	size  int32
	mark  uint32 // by whom it was visited last: see Stories.touched
	taken bool   // its id was given to a part: see Stories.ids
	live  bool
}

// tales are the stories by their numbers, from 1.
type tales struct {
	all  []tale
	free []uint32
	byID arena.Table
}

// taleID is the id of a story, "" of 0.
func (s *Stories) taleID(number uint32) string {
	if number == 0 {
		return ""
	}
	return s.texts.At(s.tales.all[number].text, rowID)
}

// told finds the story with the id; 0 if there is none.
func (s *Stories) told(id string) uint32 {
	for number := range s.tales.byID.Of(xxhash.Sum64String(id)) {
		if s.taleID(number) == id {
			return number
		}
	}
	return 0
}

// tell is told, of a new story if need be; by is an article that may have its id.
func (s *Stories) tell(id string, by *node) uint32 {
	if number := s.told(id); number != 0 || id == "" {
		return number
	}
	t := tale{born: math.MaxInt64, text: by.text, live: true}
	if s.id(by) != id {
		t.text, t.own = s.texts.Put(id), true
	}
	number := uint32(len(s.tales.all))
	if k := len(s.tales.free); k > 0 {
		number, s.tales.free = s.tales.free[k-1], s.tales.free[:k-1]
		s.tales.all[number] = t
	} else {
		s.tales.all = append(s.tales.all, t)
	}
	s.tales.byID.Put(xxhash.Sum64String(id), number)
	return number
}

// forget lets go of a story that has no articles.
func (s *Stories) forget(number uint32) {
	if number == 0 || s.tales.all[number].size > 0 {
		return
	}
	t := &s.tales.all[number]
	s.tales.byID.Delete(xxhash.Sum64String(s.taleID(number)), number)
	if t.own {
		s.texts.Drop(t.text, 1)
	}
	*t = tale{}
	s.tales.free = append(s.tales.free, number)
}

// mates yields the articles of a story, in no order.
func (s *Stories) mates(number uint32) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		if number == 0 {
			return
		}
		for next := s.tales.all[number].first; next != 0; {
			n := s.at(next - 1)
			next = n.next
			if !yield(n) {
				return
			}
		}
	}
}

// enter records that the node is in the story, 0: in none.
func (s *Stories) enter(n *node, number uint32) {
	if n.tale == number {
		return
	}
	s.leave(n)
	if n.tale = number; number == 0 {
		return
	}
	t := &s.tales.all[number]
	n.next, t.first = t.first, n.number+1
	t.size++
	t.born = min(t.born, n.seq)
}

// leave takes the node out of its story.
func (s *Stories) leave(n *node) {
	if n.tale == 0 {
		return
	}
	t := &s.tales.all[n.tale]
	t.size--
	for at := &t.first; *at != 0; at = &s.at(*at - 1).next {
		if *at == n.number+1 {
			*at = n.next
			break
		}
	}
	n.tale, n.next = 0, 0
}

// repack puts the texts that are wanted into new ones, once most are not.
func (s *Stories) repack() {
	if !s.texts.Sparse() {
		return
	}
	var to arena.Texts
	for number := range s.tales.all {
		t := &s.tales.all[number]
		if !t.live {
			continue
		}
		t.own = true
		for n := range s.mates(uint32(number)) {
			t.own = t.own && n.text != t.text
		}
		if t.own {
			t.text = to.Put(s.taleID(uint32(number)))
		}
	}
	for number := range s.gists {
		n := s.at(uint32(number))
		if !n.live {
			continue
		}
		old := n.text
		n.text = to.Put(s.texts.At(old, rowID), s.texts.At(old, rowURL), s.texts.At(old, rowTitle))
		if t := &s.tales.all[n.tale]; n.tale != 0 && !t.own && t.text == old {
			t.text = n.text
		}
	}
	s.texts = to
}
