package learn

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// The form of a learner at rest: the byte 2, then a gob of rest. Maps are written as lists in order, so that the same learner gives
// the same bytes.
const learnerVersion = 2

type rest struct {
	Outlets []restOutlet
	Wire    []uint64
	Seen    []restSighting
}

type restOutlet struct {
	Name   string
	Counts []restCount
	Recent []topic
	Next   int
}

type restCount struct {
	Block, Story uint64
	Weight, Edge float64
	First, Last  int64
	Runes        int32
	About        topic
	Sample       string
}

type restSighting struct {
	Block, Outlet, Story uint64
	Day                  int64
}

// MarshalBinary writes the learner down; the same learner gives the same bytes.
func (l *Learner) MarshalBinary() ([]byte, error) {
	r := rest{Wire: slices.Sorted(maps.Keys(l.wire))}
	for _, name := range slices.Sorted(maps.Keys(l.outlets)) {
		of := l.outlets[name]
		o := restOutlet{Name: name, Recent: of.recent, Next: of.next}
		for _, fp := range slices.Sorted(maps.Keys(of.counts)) {
			c := of.counts[fp]
			o.Counts = append(o.Counts, restCount{fp, c.story, c.weight, c.edge, c.first, c.last, c.runes, c.about, c.sample})
		}
		r.Outlets = append(r.Outlets, o)
	}
	for _, fp := range slices.Sorted(maps.Keys(l.seen)) {
		s := l.seen[fp]
		r.Seen = append(r.Seen, restSighting{fp, s.outlet, s.story, s.day})
	}
	var b bytes.Buffer
	b.WriteByte(learnerVersion)
	if err := gob.NewEncoder(&b).Encode(r); err != nil {
		return nil, fmt.Errorf("learner: %w", err)
	}
	return b.Bytes(), nil
}

// UnmarshalBinary puts the learner into the state that was written down. An error leaves it as it was.
func (l *Learner) UnmarshalBinary(data []byte) error {
	if len(data) == 0 || data[0] != learnerVersion {
		return errors.New("learner: empty or of another version")
	}
	var r rest
	if err := gob.NewDecoder(bytes.NewReader(data[1:])).Decode(&r); err != nil {
		return fmt.Errorf("learner: %w", err)
	}
	n := Learner{outlets: map[string]*outlet{}, wire: map[uint64]bool{}, seen: map[uint64]sighting{}}
	for _, o := range r.Outlets {
		if len(o.Recent) > recentSize || o.Next < 0 || o.Next >= recentSize {
			return errors.New("learner: outlet out of bounds")
		}
		of := &outlet{counts: map[uint64]*count{}, recent: o.Recent, next: o.Next}
		for _, c := range o.Counts {
			of.counts[c.Block] = &count{c.Weight, c.Edge, c.First, c.Last, c.Story, c.About, c.Runes, c.Sample}
		}
		n.outlets[o.Name] = of
	}
	for _, fp := range r.Wire {
		n.wire[fp] = true
	}
	for _, s := range r.Seen {
		n.seen[s.Block] = sighting{s.Outlet, s.Story, s.Day}
	}
	*l = n
	return nil
}
