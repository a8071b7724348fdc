package clean

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"math"
	"slices"
	"strings"
)

// The form of a learner at rest: the byte 1, then the outlets sorted by name. An outlet: name, number of counts, the counts sorted by
// fingerprint, number of recent topics, these, the place to overwrite next. A count: fingerprint (8 bytes), weight and edge (8 bytes each,
// IEEE 754), first, last (varints), story (8 bytes), topic, runes (varint), sample. A topic: 12 words of 4 bytes. Then the number of wire blocks and their fingerprints; the number of sightings, each fingerprint, outlet, story (8
// bytes each), day (varint). Strings are their length (uvarint) and bytes; numbers are uvarints; all is little endian.
const learnerVersion = 1

var errLearner = errors.New("learner: broken or of another version")

// MarshalBinary writes the learner down; the same learner gives the same bytes.
func (l *Learner) MarshalBinary() ([]byte, error) {
	b := []byte{learnerVersion}
	b = binary.AppendUvarint(b, uint64(len(l.outlets)))
	for _, name := range sorted(l.outlets) {
		of := l.outlets[name]
		b = appendString(b, name)
		b = binary.AppendUvarint(b, uint64(len(of.counts)))
		for _, fp := range sorted(of.counts) {
			b = of.counts[fp].append(binary.LittleEndian.AppendUint64(b, fp))
		}
		b = binary.AppendUvarint(b, uint64(len(of.recent)))
		for _, t := range of.recent {
			b = t.append(b)
		}
		b = binary.AppendVarint(b, int64(of.next))
	}
	b = binary.AppendUvarint(b, uint64(len(l.wire)))
	for _, fp := range sorted(l.wire) {
		b = binary.LittleEndian.AppendUint64(b, fp)
	}
	b = binary.AppendUvarint(b, uint64(len(l.seen)))
	for _, fp := range sorted(l.seen) {
		s := l.seen[fp]
		b = binary.LittleEndian.AppendUint64(b, fp)
		b = binary.LittleEndian.AppendUint64(b, s.outlet)
		b = binary.LittleEndian.AppendUint64(b, s.story)
		b = binary.AppendVarint(b, s.day)
	}
	return b, nil
}

func (c *count) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(c.weight))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(c.edge))
	b = binary.AppendVarint(b, c.first)
	b = binary.AppendVarint(b, c.last)
	b = binary.LittleEndian.AppendUint64(b, c.story)
	b = c.about.append(b)
	b = binary.AppendVarint(b, int64(c.runes))
	return appendString(b, c.sample)
}

func (t topic) append(b []byte) []byte {
	for _, w := range t {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func sorted[K ~string | ~uint64, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// UnmarshalBinary puts the learner into the state that was written down. An error leaves it as it was.
func (l *Learner) UnmarshalBinary(data []byte) error {
	if len(data) == 0 || data[0] != learnerVersion {
		return errLearner
	}
	r := reader{rest: data[1:]}
	n := Learner{outlets: map[string]*outlet{}, wire: map[uint64]bool{}, seen: map[uint64]sighting{}}
	for range r.number() {
		name := r.text()
		n.outlets[name] = r.outlet()
	}
	for range r.number() {
		n.wire[r.word()] = true
	}
	for range r.number() {
		n.seen[r.word()] = sighting{r.word(), r.word(), r.signed()}
	}
	if r.broken || len(r.rest) != 0 {
		return errLearner
	}
	*l = n
	return nil
}

// reader takes values off the front of a learner at rest; once something is missing it is broken and yields zeros.
type reader struct {
	rest   []byte
	broken bool
}

func (r *reader) take(n int) []byte {
	if r.broken || n < 0 || n > len(r.rest) {
		r.broken = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) word() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// number is a count of things that follow, each of which needs a byte at least: so a wild one is no loop without end.
func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > uint64(len(r.rest)) {
		r.broken = true
		return 0
	}
	r.take(n)
	return v
}

func (r *reader) signed() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.broken = true
		return 0
	}
	r.take(n)
	return v
}

func (r *reader) text() string { return string(r.take(int(r.number()))) }

func (r *reader) outlet() *outlet {
	o := &outlet{counts: map[uint64]*count{}}
	for range r.number() {
		o.counts[r.word()] = r.count()
	}
	for range r.number() {
		o.recent = append(o.recent, r.topic())
	}
	o.next = int(r.signed())
	r.broken = r.broken || len(o.recent) > recentSize || o.next < 0 || o.next >= recentSize
	return o
}

func (r *reader) topic() (t topic) {
	if b := r.take(4 * topicWords); b != nil {
		for i := range t {
			t[i] = binary.LittleEndian.Uint32(b[4*i:])
		}
	}
	return t
}

func (r *reader) count() *count {
	c := &count{weight: math.Float64frombits(r.word()), edge: math.Float64frombits(r.word())}
	c.first, c.last = r.signed(), r.signed()
	c.story, c.about = r.word(), r.topic()
	c.runes, c.sample = int32(r.signed()), r.text()
	return c
}

// hash is FNV-1a of 64 bits: among 10 million blocks two collide with a chance of 1 in 370,000.
func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// fingerprint is a block's hash in a form in which numbers and addresses do not matter.
func fingerprint(text string) uint64 { return hash(normal(withoutURLs(text)).text) }

// withoutURLs puts one word in the place of every address.
func withoutURLs(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	words := strings.Fields(text)
	for i, w := range words {
		if strings.Contains(w, "://") {
			words[i] = "url"
		}
	}
	return strings.Join(words, " ")
}
