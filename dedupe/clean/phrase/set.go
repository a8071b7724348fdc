package phrase

import (
	"slices"
	"strings"
)

// Set is many patterns of which a line is matched against few: alternatives with which a pattern may begin are kept apart, and each is tried
// on lines only that begin like it, or that hold a literal without which it cannot match. The zero Set is empty.
//
// Of the 12,100 beginnings of the lexicon's patterns a line of an article is matched against 1.1 to 3 in the mean (4.8 to 10.4 when beginnings were
// told by three bytes, and literals by four).
type Set struct {
	parts []part
	all   table
	long  table // of the parts for lines of more than Short runes
	size  int   // patterns
}

// part is a pattern with one of its beginnings.
type part struct {
	Pattern
	of int // the pattern's number
}

// table says which parts a line may match, by their numbers.
type table struct {
	begins map[uint32][]begin // by the first bytes, at most three
	keys   Keys
	open   []uint16 // parts of which nothing can be asked
}

// begin is a literal with which lines begin that match a part.
type begin struct {
	literal string
	whole   bool // the line is nothing else
	part    uint16
}

// beginSize is the length in bytes by which beginnings are found.
const beginSize = 3

// Add puts a pattern in, which is from now on known by its place in the order of adding.
func (s *Set) Add(p Pattern) {
	s.add(p.limit, p.first)
	s.size++
}

// add puts in the part that begins with the step, for a choice those that begin with its alternatives.
func (s *Set) add(limit int, n *node) {
	for _, c := range n.choice {
		s.add(limit, c)
	}
	if n.sort == '|' {
		return
	}
	number := uint16(len(s.parts))
	s.parts = append(s.parts, part{Pattern{limit, n}, s.size})
	s.all.add(n, number)
	if limit > Short {
		s.long.add(n, number)
	}
}

// add puts a part in under what a line must have to match it.
func (t *table) add(n *node, number uint16) {
	if n.sort == 'l' {
		if literal := strings.TrimLeft(n.literal, " "); literal != "" {
			t.addBegin(begin{literal, n.next.sort == 0, number})
			return
		}
	}
	needed := n.needs(n.sort != '*', map[step][]string{})
	if needed == nil {
		t.open = append(t.open, number)
	}
	for _, s := range needed {
		t.keys.Add(s, number)
	}
}

func (t *table) addBegin(b begin) {
	if t.begins == nil {
		t.begins = map[uint32][]begin{}
	}
	first := firstOf(b.literal[:min(beginSize, len(b.literal))])
	t.begins[first] = append(t.begins[first], b)
}

// firstOf is the bytes as a number, unlike that of fewer.
func firstOf(bytes string) uint32 {
	n := uint32(len(bytes))
	for i := range len(bytes) {
		n = n<<8 | uint32(bytes[i])
	}
	return n
}

// Match yields the patterns that the line matches, in the order of adding.
func (s *Set) Match(l Line) func(func(int) bool) {
	return func(yield func(int) bool) {
		var room [128]uint16
		may := s.candidates(l, room[:0])
		last := -1
		for i, n := range may {
			p := &s.parts[n]
			if i > 0 && may[i-1] == n || p.of == last || !p.Match(l) {
				continue
			}
			if last = p.of; !yield(last) {
				return
			}
		}
	}
}

// candidates appends the parts that the line may match, in order, some of them more than once.
func (s *Set) candidates(l Line, may []uint16) []uint16 {
	t := &s.all
	if l.Runes > Short {
		t = &s.long
	}
	may = append(may, t.open...)
	text := l.padded[1:]
	for n := 1; n <= min(beginSize, len(text)); n++ {
		for _, b := range t.begins[firstOf(text[:n])] {
			if strings.HasPrefix(text, b.literal) && (!b.whole || len(text)-1 <= len(b.literal)) {
				may = append(may, b.part)
			}
		}
	}
	may = t.keys.Find(l.padded, may)
	slices.Sort(may)
	return may
}
