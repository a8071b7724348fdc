package shingle

import (
	"iter"
	"math/bits"
	"slices"
)

// Index finds the texts that may hold a given one, or be held by it, without comparing them all: an inverted index of some shingles of
// each. The caller numbers the texts, densely from 0. The zero Index is empty and ready.
//
// It is one table of 64-bit slots (hash, then number) in ascending order with gaps: linear probing from homes that ascend with the hash,
// filled to between 76 and 85 % (Amble and Knuth, "Ordered hash tables", 1974). A look-up ends at the first larger hash, after 4 slots in the mean
// where without the order it is 23. 9.4 to 10.6 bytes a posting, 72 postings and 682, 718 and 757 bytes a text of 486 words in windows of 10,000, 100,000 and a million. MinHash bands of the same size find 34-72 % of the pairs with containment ≥ .5, as
// resemblance is low where one text holds another.
type Index struct {
	slots    []uint64 // 0 is free, as the last always is, else hash << 32 | number + 1; ascending but for the free ones
	homes    int      // slots at which a hash may begin; behind them is room for what is pushed on
	postings int
	hits     []uint16 // by number: scratch of Candidates, all 0 between calls
	found    []uint32 // likewise
}

// Short is the number of words under which every second shingle of a text is posted and not every eighth, of which too few would be left.
const Short = 100

const (
	coarse  = 7  // a shingle is posted if its hash ends in three zero bits,
	fine    = 1  // in the lead and in short texts if it ends in one
	minHits = 2  // shared postings that make a candidate
	margin  = 64 // slots behind the last home, more as they are needed
	// A shingle that so many texts hold says nothing of any; no story is as large, and its members have others in common.
	maxPostings = 256
)

// mask are the bits that are zero in the hashes that are posted.
func (s Set) mask() uint32 {
	if s.words < Short {
		return fine
	}
	return coarse
}

// posted appends the hashes under which the set is found.
func (s Set) posted(hashes []uint32) []uint32 {
	mask, lead := s.mask(), uint16(s.leadOf(len(s.hashes)))<<1
	for i, h := range s.hashes {
		if h&mask == 0 || s.places[i] < lead && h&fine == 0 {
			hashes = append(hashes, h)
		}
	}
	return hashes
}

// home is where the postings of a hash begin if no others are in their way.
func (x *Index) home(hash uint32) int {
	hi, _ := bits.Mul64(uint64(hash)<<32, uint64(x.homes))
	return int(hi)
}

// Add posts the set under a number that is not in use.
func (x *Index) Add(number uint32, s Set) {
	var buf [128]uint32
	hashes := s.posted(buf[:0])
	x.reserve(len(hashes))
	for _, h := range hashes {
		x.put(uint64(h)<<32 | uint64(number+1))
	}
}

// AddAll posts many sets at once under the numbers given with them, which it goes through twice. It sorts the postings roughly first, so that the table is filled from one
// end to the other: a quarter of the time of Add where the table is larger than the processor's cache. Where they are more than what is there, as at a
// start, it sorts them wholly and lays a new table, in three quarters of the time of that.
func (x *Index) AddAll(sets iter.Seq2[uint32, Outline]) {
	var sizes [256]int
	n := 0
	for _, s := range sets {
		for _, h := range s.posted {
			sizes[h>>24]++
		}
		n += len(s.posted)
	}
	var parts [256][]uint64
	for i, size := range sizes {
		parts[i] = make([]uint64, 0, size)
	}
	for number, s := range sets {
		for _, h := range s.posted {
			parts[h>>24] = append(parts[h>>24], uint64(h)<<32|uint64(number+1))
		}
	}
	if n > x.postings {
		x.merge(&parts, n)
		return
	}
	x.reserve(n)
	for _, part := range parts {
		for _, slot := range part {
			x.put(slot)
		}
	}
}

// merge makes a new table of the postings that there are and n new ones, in parts by the first byte of their hashes.
func (x *Index) merge(parts *[256][]uint64, n int) {
	old := slices.DeleteFunc(x.slots, func(slot uint64) bool { return slot == 0 })
	to := x.empty(max((x.postings+n)*20/17+1, 1024))
	var by sorter
	var run []uint64 // of one hash
	for _, part := range parts {
		for part = by.byHash(part); len(part) > 0; {
			hash := part[0] >> 32
			for ; len(old) > 0 && old[0]>>32 < hash; old = old[1:] {
				to.append(old[0])
			}
			run = run[:0]
			for ; len(old) > 0 && old[0]>>32 == hash; old = old[1:] {
				run = append(run, old[0])
			}
			for ; len(part) > 0 && part[0]>>32 == hash; part = part[1:] {
				if len(run) < maxPostings {
					run = append(run, part[0])
				}
			}
			slices.Sort(run)
			for _, slot := range run {
				to.append(slot)
			}
		}
	}
	for _, slot := range old {
		to.append(slot)
	}
}

