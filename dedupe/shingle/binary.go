package shingle

import (
	"encoding/binary"
	"errors"
	"slices"
)

// Outline is what the index needs of a set: the zero Outline is that of an empty one.
type Outline struct {
	words  int
	weight int
	posted []uint32
}

// Outline is the set's.
func (s Set) Outline() Outline {
	var buf [128]uint32
	return Outline{s.words, s.weight, slices.Clone(s.posted(buf[:0]))}
}

// Hollow is a set of as many words without its shingles, as Set.Hollow gives.
func (o Outline) Hollow() Set { return Set{words: o.words, weight: o.weight} }

// The versions of a written outline, its first byte.
const (
	wholeSet = 1 // all of the set, as it was once written
	outlined = 2
)

// MarshalBinary writes the outline as a version byte, the words, the weight and the number of hashes as varints, and the hashes under which the set is posted as 4
// bytes each, little end first: 300 bytes for a text of 500 words, of which the whole set would take 2,050. A set is not written: the text is there, and
// shingling it takes 30 µs.
func (o Outline) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, 12+4*len(o.posted))
	b = append(b, outlined)
	for _, n := range []int{o.words, o.weight, len(o.posted)} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	for _, h := range o.posted {
		b = binary.LittleEndian.AppendUint32(b, h)
	}
	return b, nil
}

var errOutline = errors.New("outline of a shingle set: cut short or not one")

// UnmarshalBinary reads what MarshalBinary wrote, or the outline of a set that was once written whole: the words and the number of shingles as varints, the hashes
// in the order of the text, and one bit each for the quoted ones. It keeps no part of b.
func (o *Outline) UnmarshalBinary(b []byte) error {
	if len(b) == 0 {
		return errOutline
	}
	r := numbers{b: b[1:]}
	var out Outline
	switch b[0] {
	case outlined:
		out = Outline{words: r.number(), weight: r.number()}
		hashes := r.hashes(r.number())
		out.posted = make([]uint32, len(hashes)/4)
		for i := range out.posted {
			out.posted[i] = hashAt(hashes, i)
		}
	case wholeSet:
		out = r.whole()
	default:
		return errOutline
	}
	if r.bad || len(r.b) > 0 {
		return errOutline
	}
	*o = out
	return nil
}

// whole reads the outline of a set that was written whole.
func (r *numbers) whole() Outline {
	s := Set{words: r.number()}
	n := r.number()
	hashes := r.hashes(n)
	marks := r.take((n + 7) / 8)
	if r.bad {
		return Outline{}
	}
	o := Outline{words: s.words, weight: 2 * n}
	lead, mask := s.leadOf(n), s.mask()
	for i := range n {
		if h := hashAt(hashes, i); h&mask == 0 || i < lead && h&fine == 0 {
			o.posted = append(o.posted, h)
		}
		o.weight -= int(marks[i/8] >> (i % 8) & 1)
	}
	return o
}

// numbers takes numbers off the front of b; once it is bad it gives zeros.
type numbers struct {
	b   []byte
	bad bool
}

func (r *numbers) number() int {
	v, k := binary.Uvarint(r.b)
	if k <= 0 || v > 1<<31-1 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[k:]
	return int(v)
}

// hashes takes n hashes.
func (r *numbers) hashes(n int) []byte { return r.take(4 * n) }

func (r *numbers) take(n int) []byte {
	if n > len(r.b) {
		r.b, r.bad = nil, true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func hashAt(b []byte, i int) uint32 { return binary.LittleEndian.Uint32(b[4*i:]) }
