package phrase

import (
	"encoding/binary"
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
	h := hash(binary.LittleEndian.Uint32([]byte(literal[at : at+KeySize])))
	k.filter[h>>(32-filterBits)/64] |= 1 << (h >> (32 - filterBits) % 64)
	first := &k.first[h>>(32-firstBits)]
	k.list = append(k.list, key{literal, at, number, *first})
	*first = uint16(len(k.list) - 1)
}

// Find appends the numbers of the literals that stand in the text, some of them more than once. It looks at four places at a time.
func (k *Keys) Find(text string, found []uint16) []uint16 {
	b, i := []byte(text), 0
	for ; i+2*KeySize <= len(b); i += KeySize {
		eight := binary.LittleEndian.Uint64(b[i:])
		if k.may(uint32(eight))|k.may(uint32(eight>>8))|k.may(uint32(eight>>16))|k.may(uint32(eight>>24)) != 0 {
			for at := range KeySize {
				found = k.here(text, i+at, uint32(eight>>(8*at)), found)
			}
		}
	}
	for ; i+KeySize <= len(b); i++ {
		found = k.here(text, i, binary.LittleEndian.Uint32(b[i:]), found)
	}
	return found
}

// may is not 0 if a key of four bytes may be these.
func (k *Keys) may(four uint32) uint64 {
	h := hash(four)
	return k.filter[h>>(32-filterBits)/64] >> (h >> (32 - filterBits) % 64) & 1
}

// here appends the numbers of those literals whose four bytes stand at byte i.
func (k *Keys) here(text string, i int, four uint32, found []uint16) []uint16 {
	if k.may(four) == 0 {
		return found
	}
	for n := k.first[hash(four)>>(32-firstBits)]; n != 0; n = k.list[n].next {
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

// hash hashes four bytes, letters in lower case.
func hash(four uint32) uint32 { return (four | lower<<24 | lower<<16 | lower<<8 | lower) * 2654435769 }

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
// no such. Spaced says that a space stands before the step. Known holds what was found for choices, as groups lead to the same ones.
func (n *node) needs(spaced bool, known map[step][]string) []string {
	switch n.sort {
	case 0:
		return nil
	case '|':
		at := step{n, spaced}
		if _, ok := known[at]; !ok {
			known[at] = n.needsOfAny(spaced, known)
		}
		return known[at]
	case 'l':
		text := n.whole(spaced)
		if list := n.next.needs(strings.HasSuffix(text, " "), known); len(text) < KeySize || !better(text, list) {
			return list
		}
		return []string{text}
	}
	return n.next.needs(spaced && n.sort != '*', known)
}

// step is a choice that is reached behind a space or not.
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
