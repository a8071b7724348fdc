package guard

import (
	"bytes"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// Spare keeps what one request needed and the next one can use again: buffers for bodies, and readers of gzip, whose tables and window are 40 KB. The zero
// Spare is empty, and a nil one keeps nothing. It is safe for use by several goroutines.
type Spare struct{ buffers, readers sync.Pool }

// kept is how large a buffer may be that is kept.
const kept = 512 << 10

// buffer is an empty one.
func (s *Spare) buffer() *bytes.Buffer {
	if s != nil {
		if b, ok := s.buffers.Get().(*bytes.Buffer); ok {
			b.Reset()
			return b
		}
	}
	return new(bytes.Buffer)
}

// give keeps a buffer whose bytes nobody reads any more.
func (s *Spare) give(b *bytes.Buffer) {
	if s != nil && b.Cap() <= kept {
		s.buffers.Put(b)
	}
}

// gunzip is a reader to be reset.
func (s *Spare) gunzip() *gzip.Reader {
	if s != nil {
		if z, ok := s.readers.Get().(*gzip.Reader); ok {
			return z
		}
	}
	return new(gzip.Reader)
}

func (s *Spare) giveReader(z *gzip.Reader) {
	if s != nil {
		s.readers.Put(z)
	}
}

// Done gives the memory of the body of an answer of c to the next request. Nothing may hold a part of Body any more, and c nothing of it.
func (c Client) Done(a *Answer) {
	if a.body != nil {
		c.Spare.give(a.body)
		a.body, a.Body = nil, nil
	}
}
