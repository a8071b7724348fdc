package shingle

import (
	"encoding/binary"
	"errors"
	"math/bits"
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
	r, err := readSet(b)
	if err != nil {
		return err
	}
	keys := make([]uint64, r.size)
	for i := range keys {
		keys[i] = uint64(r.hash(i))<<32 | uint64(i)<<1 | uint64(r.marks[i/8]>>(i%8)&1)
	}
	*s = Set{words: r.words}
	s.fill(keys, new(sorter))
	return nil
}

// Outline is what the index needs of a set: the zero Outline is that of an empty one.
type Outline struct {
	words  int
	weight int
	posted []uint32
}

// Outline is the set's.
func (s Set) Outline() Outline {
	return Outline{s.words, s.weight, s.posted(nil)}
}

// Hollow is a set of as many words without its shingles, as Set.Hollow gives.
func (o Outline) Hollow() Set { return Set{words: o.words, weight: o.weight} }

// UnmarshalBinary reads the outline of a set from what its MarshalBinary wrote, without sorting its shingles: a tenth of the time. It keeps no
// part of b.
func (o *Outline) UnmarshalBinary(b []byte) error {
	r, err := readSet(b)
	if err != nil {
		return err
	}
	*o = Outline{words: r.words, weight: 2 * r.size}
	s := Set{words: r.words}
	lead, mask := s.leadOf(r.size), s.mask()
	o.posted = make([]uint32, 0, r.size/int(mask+1)*9/8+lead/2+8)
	for i := range r.size {
		if h := r.hash(i); h&mask == 0 || i < lead && h&fine == 0 {
			o.posted = append(o.posted, h)
		}
	}
	for _, m := range r.marks {
		o.weight -= bits.OnesCount8(m)
	}
	return nil
}

// raw is a set in its binary form.
type raw struct {
	words, size   int
	hashes, marks []byte
}

func (r raw) hash(i int) uint32 { return binary.LittleEndian.Uint32(r.hashes[4*i:]) }

func readSet(b []byte) (r raw, err error) {
	if len(b) == 0 || b[0] != 1 {
		return r, errSet
	}
	b = b[1:]
	words, k := binary.Uvarint(b)
	if k <= 0 || words > 1<<40 {
		return r, errSet
	}
	n, l := binary.Uvarint(b[k:])
	if l <= 0 || n > uint64(len(b)) {
		return r, errSet
	}
	if b = b[k+l:]; uint64(len(b)) != n*4+(n+7)/8 {
		return r, errSet
	}
	return raw{int(words), int(n), b[:4*n], b[4*n:]}, nil
}
