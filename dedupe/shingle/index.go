package shingle

import (
	"iter"
	"slices"
)

// Index finds the texts that may hold a given one, or be held by it, without comparing them all: an inverted index of some shingles of
// each. The caller numbers the texts, densely from 0. The zero Index is empty and ready.
//
// New postings are merged into a short sorted list, that into a layer when it is long, and the shorter layer into the longer one (O'Neil and others, "The
// log-structured merge-tree", 1996): a posting is moved some ten times in its life, but in order, where in a table that has each at its place at once it misses
// the cache: posting 30,000 short articles, 1,000 at a time, takes a third of the time, and a posting 6.6 to 7 bytes where that took 9.4 to 10.6. MinHash bands
// of the same size find 34-72 % of the pairs with containment ≥ .5, as resemblance is low where one text holds another.
type Index struct {
	layers   [2]layer // the longer first
	recent   []uint64 // hash << 32 | number + 1 or gone, by hash
	postings int      // without those that are gone
	hits     hits
	runs     [][]uint32 // scratch of Candidates
	batch    []uint64   // scratch of AddAll
	by       sorter     // likewise
}

// Short is the number of words under which every second shingle of a text is posted and not every eighth, of which too few would be left.
const Short = 100

const (
	coarse  = 7 // a shingle is posted if its hash ends in three zero bits,
	fine    = 1 // in the lead and in short texts if it ends in one
	minHits = 2 // shared postings that make a candidate
	// A shingle that so many texts hold says nothing of any; no story is as large, and its members have others in common.
	maxPostings = 256

	mostRecent = 1 << 15 // or a 64th of the longer layer: 256 KB and more, which a batch moves through
	steps      = 8       // the longer layer is at least so many times as long as the shorter one
)

// mask are the bits that are zero in the hashes that are posted.
func (s Set) mask() uint32 {
	if s.words < Short {
		return fine
	}
	return coarse
}

// posted appends the hashes under which the set is found, ascending.
func (s Set) posted(hashes []uint32) []uint32 {
	mask, lead := s.mask(), uint16(s.leadOf(len(s.hashes)))<<1
	for i, h := range s.hashes {
		if h&mask == 0 || s.places[i] < lead && h&fine == 0 {
			hashes = append(hashes, h)
		}
	}
	return hashes
}

// Add posts the set under a number that is not in use.
func (x *Index) Add(number uint32, s Set) {
	var buf [128]uint32
	x.gather(number, s.posted(buf[:0]))
	x.post()
}

// AddAll posts many sets at once under the numbers given with them, which it goes through twice.
func (x *Index) AddAll(sets iter.Seq2[uint32, Outline]) {
	n := 0
	for _, s := range sets {
		n += len(s.posted)
	}
	if n > x.postings+mostRecent {
		x.lay(sets)
		return
	}
	for number, s := range sets {
		x.gather(number, s.posted)
	}
	x.post()
}

// gather puts postings of a text into the batch.
func (x *Index) gather(number uint32, hashes []uint32) {
	for _, h := range hashes {
		x.batch = append(x.batch, uint64(h)<<32|uint64(number+1))
	}
	x.hits.reserve(number + 1)
}

// post puts the batch in.
func (x *Index) post() {
	fresh := x.wanted(x.by.byHash(x.batch))
	x.postings += len(fresh)
	if x.recent = mergeInto(x.recent, fresh); len(x.recent) > max(mostRecent, x.layers[0].len()/steps/steps) {
		x.settle()
	}
	if x.batch = x.batch[:0]; cap(x.batch) > 2*mostRecent {
		x.batch, x.by = nil, sorter{}
	}
}

