package phrase

import (
	"slices"
	"strings"
)

// Keys finds which of many literals stand in a text, in one pass over its bytes: by four bytes of each literal that few texts hold. Case
// counts for letters outside ASCII only. The zero Keys is empty.
type Keys struct {
	filter [1 << filterBits / 64]uint64 // hashes of the four bytes, so that what is not there need not be looked up
	first  [1 << firstBits]uint16       // by the head of the hash: index in list, 0 for none
	list   []key
}

type key struct {
	literal string
	at      int    // where in it the four bytes begin
	number  uint16 // of the literal
	next    uint16 // index of another key whose hash begins alike, 0 for none
}

// KeySize is how many bytes a literal must have at least to be found.
const KeySize = 4

// How many bits of a hash are looked at.
const (
	filterBits = 15
	firstBits  = 12
)

// Add puts in a literal of KeySize bytes or more, to be told by a number.
func (k *Keys) Add(literal string, number uint16) {
	if len(k.list) == 0 {
		k.list = make([]key, 1) // 0 is none
	}
	at := rarest(literal)
	h := hash(fourOf(literal[at:]))
	k.filter[h>>(32-filterBits)/64] |= 1 << (h >> (32 - filterBits) % 64)
	first := &k.first[h>>(32-firstBits)]
	k.list = append(k.list, key{literal, at, number, *first})
	*first = uint16(len(k.list) - 1)
}

// Find appends the numbers of the literals that stand in the text, some of them more than once.
func (k *Keys) Find(text string, found []uint16) []uint16 {
	four := uint32(0)
	for i := range len(text) {
		four = four>>8 | uint32(text[i]|lower)<<24
		h := hash(four)
		if k.filter[h>>(32-filterBits)/64]>>(h>>(32-filterBits)%64)&1 != 0 {
			found = k.here(text, i+1-KeySize, h, found)
		}
	}
	return found
}

// here appends the numbers of those literals whose four bytes with the hash stand at byte i.
func (k *Keys) here(text string, i int, h uint32, found []uint16) []uint16 {
	for n := k.first[h>>(32-firstBits)]; n != 0; n = k.list[n].next {
		if e := &k.list[n]; i >= e.at && alike(text[i-e.at:], e.literal) {
			found = append(found, e.number)
		}
	}
	return found
}

// lower is the bit that makes capitals small letters. Some other bytes become alike by it, which the hash may do too.
const lower = 'a' - 'A'

// alike reports whether the text begins like the literal but for the case of letters.
func alike(text, literal string) bool {
	if len(text) < len(literal) {
		return false
	}
	for i := range len(literal) {
		if text[i]|lower != literal[i]|lower {
			return false
		}
	}
	return true
}

// fourOf is the first four bytes.
func fourOf(s string) (four uint32) {
	for i := range KeySize {
		four = four>>8 | uint32(s[i]|lower)<<24
	}
	return four
}

func hash(four uint32) uint32 { return four * 2654435769 }

// rarest is where the piece of the literal begins that fewest texts hold.
func rarest(literal string) (at int) {
	for i := 1; i+KeySize <= len(literal); i++ {
		if rarity(literal[i:i+KeySize]) > rarity(literal[at:at+KeySize]) {
			at = i
		}
	}
	return at
}

// rarity tells how few texts hold the literal: the more letters, and the less common ones.
func rarity(literal string) (sum int) {
	const commonest = " etoainsrhlcudfmpgk"
	for _, c := range []byte(literal) {
		if i := strings.IndexByte(commonest, c); i >= 0 {
			sum += i
		} else {
			sum += len(commonest)
		}
	}
	return sum
}

// needs are literals long enough for a key, one of which at least stands in every line that matches the step and those after it; nil if there are
// no such. Spaced says that a space stands before the step. Known holds what was found for steps, as groups lead to the same ones.
func (n *node) needs(spaced bool, known map[step][]string) []string {
	at := step{n, spaced}
	list, ok := known[at]
	if ok {
		return list
	}
	switch n.sort {
	case 0:
	case '|':
		list = n.needsOfAny(spaced, known)
	case 'l':
		text := n.whole(spaced)
		list = n.next.needs(strings.HasSuffix(text, " "), known)
		if len(text) >= KeySize && better(text, list) {
			list = []string{text}
		}
	default:
		list = n.next.needs(spaced && n.sort != '*', known)
	}
	known[at] = list
	return list
}

// step is a node that is reached behind a space or not.
type step struct {
	*node
	spaced bool
}

// whole is the literal with the spaces that stand on both sides of it in a line.
func (n *node) whole(spaced bool) string {
	text := n.literal
	if spaced {
		text = " " + strings.TrimPrefix(text, " ")
	}
	if n.next.sort == 0 {
		text = strings.TrimSuffix(text, " ") + " "
	}
	return text
}

// needsOfAny is needs for a choice: what any of its alternatives needs.
func (n *node) needsOfAny(spaced bool, known map[step][]string) (list []string) {
	for _, c := range n.choice {
		needed := c.needs(spaced, known)
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

// better reports whether fewer texts hold the literal than one of the list.
func better(literal string, list []string) bool {
	return list == nil || slices.ContainsFunc(list, func(s string) bool { return rarity(s) < rarity(literal) })
}
