package state

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// Encode writes the state as it is stored: JSON in one line, and behind its end, where there are any, how many of Known there are as a varint, those
// and the rest as Spans, little-endian. As base64 in the JSON they took four fifths of its time: 7.7 µs to write a state of 32 items and 19 to read it.
func (s State) Encode() ([]byte, error) {
	known, spans := s.Known, s.Spans
	s.Known, s.Spans = nil, nil
	b, err := json.Marshal(s)
	if err != nil || len(known)+len(spans) == 0 {
		return b, err
	}
	b = append(b, '\n')
	b = binary.AppendUvarint(b, uint64(len(known)))
	for _, m := range known {
		b = binary.LittleEndian.AppendUint64(b, m.GUID)
		b = binary.LittleEndian.AppendUint64(b, m.Text)
	}
	for _, h := range spans {
		b = binary.LittleEndian.AppendUint64(b, h)
	}
	return b, nil
}

// Decode reads what Encode wrote, and the JSON of earlier versions.
func Decode(b []byte) (s State, err error) {
	text, rest, ok := bytes.Cut(b, []byte("\n"))
	if err := json.Unmarshal(text, &s); err != nil || !ok {
		return s, err
	}
	n, size := binary.Uvarint(rest)
	if rest = rest[max(size, 0):]; size <= 0 || n > uint64(len(rest)/16) || len(rest)%8 != 0 {
		return State{}, fmt.Errorf("a feed's state: %d bytes are not hashes of its items", len(rest))
	}
	next := func() uint64 {
		h := binary.LittleEndian.Uint64(rest)
		rest = rest[8:]
		return h
	}
	if n > 0 {
		s.Known = make(Known, n)
	}
	for i := range s.Known {
		s.Known[i] = Mark{next(), next()}
	}
	if len(rest) > 0 {
		s.Spans = make(Spans, len(rest)/8)
	}
	for i := range s.Spans {
		s.Spans[i] = next()
	}
	return s, nil
}
