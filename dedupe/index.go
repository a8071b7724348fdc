package dedupe

import (
	"iter"
	"math/bits"
	"slices"
)

// Index finds the texts that may hold a given one, or be held by it, without comparing them all: an inverted index of some shingles of
// each. The caller numbers the texts, densely from 0. The zero Index is empty and ready.
//
// It is one table of 64-bit slots (hash, then number) under linear probing, filled to between 76 and 85 %: 9.4 to 10.6 bytes a
// posting, 72 postings and 682, 718 and 757 bytes a text of 486 words in windows of 10,000, 100,000 and a million. MinHash bands of the same size find 34-72 % of the pairs with containment ≥ .5, as
// resemblance is low where one text holds another.
type Index struct {
	slots    []uint64 // 0 is free, else hash << 32 | number + 1
	postings int
}

const (
	coarse  = 7   // a shingle is posted if its hash ends in three zero bits,
	fine    = 1   // in the lead and in short texts if it ends in one
	short   = 100 // words: below, three zero bits would leave too few
	minHits = 2   // shared postings that make a candidate
	// Of two texts the smaller of which has n words, the weakest match (containment .31) shares .31 * n/8 postings in the mean. Those that
	// share a quarter of that are not compared; asking for n/60 folds the same stories.
	wordsPerHit = 100
	// A shingle that so many texts hold says nothing of any; no story is as large, and its members have others in common.
	maxPostings = 256
)

// posted appends the hashes under which the set is found.
func (s Set) posted(hashes []uint32) []uint32 {
	mask := uint32(coarse)
	if s.words < short {
		mask = fine
	}
	lead := s.lead() << 1
	for i, h := range s.hashes {
		if h&mask == 0 || h&fine == 0 && s.places[i] < lead {
			hashes = append(hashes, h)
		}
	}
	return hashes
}

// home is where the probing for a hash begins.
func (x *Index) home(hash uint32) int {
	hi, _ := bits.Mul64(uint64(hash)<<32, uint64(len(x.slots)))
	return int(hi)
}

func (x *Index) next(i int) int {
	if i++; i < len(x.slots) {
		return i
	}
	return 0
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

// AddAll posts many sets at once under the numbers given with them. It sorts the postings roughly first, so that the table is filled from one
// end to the other: a quarter of the time of Add where the table is larger than the processor's cache.
func (x *Index) AddAll(sets iter.Seq2[uint32, Set]) {
	var parts [256][]uint64
	var buf [128]uint32
	n := 0
	for number, s := range sets {
		for _, h := range s.posted(buf[:0]) {
			parts[h>>24] = append(parts[h>>24], uint64(h)<<32|uint64(number+1))
			n++
		}
	}
	x.reserve(n)
	for _, part := range parts {
		for _, slot := range part {
			x.put(slot)
		}
	}
}

// reserve makes room for n more postings.
func (x *Index) reserve(n int) {
	if want := (x.postings + n) * 20 / 17; want >= len(x.slots) {
		more := len(x.slots) / 8
		if len(x.slots) < 1<<19 {
			more *= 4
		}
		x.grow(max(want+1, len(x.slots)+more, 1024))
	}
}

func (x *Index) put(slot uint64) {
	same := 0
	i := x.home(uint32(slot >> 32))
	for ; x.slots[i] != 0; i = x.next(i) {
		if x.slots[i]>>32 == slot>>32 {
			if same++; same >= maxPostings {
				return
			}
		}
	}
	x.slots[i] = slot
	x.postings++
}

// grow moves the postings to a larger table, by an eighth once it is large. Slots lie in the order of their hashes but for probing, so both tables are walked in
// one direction.
func (x *Index) grow(slots int) {
	old := x.slots
	x.slots = make([]uint64, slots)
	for _, s := range old {
		if s == 0 {
			continue
		}
		i := x.home(uint32(s >> 32))
		for x.slots[i] != 0 {
			i = x.next(i)
		}
		x.slots[i] = s
	}
}

// Remove takes the postings of the set back, which was added under the number.
func (x *Index) Remove(number uint32, s Set) {
	if len(x.slots) == 0 {
		return
	}
	for _, hash := range s.posted(nil) {
		slot := uint64(hash)<<32 | uint64(number+1)
		for i := x.home(hash); x.slots[i] != 0; i = x.next(i) {
			if x.slots[i] == slot {
				x.free(i)
				break
			}
		}
	}
}

// free empties a slot and moves back what was pushed behind it (Knuth, The Art of Computer Programming 3, 6.4, algorithm R).
func (x *Index) free(i int) {
	x.postings--
	for j := x.next(i); x.slots[j] != 0; j = x.next(j) {
		home := x.home(uint32(x.slots[j] >> 32))
		if stays := i < home && home <= j || j < i && (i < home || home <= j); !stays {
			x.slots[i] = x.slots[j]
			i = j
		}
	}
	x.slots[i] = 0
}

// Candidate is a text that may match.
type Candidate struct {
	Number uint32
	Hits   int // postings it shares
}

// Candidates appends to dst the texts, by number, that share at least two postings with the set, that itself too if it was added.
// Whether a finds b does not depend on which of them was added first.
func (x *Index) Candidates(s Set, dst []Candidate) []Candidate {
	if len(x.slots) == 0 {
		return dst
	}
	var buf [128]uint32
	var room [512]uint32
	found := room[:0]
	for _, hash := range s.posted(buf[:0]) {
		for i := x.home(hash); x.slots[i] != 0; i = x.next(i) {
			if uint32(x.slots[i]>>32) == hash {
				found = append(found, uint32(x.slots[i])-1)
			}
		}
	}
	slices.Sort(found)
	for i := 0; i < len(found); {
		j := i
		for j < len(found) && found[j] == found[i] {
			j++
		}
		if j-i >= min(minHits, s.Len()) {
			dst = append(dst, Candidate{found[i], j - i})
		}
		i = j
	}
	return dst
}

// Postings is the number of postings held, for measuring.
func (x *Index) Postings() int { return x.postings }
