package arena

// slab is how many things of a Pool lie together.
const slab = 128

// Pool keeps things of one type by number, in slabs: they stay where they are while it grows. What was dropped is as it was until its number is given again. The zero Pool
// is empty and ready.
type Pool[T any] struct {
	slabs [][]T
	size  uint32
	free  []uint32
}

// New makes room for one, zero, and returns its number: one that was dropped, or the next from 0.
func (p *Pool[T]) New() (number uint32) {
	if k := len(p.free); k > 0 {
		number, p.free = p.free[k-1], p.free[:k-1]
		*p.At(number) = *new(T)
		return number
	}
	if p.size%slab == 0 {
		p.slabs = append(p.slabs, make([]T, slab))
	}
	p.size++
	return p.size - 1
}

// At is the one with the number.
func (p *Pool[T]) At(number uint32) *T { return &p.slabs[number/slab][number%slab] }

// Drop gives the room of one free.
func (p *Pool[T]) Drop(number uint32) { p.free = append(p.free, number) }
