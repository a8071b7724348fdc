package arena

import (
	"iter"
	"math/bits"
)

// Table finds numbers by the hashes under which they were put: open addressing, three fifths to three quarters full. Some of what is found under a hash may have been put
// under another. The zero Table is empty and ready.
type Table struct {
	slots []uint64 // upper half of the hash << 32 | number + 1; 0 is free
	used  int
}

// Of yields the numbers that may have been put under the hash, all that were among them.
func (t *Table) Of(hash uint64) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		if len(t.slots) == 0 {
			return
		}
		for i := t.home(hash >> 32); t.slots[i] != 0; i = t.next(i) {
			if t.slots[i]>>32 == hash>>32 && !yield(uint32(t.slots[i])-1) {
				return
			}
		}
	}
}

// Put adds a number.
func (t *Table) Put(hash uint64, number uint32) {
	if (t.used+1)*4 > len(t.slots)*3 {
		old := t.slots
		t.slots = make([]uint64, max(16, len(old)*5/4))
		for _, slot := range old {
			if slot != 0 {
				t.insert(slot)
			}
		}
	}
	t.insert(hash>>32<<32 | uint64(number+1))
	t.used++
}

// Delete takes a number away that was put under the hash.
func (t *Table) Delete(hash uint64, number uint32) {
	if len(t.slots) == 0 {
		return
	}
	slot := hash>>32<<32 | uint64(number+1)
	i := t.home(hash >> 32)
	for t.slots[i] != slot {
		if t.slots[i] == 0 {
			return
		}
		i = t.next(i)
	}
	t.used--
	t.slots[i] = 0
	for i = t.next(i); t.slots[i] != 0; i = t.next(i) { // what probing put behind the free slot may belong there
		slot := t.slots[i]
		t.slots[i] = 0
		t.insert(slot)
	}
}

// Len is how many there are.
func (t *Table) Len() int { return t.used }

func (t *Table) insert(slot uint64) {
	i := t.home(slot >> 32)
	for t.slots[i] != 0 {
		i = t.next(i)
	}
	t.slots[i] = slot
}

// home is where probing for the upper half of a hash begins.
func (t *Table) home(half uint64) int {
	hi, _ := bits.Mul64(half<<32, uint64(len(t.slots)))
	return int(hi)
}

func (t *Table) next(i int) int {
	if i++; i == len(t.slots) {
		return 0
	}
	return i
}
