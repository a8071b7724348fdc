package shingle

import (
	"iter"
	"slices"
	"sort"
)

// gone stands for the number of a text whose posting was taken back.
const gone = 0

// layer is a list of postings by hash, packed: a directory of 2^(32-shift) parts of about eight postings, and of each posting what the directory does not say of the hash. The
// lowest bit of a posted hash is zero. The zero layer is empty.
type layer struct {
	shift   uint8
	starts  []uint32 // where each part begins, and the last ends
	rests   []uint16 // the sixteen bits of the hash above the lowest
	numbers []uint32 // number + 1 or gone
}

const (
	widest = 17 // bits of a hash that rests tell apart
	dense  = 8  // postings in a part, at most about twice as many: .25 to .5 bytes of the directory for each
)

func (l *layer) len() int { return len(l.numbers) }

// find gives the postings of a hash.
func (l *layer) find(hash uint32) []uint32 {
	if len(l.numbers) == 0 {
		return nil
	}
	from, to := l.starts[hash>>l.shift], l.starts[hash>>l.shift+1]
	rests, rest := l.rests[from:to], uint16(hash>>1)
	i := 0
	if len(rests) > 4*dense {
		i, _ = slices.BinarySearch(rests, rest)
	}
	for i < len(rests) && rests[i] < rest {
		i++
	}
	end := i
	for end < len(rests) && rests[end] == rest {
		end++
	}
	return l.numbers[from+uint32(i) : from+uint32(end)]
}

// slots lists the postings but those that are gone.
func (l *layer) slots() []uint64 {
	slots := make([]uint64, 0, l.len())
	for c := (cursor{layer: l}); c.more(); c.at++ {
		if number := l.numbers[c.at]; number != gone {
			slots = append(slots, uint64(c.hash())<<32|uint64(number))
		}
	}
	return slots
}

// with is a new layer of the postings of l and n others, which come in lists sorted by hash, but those that are gone.
func (l *layer) with(n int, lists iter.Seq[[]uint64]) layer {
	to := emptyLayer(l.len() + n)
	c := cursor{layer: l}
	for slots := range lists {
		for _, slot := range slots {
			hash := uint32(slot >> 32)
			for ; c.more() && c.hash() <= hash; c.at++ {
				to.append(c.hash(), l.numbers[c.at])
			}
			to.append(hash, uint32(slot))
		}
	}
	for ; c.more(); c.at++ {
		to.append(c.hash(), l.numbers[c.at])
	}
	for i := 1; i < len(to.starts); i++ {
		to.starts[i] += to.starts[i-1]
	}
	return to
}

// cursor walks through a layer.
type cursor struct {
	*layer
	part, at uint32
}

// more reports whether there is a posting.
func (c *cursor) more() bool { return int(c.at) < len(c.numbers) }

// hash is the present posting's.
func (c *cursor) hash() uint32 {
	for c.at >= c.starts[c.part+1] {
		c.part++
	}
	return c.part<<c.shift | uint32(c.rests[c.at])<<1&(1<<c.shift-1)
}

// emptyLayer has room for n postings, which are to be appended in order; starts counts them until all are there.
func emptyLayer(n int) layer {
	l := layer{shift: widest}
	for l.shift > 1 && n>>(32-l.shift) > dense {
		l.shift--
	}
	l.starts, l.rests, l.numbers = make([]uint32, 1<<(32-l.shift)+1), make([]uint16, 0, n), make([]uint32, 0, n)
	return l
}

func (l *layer) append(hash, number uint32) {
	if number == gone {
		return
	}
	l.starts[hash>>l.shift+1]++
	l.rests, l.numbers = append(l.rests, uint16(hash>>1)), append(l.numbers, number)
}

// one yields the list alone.
func one(list []uint64) iter.Seq[[]uint64] {
	return func(yield func([]uint64) bool) { yield(list) }
}

// mergeInto puts more slots, sorted by hash, into a list that is.
func mergeInto(list, more []uint64) []uint64 {
	i, j := len(list)-1, len(more)-1
	list = slices.Grow(list, len(more))[:len(list)+len(more)]
	for k := len(list) - 1; j >= 0; k-- {
		if i >= 0 && list[i]>>32 > more[j]>>32 {
			list[k] = list[i]
			i--
			continue
		}
		list[k] = more[j]
		j--
	}
	return list
}

// runOf gives the slots of a hash in a list that is sorted by it.
func runOf(list []uint64, hash uint32) []uint64 {
	i := sort.Search(len(list), func(i int) bool { return uint32(list[i]>>32) >= hash })
	end := i
	for end < len(list) && uint32(list[end]>>32) == hash {
		end++
	}
	return list[i:end]
}

// mostCounted is how many postings of a text are counted at most: those of half a million words.
const mostCounted = 1<<16 - 1

// hits counts how often each text is met.
type hits struct {
	of    []uint32 // by number + 1: base of the last count that met it, and how often
	base  uint32   // of the present one: a multiple of 1 << 16
	least uint32   // that makes a candidate, above base
	found []uint32 // those that were met so often
}

// reserve makes room for the text with the number.
func (h *hits) reserve(number uint32) {
	if n := int(number) + 1; n > len(h.of) {
		h.of = append(h.of, make([]uint32, n-len(h.of))...)
	}
}

// begin begins a new count.
func (h *hits) begin(least int) {
	if h.base += 1 << 16; h.base == 0 {
		clear(h.of)
		h.base = 1 << 16
	}
	h.least, h.found = h.base+uint32(least), h.found[:0]
}

// add counts texts once each.
func (h *hits) add(numbers []uint32) {
	n := len(h.found)
	h.found = slices.Grow(h.found, len(numbers)+1)[:n+len(numbers)+1]
	of, found, base, least := h.of, h.found, h.base, h.least
	for _, number := range numbers { // half of them are found: a branch would be guessed wrong as often as not
		c := max(of[number], base) + 1
		of[number] = c
		found[n] = number
		if c == least {
			n++
		}
	}
	h.found = found[:n]
}

// candidates appends those that were met often enough to dst.
func (h *hits) candidates(dst []Candidate) []Candidate {
	for _, n := range h.found {
		if n != gone {
			dst = append(dst, Candidate{n - 1, h.of[n] - h.base})
		}
	}
	return dst
}
