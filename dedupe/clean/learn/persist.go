package learn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// A learner at rest is a sequence of pages in CBOR (RFC 8742): one with the whole of it, then pages of the lessons that it had since, which
// reading takes again. So what a batch of articles adds is written, some 100 bytes for each, and not the whole. Maps are written as
// lists in order, and long lists as bytes, so that the same learner gives the same bytes.
type page struct {
	_       struct{} `cbor:",toarray"`
	Version int
	Whole   *rest
	Lessons []lesson
}

const learnerVersion = 3

// lesson is one call of Add or Prune.
type lesson struct {
	_       struct{} `cbor:",toarray"`
	Outlet  string
	Story   uint64
	Day     int32 // since 1970
	Ranked  packed[uint32]
	Prints  packed[uint64]
	Marks   []byte
	Samples []sample
	Prune   bool
}

// sample is the text of a block, by its number, that stands for its count.
type sample struct {
	_     struct{} `cbor:",toarray"`
	Block int
	Text  string
}

type rest struct {
	_          struct{} `cbor:",toarray"`
	Outlets    []restOutlet
	Articles   packed[sighting]
	Lone, Seen packed[restRef]
	Wire       packed[uint64]
}

type restRef struct {
	Key uint64
	Ref ref
}

type restOutlet struct {
	_      struct{} `cbor:",toarray"`
	Name   string
	Counts packed[restCount]
	Texts  []string // the samples, beside Counts
	Recent packed[topic]
	Next   int
}

type restCount struct {
	Block, Story uint64
	Weight, Edge float64
	First, Last  int32
	Odd          bool
	About        topic
}

// packed is a list that is written as bytes, little endian.
type packed[T any] []T

// MarshalCBOR writes the list as a byte string.
func (p packed[T]) MarshalCBOR() ([]byte, error) {
	size := max(binary.Size([]T(p)), 0)
	return binary.Append(appendHead(make([]byte, 0, 9+size), size), binary.LittleEndian, []T(p))
}

// appendHead appends what stands before a byte string of so many bytes (RFC 8949 section 3).
func appendHead(b []byte, size int) []byte {
	switch {
	case size < 24:
		return append(b, 0x40|byte(size))
	case size < 1<<8:
		return append(b, 0x58, byte(size))
	case size < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, 0x59), uint16(size))
	case size < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, 0x5a), uint32(size))
	}
	return binary.BigEndian.AppendUint64(append(b, 0x5b), uint64(size))
}

// UnmarshalCBOR reads what MarshalCBOR wrote.
func (p *packed[T]) UnmarshalCBOR(data []byte) error {
	var b []byte
	if err := cbor.Unmarshal(data, &b); err != nil {
		return err
	}
	size := binary.Size(make([]T, 1))
	if len(b)%size != 0 {
		return errors.New("a list is cut off")
	}
	*p = make([]T, len(b)/size)
	_, err := binary.Decode(b, binary.LittleEndian, []T(*p))
	return err
}

// MarshalBinary writes the whole learner down; the same learner gives the same bytes. What it had learned then is at rest.
func (l *Learner) MarshalBinary() ([]byte, error) {
	r := rest{Articles: l.articles, Wire: slices.Sorted(maps.Keys(l.wire)), Lone: refs(l.lone), Seen: refs(l.seen)}
	for _, name := range slices.Sorted(maps.Keys(l.outlets)) {
		of := l.outlets[name]
		o := restOutlet{Name: name, Recent: of.recent, Next: of.next}
		for _, fp := range slices.Sorted(maps.Keys(of.counts)) {
			c := of.counts[fp]
			o.Counts = append(o.Counts, restCount{fp, c.story, c.weight, c.edge, c.first, c.last, c.odd, c.about})
			o.Texts = append(o.Texts, c.sample)
		}
		r.Outlets = append(r.Outlets, o)
	}
	b, err := l.write(page{Version: learnerVersion, Whole: &r})
	l.base, l.grown = len(b), 0
	return b, err
}

