package phrase

import (
	"math"
	"slices"
	"strings"
)

// Set is many patterns of which a line is matched against few: alternatives with which a pattern may begin are kept apart, and each is tried
// on lines only that begin like it, or that hold four bytes without which it cannot match. The zero Set is empty.
//
// Of 384 patterns for standing lines a line of an article is matched against 20 in the mean, in 40 % of the time of looking at each one's
// first two letters.
type Set struct {
	parts  []part
	begins map[string][]uint16 // parts by their first bytes, at most three
	keys   []key
	first  [1 << 14]uint16 // by the hash of four bytes: index in keys, 0 for none
	open   []uint16        // parts of which nothing can be asked
	size   int             // patterns
}

// part is a pattern with one of its beginnings.
type part struct {
	Pattern
	of int // the pattern's number
}

// key says that a part may match where the four bytes stand.
type key struct {
	bytes uint32
	part  uint16
	next  uint16 // index of another key of the same hash, 0 for none
}

// The lengths in bytes of what is looked for.
const (
	keySize   = 4
	beginSize = 3
)

// Add puts a pattern in, which is from now on known by its place in the order of adding.
func (s *Set) Add(p Pattern) {
	for _, n := range p.first.beginnings(nil) {
		s.add(part{Pattern{p.limit, n}, s.size})
	}
	s.size++
}

// beginnings appends the steps with which a line may begin, for a choice those of its alternatives.
func (n *node) beginnings(list []*node) []*node {
	if n.sort != '|' {
		return append(list, n)
	}
	for _, c := range n.choice {
		list = c.beginnings(list)
	}
	return list
}

func (s *Set) add(p part) {
	number := uint16(len(s.parts))
	s.parts = append(s.parts, p)
	if p.first.sort == 'l' {
		if text := strings.TrimLeft(p.first.literal, " "); text != "" {
			if s.begins == nil {
				s.begins = map[string][]uint16{}
			}
			text = text[:min(beginSize, len(text))]
			s.begins[text] = append(s.begins[text], number)
			return
		}
	}
	needed := p.first.needs(map[*node][]string{})
	if needed == nil {
		s.open = append(s.open, number)
	}
	for _, literal := range needed {
		s.insert(key{bytes: fourOf(rarest(literal)), part: number})
	}
}

func (s *Set) insert(k key) {
	if len(s.keys) == 0 {
		s.keys = make([]key, 1) // 0 is none
	}
	first := &s.first[hash(k.bytes)]
	k.next = *first
	*first = uint16(len(s.keys))
	s.keys = append(s.keys, k)
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
	may = append(may, s.open...)
	for n := 1; n <= min(beginSize, len(l.Text)); n++ {
		may = append(may, s.begins[l.Text[:n]]...)
	}
	for i := 0; i+keySize <= len(l.padded); i++ {
		four := fourOf(l.padded[i:])
		for k := s.first[hash(four)]; k != 0; k = s.keys[k].next {
			if s.keys[k].bytes == four {
				may = append(may, s.keys[k].part)
			}
		}
	}
	slices.Sort(may)
	return may
}

// fourOf is the first four bytes.
func fourOf(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func hash(four uint32) uint32 { return four * 2654435769 >> 18 }

// rarest is the piece of the literal that fewest texts hold, by how common its letters are.
func rarest(literal string) (piece string) {
	least := math.MaxInt
	for i := 0; i+keySize <= len(literal); i++ {
		common := 0
		for _, c := range []byte(literal[i : i+keySize]) {
			common += strings.IndexByte("kgpmfduclhrsniaote ", c) + 1 // the further behind, the commoner
		}
		if common < least {
			least, piece = common, literal[i:i+keySize]
		}
	}
	return piece
}

// needs are literals long enough for a key, one of which at least stands in every line that matches the step and those after it; nil if there are
// no such. Known holds what was found for steps, as groups lead to the same ones.
func (n *node) needs(known map[*node][]string) []string {
	if list, ok := known[n]; ok {
		return list
	}
	var list []string
	switch n.sort {
	case 0:
	case '|':
		list = n.needsOfAny(known)
	default:
		list = n.next.needs(known)
		if len(n.literal) >= keySize && better(n.literal, list) {
			list = []string{n.literal}
		}
	}
	known[n] = list
	return list
}

// needsOfAny is needs for a choice: what any of its alternatives needs.
func (n *node) needsOfAny(known map[*node][]string) (list []string) {
	for _, c := range n.choice {
		needed := c.needs(known)
		if needed == nil {
			return nil
		}
		for _, s := range needed {
			if !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
}

// better reports whether one literal asks more of a line than the list.
func better(literal string, list []string) bool {
	shortest := math.MaxInt
	for _, s := range list {
		shortest = min(shortest, len(s))
	}
	return list == nil || len(list) > 1 || len(literal) > shortest
}
