package dedupe

import (
	"encoding/binary"
	"errors"
)

// MarshalBinary writes the set as a version byte, the words and the number of shingles as varints, the hashes in the order of
// the text as 4 bytes each, little end first, and one bit each for the quoted ones: 1,024 bytes for a text of 250 words. The order
// of what stands beyond the 32,767th place is lost.
func (s Set) MarshalBinary() ([]byte, error) {
	n := len(s.hashes)
	b := make([]byte, 0, 12+n*4+(n+7)/8)
	b = append(b, 1)
	b = binary.AppendUvarint(b, uint64(s.words))
	b = binary.AppendUvarint(b, uint64(n))
	marks := make([]byte, (n+7)/8)
	for at, i := range s.order() {
		b = binary.LittleEndian.AppendUint32(b, s.hashes[i])
		marks[at/8] |= byte(s.places[i]&1) << (at % 8)
	}
	return append(b, marks...), nil
}

// order lists the indexes of the shingles as they stand in the text.
func (s Set) order() []int {
	order := make([]int, len(s.hashes))
	end := lastPlace
	for i, p := range s.places {
		if at := int(p >> 1); at < lastPlace {
			order[at] = i
			continue
		}
		order[end] = i
		end++
	}
	return order
}

var errSet = errors.New("shingle set: cut short or not one")

// UnmarshalBinary reads what MarshalBinary wrote. It keeps no part of b.
func (s *Set) UnmarshalBinary(b []byte) error {
	if len(b) == 0 || b[0] != 1 {
		return errSet
	}
	b = b[1:]
	words, k := binary.Uvarint(b)
	if k <= 0 || words > 1<<40 {
		return errSet
	}
	n, l := binary.Uvarint(b[k:])
	if l <= 0 || n > uint64(len(b)) {
		return errSet
	}
	if b = b[k+l:]; uint64(len(b)) != n*4+(n+7)/8 {
		return errSet
	}
	keys := make([]uint64, 0, n)
	for i := range int(n) {
		keys = append(keys, uint64(binary.LittleEndian.Uint32(b[4*i:]))<<32|uint64(i)<<1|uint64(b[4*int(n)+i/8]>>(i%8)&1))
	}
	*s = Set{words: int(words)}
	s.fill(keys, new(sorter))
	return nil
}