func refs(m map[uint64]ref) (list []restRef) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, restRef{k, m[k]})
	}
	return list
}

// Lessons writes down what was learned since the last MarshalBinary or Lessons: it belongs behind what they gave.
func (l *Learner) Lessons() ([]byte, error) {
	if len(l.lessons) == 0 {
		return nil, nil
	}
	b, err := l.write(page{Version: learnerVersion, Lessons: l.lessons})
	l.grown += len(b)
	return b, err
}

func (l *Learner) write(p page) ([]byte, error) {
	l.lessons = nil
	var b bytes.Buffer
	mode, err := cbor.EncOptions{}.UserBufferEncMode()
	if err == nil {
		err = mode.MarshalToBuffer(p, &b)
	}
	if err != nil {
		return nil, fmt.Errorf("learner: %w", err)
	}
	return b.Bytes(), nil
}

// leastLessons is how many bytes of lessons may lie at rest before the whole is written in their place; of a large learner half of what the whole takes.
const leastLessons = 64 << 10

// Full reports whether the whole is to be written rather than Lessons: nothing is at rest, or more lessons than make sense.
func (l *Learner) Full() bool {
	return l.base+l.grown == 0 || l.grown > max(leastLessons, l.base/2)
}

// UnmarshalBinary puts the learner into the state that was written down. An error leaves it as it was.
func (l *Learner) UnmarshalBinary(data []byte) error {
	n := Learner{}
	for left := data; len(left) > 0; {
		var p page
		var err error
		was := len(left)
		if left, err = cbor.UnmarshalFirst(left, &p); err != nil {
			return fmt.Errorf("learner: %w", err)
		}
		if p.Version != learnerVersion {
			return fmt.Errorf("learner: version %d", p.Version)
		}
		if p.Whole != nil {
			if n, err = p.Whole.learner(); err != nil {
				return err
			}
			n.base = was - len(left)
		} else {
			n.grown += was - len(left)
		}
		for _, e := range p.Lessons {
			if err := n.again(e); err != nil {
				return err
			}
		}
	}
	if n.base+n.grown == 0 {
		return errors.New("learner: empty")
	}
	*l = n
	return nil
}

// again takes a lesson that was written down.
func (l *Learner) again(e lesson) error {
	if len(e.Marks) != len(e.Prints) {
		return errors.New("learner: a lesson is damaged")
	}
	if e.Prune {
		l.prune(e.Day)
		return nil
	}
	texts := map[int]string{}
	for _, s := range e.Samples {
		texts[s.Block] = s.Text
	}
	l.take(&e, func(i int) string { return texts[i] })
	return nil
}

// learner is the learner that was written.
func (r *rest) learner() (Learner, error) {
	n := Learner{outlets: map[string]*outlet{}, articles: r.Articles, lone: make(map[uint64]ref, len(r.Lone)), seen: make(map[uint64]ref, len(r.Seen)), wire: make(map[uint64]bool, len(r.Wire))}
	for _, o := range r.Outlets {
		if len(o.Recent) > recentSize || o.Next < 0 || o.Next >= recentSize || len(o.Texts) != len(o.Counts) {
			return n, errors.New("learner: outlet out of bounds")
		}
		of := &outlet{hash: hash(o.Name), counts: make(map[uint64]*count, len(o.Counts)), recent: o.Recent, next: o.Next}
		for i, c := range o.Counts {
			of.counts[c.Block] = &count{c.Weight, c.Edge, c.First, c.Last, c.Odd, c.Story, c.About, o.Texts[i]}
		}
		n.outlets[o.Name] = of
	}
	for _, from := range []struct {
		list []restRef
		to   map[uint64]ref
	}{{r.Lone, n.lone}, {r.Seen, n.seen}} {
		for _, at := range from.list {
			if at.Ref.article() >= len(n.articles) {
				return n, errors.New("learner: article out of bounds")
			}
			from.to[at.Key] = at.Ref
		}
	}
	for _, fp := range r.Wire {
		n.wire[fp] = true
	}
	return n, nil
}
