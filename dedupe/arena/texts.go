// Package arena keeps strings and other things of very many articles, and tables by which they are found, close together and without pointers, which the garbage
// collector would have to follow. It never says what they mean.
package arena

import (
	"encoding/binary"
	"strings"
)

// chunk is how many bytes lie together. A position has sixteen bits for the place in a chunk, and sixteen for which: 4 GB in all.
const chunk = 1 << 16

// Texts keeps rows of strings. The zero Texts is empty and ready.
type Texts struct {
	chunks  []string
	open    *strings.Builder // the last chunk
	size    int
	dropped int
}

// Put keeps a row and returns its position. Each string costs its length and one byte, or three where it has 128 or more.
func (t *Texts) Put(row ...string) (at uint32) {
	size := 0
	for _, s := range row {
		size += len(s) + binary.MaxVarintLen32
	}
	if t.open == nil || t.open.Len()+size > chunk {
		t.open = new(strings.Builder)
		t.open.Grow(max(size, chunk))
		t.chunks = append(t.chunks, "")
	}
	from := t.open.Len()
	var length [binary.MaxVarintLen64]byte
	for _, s := range row {
		t.open.Write(length[:binary.PutUvarint(length[:], uint64(len(s)))])
		t.open.WriteString(s)
	}
	last := len(t.chunks) - 1
	t.chunks[last] = t.open.String()
	t.size += t.open.Len() - from
	return uint32(last)<<16 | uint32(from)
}

// At gives the i-th string of the row at the position.
func (t *Texts) At(at uint32, i int) string {
	rest := t.chunks[at>>16][at&(chunk-1):]
	for {
		n, k := uvarint(rest)
		if i == 0 {
			return rest[k : k+n]
		}
		rest, i = rest[k+n:], i-1
	}
}

// Drop says that a row of so many strings is not wanted any more. Its room is free when what is left is put into other Texts.
func (t *Texts) Drop(at uint32, strings int) {
	rest := t.chunks[at>>16][at&(chunk-1):]
	for range strings {
		n, k := uvarint(rest)
		rest = rest[k+n:]
		t.dropped += k + n
	}
}

// Size is how many bytes it has, with those that were dropped.
func (t *Texts) Size() int { return t.size }

// Sparse reports whether most of it was dropped, and that is worth the work.
func (t *Texts) Sparse() bool { return t.dropped > 4*chunk && t.dropped > t.size/2 }

// uvarint is binary.Uvarint of a string.
func uvarint(s string) (n, k int) {
	for shift := 0; ; shift += 7 {
		b := s[k]
		k++
		if n |= int(b&0x7f) << shift; b < 0x80 {
			return n, k
		}
	}
}