// lay makes one layer of what there is and of more than that, as at a start: 256 parts of those by the first byte of their hashes, each of which is
// sorted where the processor's cache holds it.
func (x *Index) lay(sets iter.Seq2[uint32, Outline]) {
	x.Purge(func(uint32) bool { return false })
	var ends [257]int
	for number, s := range sets {
		for _, h := range s.posted {
			ends[h>>24+1]++
		}
		x.hits.reserve(number + 1)
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	slots, n := make([]uint64, ends[256]), ends[256]
	at := ends
	for number, s := range sets {
		for _, h := range s.posted {
			slots[at[h>>24]] = uint64(h)<<32 | uint64(number+1)
			at[h>>24]++
		}
	}
	var by sorter
	x.layers[0] = x.layers[0].with(n, func(yield func([]uint64) bool) {
		for i := range 256 {
			yield(x.wanted(by.byHash(slots[ends[i]:ends[i+1]])))
		}
	})
	x.postings = x.layers[0].len()
}

// wanted drops postings of a sorted batch whose hashes have enough, and returns the others, which lie where the batch did.
func (x *Index) wanted(batch []uint64) []uint64 {
	kept := batch[:0]
	for len(batch) > 0 {
		hash, n := uint32(batch[0]>>32), 1
		for n < len(batch) && uint32(batch[n]>>32) == hash {
			n++
		}
		kept = append(kept, batch[:max(0, min(n, maxPostings-x.count(hash)))]...)
		batch = batch[n:]
	}
	return kept
}

// count is how many postings a hash has.
func (x *Index) count(hash uint32) (n int) {
	for _, slot := range runOf(x.recent, hash) {
		if uint32(slot) != gone {
			n++
		}
	}
	for i := range x.layers {
		for _, number := range x.layers[i].find(hash) {
			if number != gone {
				n++
			}
		}
	}
	return n
}

// settle moves what is recent into the layers.
func (x *Index) settle() {
	long, short := &x.layers[0], &x.layers[1]
	if (len(x.recent)+short.len())*steps < long.len() {
		*short = short.with(len(x.recent), one(x.recent))
	} else {
		more := mergeInto(short.slots(), x.recent)
		*long = long.with(len(more), one(more))
		*short = layer{}
	}
	if x.recent = x.recent[:0]; cap(x.recent) > 2*mostRecent {
		x.recent = nil
	}
}

// Remove takes the postings of the set back, which was added under the number. Their places are free for others when layers are merged.
func (x *Index) Remove(number uint32, s Set) {
	for _, hash := range s.posted(nil) {
		if x.remove(hash, number+1) {
			x.postings--
		}
	}
	if all := x.layers[0].len() + x.layers[1].len() + len(x.recent); all > mostRecent+x.postings*9/8 {
		x.Purge(func(uint32) bool { return false })
	}
}

// remove takes one posting back and reports whether there was one.
func (x *Index) remove(hash, number uint32) bool {
	run := runOf(x.recent, hash)
	if i := slices.Index(run, uint64(hash)<<32|uint64(number)); i >= 0 {
		run[i] = uint64(hash)<<32 | gone
		return true
	}
	for i := range x.layers {
		run := x.layers[i].find(hash)
		if i := slices.Index(run, number); i >= 0 {
			run[i] = gone
			return true
		}
	}
	return false
}

// Purge takes back all postings of the texts whose numbers are left. It walks through all postings.
func (x *Index) Purge(left func(number uint32) bool) {
	for i := range x.layers {
		for j, number := range x.layers[i].numbers {
			if number != gone && left(number-1) {
				x.layers[i].numbers[j] = gone
			}
		}
	}
	x.recent = slices.DeleteFunc(x.recent, func(slot uint64) bool { return uint32(slot) != gone && left(uint32(slot)-1) })
	more := mergeInto(x.layers[1].slots(), x.recent)
	x.layers = [2]layer{x.layers[0].with(len(more), one(more))}
	x.recent, x.postings = x.recent[:0], x.layers[0].len()
}

// Candidate is a text that may match.
type Candidate struct{ Number, Hits uint32 } // postings it shares

// Candidates appends to dst the texts that share at least two postings with the set, that itself too if it was added.
// Whether a finds b does not depend on which of them was added first.
func (x *Index) Candidates(s Set, dst []Candidate) []Candidate {
	var buf [128]uint32
	x.hits.begin(min(minHits, s.Len()))
	hashes := s.posted(buf[:0])
	x.runs = x.runs[:0]
	for _, hash := range hashes[:min(len(hashes), mostCounted)] { // the processor waits for many of them at a time
		for i := range x.layers {
			x.runs = append(x.runs, x.layers[i].find(hash))
		}
		for _, slot := range runOf(x.recent, hash) {
			x.hits.add([]uint32{uint32(slot)})
		}
	}
	for i, run := range x.runs {
		x.hits.add(run)
		x.runs[i] = nil // a layer may be superseded
	}
	return x.hits.candidates(dst)
}

// Postings is the number of postings held, for measuring.
func (x *Index) Postings() int { return x.postings }
