package learn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// A learner at rest is a sequence of pages in CBOR (RFC 8742): some that are the whole of it together, then pages of the lessons that it had since, which
// reading takes again. So what a batch of articles adds is written, some 100 bytes for each, and not the whole. Maps are written as
// lists in order, and long lists as bytes, so that the same learner gives the same bytes. Before version 4 the whole was one page.
type page struct {
	_       struct{} `cbor:",toarray"`
	Version int
	Whole   *rest
	Lessons []lesson
}

const learnerVersion = 4

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

// rest is the whole learner, or a part of it.
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

// Whole writes the whole learner down, page by page; the same learner gives the same bytes. What it had learned then is at rest. Of 10,000 outlets and 300,000
// articles, which take 57 MB, no more than a page is in memory twice.
func (l *Learner) Whole() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		l.base, l.grown, l.pruned = 0, 0, len(l.articles)
		for r := range l.parts() {
			b, err := l.write(page{Version: learnerVersion, Whole: &r})
			l.base += len(b)
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

// How many of each are in one page: some MB of them, so that what 1,000 feeds bring at first is read into as much room as it takes.
const (
	pageOutlets  = 1 << 10
	pageArticles = 1 << 16
	pageRefs     = 1 << 18
)

// parts yields the learner in parts, of which each can be read when those before it were. The first has nothing in it: an empty learner is written too.
func (l *Learner) parts() iter.Seq[rest] {
	return func(yield func(rest) bool) {
		_ = yield(rest{}) &&
			inParts(l.articles, pageArticles, yield, func(articles []sighting) rest { return rest{Articles: articles} }) &&
			inParts(slices.Sorted(maps.Keys(l.outlets)), pageOutlets, yield, l.rest) &&
			inParts(slices.Sorted(maps.Keys(l.lone)), pageRefs, yield, func(keys []uint64) rest { return rest{Lone: refs(l.lone, keys)} }) &&
			inParts(slices.Sorted(maps.Keys(l.seen)), pageRefs, yield, func(keys []uint64) rest { return rest{Seen: refs(l.seen, keys)} }) &&
			inParts(slices.Sorted(maps.Keys(l.wire)), pageRefs, yield, func(keys []uint64) rest { return rest{Wire: keys} })
	}
}

// inParts yields what is made of up to n of the list at a time, and reports whether more is wanted.
func inParts[T any](list []T, n int, yield func(rest) bool, made func([]T) rest) bool {
	for some := range slices.Chunk(list, n) {
		if !yield(made(some)) {
			return false
		}
	}
	return true
}

// rest is the part with the outlets of these names.
func (l *Learner) rest(names []string) (r rest) {
	for _, name := range names {
		r.Outlets = append(r.Outlets, l.outlets[name].rest(name))
	}
	return r
}

func (o *outlet) rest(name string) restOutlet {
	r := restOutlet{Name: name, Recent: o.recent, Next: o.next}
	for _, fp := range slices.Sorted(maps.Keys(o.counts)) {
		c := o.counts[fp]
		r.Counts = append(r.Counts, restCount{fp, c.story, c.weight, c.edge, c.first, c.last, c.odd, c.about})
		r.Texts = append(r.Texts, c.sample)
	}
	return r
}

func refs(m map[uint64]ref, keys []uint64) []restRef {
	list := make([]restRef, len(keys))
	for i, k := range keys {
		list[i] = restRef{k, m[k]}
	}
	return list
}

// Lessons writes down what was learned since the last Whole or Lessons: it belongs behind what they gave.
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

// ReadFrom puts the learner into the state that was written down, and says how many bytes that took. An error leaves it as it was.
func (l *Learner) ReadFrom(r io.Reader) (int64, error) {
	n := Learner{outlets: map[string]*outlet{}, lone: map[uint64]ref{}, seen: map[uint64]ref{}, wire: map[uint64]bool{}}
	dec := cbor.NewDecoder(r)
	for {
		var p page
		was := dec.NumBytesRead()
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return 0, fmt.Errorf("learner: %w", err)
		}
		if p.Version != learnerVersion && p.Version != learnerVersion-1 {
			return 0, fmt.Errorf("learner: version %d", p.Version)
		}
		size := dec.NumBytesRead() - was
		if p.Whole != nil {
			if err := n.add(p.Whole); err != nil {
				return 0, err
			}
			n.base, n.pruned = n.base+size, len(n.articles)
		} else {
			n.grown += size
		}
		for _, e := range p.Lessons {
			if err := n.again(e); err != nil {
				return 0, err
			}
		}
	}
	if n.base+n.grown == 0 {
		return 0, errors.New("learner: empty")
	}
	*l = n
	return int64(n.base + n.grown), nil
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

// add puts in a part that was written.
func (l *Learner) add(r *rest) error {
	l.articles = append(l.articles, r.Articles...)
	for _, o := range r.Outlets {
		if len(o.Recent) > recentSize || o.Next < 0 || o.Next >= recentSize || len(o.Texts) != len(o.Counts) {
			return errors.New("learner: outlet out of bounds")
		}
		of := &outlet{hash: hash(o.Name), counts: make(map[uint64]*count, len(o.Counts)), recent: o.Recent, next: o.Next}
		for i, c := range o.Counts {
			of.counts[c.Block] = &count{c.Weight, c.Edge, c.First, c.Last, c.Odd, c.Story, c.About, o.Texts[i]}
		}
		l.outlets[o.Name] = of
	}
	for _, from := range []struct {
		list []restRef
		to   *map[uint64]ref
	}{{r.Lone, &l.lone}, {r.Seen, &l.seen}} {
		if len(*from.to) == 0 { // most often there is one page of them
			*from.to = make(map[uint64]ref, len(from.list))
		}
		for _, at := range from.list {
			if at.Ref.article() >= len(l.articles) {
				return errors.New("learner: article out of bounds")
			}
			(*from.to)[at.Key] = at.Ref
		}
	}
	for _, fp := range r.Wire {
		l.wire[fp] = true
	}
	return nil
}