// reserve makes room for n more postings.
func (x *Index) reserve(n int) {
	if want := (x.postings + n) * 20 / 17; want >= x.homes {
		more := x.homes / 8
		if x.homes < 1<<19 {
			more *= 4
		}
		x.grow(max(want+1, x.homes+more, 1024))
	}
}

// put inserts the slot at its place in the order, moving what stands there and behind it up to the next free one.
func (x *Index) put(slot uint64) {
	i := x.home(uint32(slot >> 32))
	for x.slots[i] != 0 && x.slots[i]>>32 < slot>>32 {
		i++
	}
	same := 0
	for x.slots[i] != 0 && x.slots[i] < slot {
		i++
		same++
	}
	end := i
	for ; x.slots[end] != 0; end++ {
		if x.slots[end]>>32 == slot>>32 {
			same++
		}
	}
	if same >= maxPostings {
		return
	}
	x.number(slot)
	if end == len(x.slots)-1 { // the last one stays free
		x.slots = append(x.slots, 0)
	}
	copy(x.slots[i+1:end+1], x.slots[i:end])
	x.slots[i] = slot
	x.postings++
}

// grow moves the postings to a larger table, by an eighth once it is large.
func (x *Index) grow(homes int) { x.rebuild(homes, nil) }

// Purge takes back all postings of the texts whose numbers are gone. It walks through the whole table.
func (x *Index) Purge(gone func(number uint32) bool) { x.rebuild(x.homes, gone) }

// rebuild moves the postings to a new table, but for those that are gone.
func (x *Index) rebuild(homes int, gone func(number uint32) bool) {
	old := x.slots
	to := x.empty(homes)
	for _, slot := range old {
		if slot != 0 && (gone == nil || !gone(uint32(slot)-1)) {
			to.append(slot)
		}
	}
}

// empty gives the index a new table, which is to be filled in order.
func (x *Index) empty(homes int) filler {
	x.homes, x.slots, x.postings = homes, make([]uint64, homes+margin), 0
	return filler{x, -1}
}

// filler fills a table in ascending order.
type filler struct {
	x  *Index
	at int // the slot that was filled last
}

func (f *filler) append(slot uint64) {
	x := f.x
	x.postings++
	if f.at = max(f.at+1, x.home(uint32(slot>>32))); f.at == len(x.slots)-1 { // the last one stays free
		x.slots = append(x.slots, 0)
	}
	x.slots[f.at] = slot
	x.number(slot)
}

// number makes room for the hits of the slot's text.
func (x *Index) number(slot uint64) {
	if n := int(uint32(slot)); n > len(x.hits) {
		x.hits = append(x.hits, make([]uint16, n-len(x.hits))...)
	}
}

// Remove takes the postings of the set back, which was added under the number.
func (x *Index) Remove(number uint32, s Set) {
	if len(x.slots) == 0 {
		return
	}
	for _, hash := range s.posted(nil) {
		slot := uint64(hash)<<32 | uint64(number+1)
		i := x.home(hash)
		for x.slots[i] != 0 && x.slots[i] < slot {
			i++
		}
		if x.slots[i] == slot {
			x.free(i)
		}
	}
}

// free empties a slot and moves back by one what was pushed behind it.
func (x *Index) free(i int) {
	x.postings--
	end := i + 1
	for x.slots[end] != 0 && x.home(uint32(x.slots[end]>>32)) < end {
		end++
	}
	copy(x.slots[i:end-1], x.slots[i+1:end])
	x.slots[end-1] = 0
}

// Candidate is a text that may match.
type Candidate struct {
	Number uint32
	Hits   int // postings it shares
}

// Candidates appends to dst the texts that share at least two postings with the set, that itself too if it was added.
// Whether a finds b does not depend on which of them was added first.
func (x *Index) Candidates(s Set, dst []Candidate) []Candidate {
	if len(x.slots) == 0 {
		return dst
	}
	var buf [128]uint32
	x.found = x.found[:0]
	for _, hash := range s.posted(buf[:0]) {
		i := x.home(hash)
		for x.slots[i] != 0 && uint32(x.slots[i]>>32) < hash {
			i++
		}
		for ; x.slots[i] != 0 && uint32(x.slots[i]>>32) == hash; i++ {
			number := uint32(x.slots[i]) - 1
			x.hits[number]++
			x.found = append(x.found, number)
		}
	}
	least := uint16(min(minHits, s.Len()))
	for _, number := range x.found {
		if x.hits[number] >= least {
			dst = append(dst, Candidate{number, int(x.hits[number])})
		}
		x.hits[number] = 0
	}
	return dst
}

// Postings is the number of postings held, for measuring.
func (x *Index) Postings() int { return x.postings }
