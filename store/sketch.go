package store

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"iter"
	"time"

	"copytaster/store/piece"
	"copytaster/store/record"
)

// Sketched is the sketch of an item with the story that the item is in, "" for none. The bytes are valid as long as the transaction.
type Sketched struct {
	Item, Story string
	Sketch      []byte
}

// Sketch is what PutItem stored beside the item, nil if the item is not stored.
func (tx *Tx) Sketch(id string) ([]byte, error) {
	k, err := record.Key(id)
	if err != nil {
		return nil, err
	}
	e := tx.places().Get(k)
	if e == nil {
		return nil, nil
	}
	b, err := tx.sketch(record.ParsePlace(e), k)
	return bytes.Clone(b), err
}

// sketch reads the sketch of the item with the id k from its place.
func (tx *Tx) sketch(p record.Place, k []byte) ([]byte, error) {
	d := tx.on(p)
	if d.sketches == nil {
		return nil, fmt.Errorf("item %x: its day is missing", k)
	}
	v := piece.Get(d.sketches, p.Key())
	if !bytes.HasPrefix(v, k) {
		return nil, fmt.Errorf("item %x: its sketch is missing", k)
	}
	return v[len(k):], nil
}

// id is an item's or a story's as a key; zero for none.
type id [8]byte

// Sketches yields the sketches of the items first seen on the day of since or later, in the order of Items, then those of the other members of their stories; not
// those that cannot be read.
func (tx *Tx) Sketches(since time.Time) iter.Seq[Sketched] {
	return func(yield func(Sketched) bool) {
		within, stories := tx.window(record.Day(since))
		for v := range tx.records("sketches", since) {
			if len(v) >= len(id{}) && !yield(sketched(id(v), within[id(v)], v[len(id{}):])) {
				return
			}
		}
		for e := range tx.places().All(nil) {
			p := record.ParsePlace(e)
			if p.Day >= record.Day(since) || !stories[storyOf(p)] {
				continue
			}
			if b, err := tx.sketch(p, e[:8]); err == nil && !yield(sketched(id(e), storyOf(p), b)) {
				return
			}
		}
	}
}

// window tells the story of each item that lies on the day first or later, and which stories these are. One walk through all items takes a tenth of the time of as many look-ups.
func (tx *Tx) window(first uint16) (of map[id]id, stories map[id]bool) {
	most := min(tx.Count(), 1<<18)
	of, stories = make(map[id]id, most), make(map[id]bool, most)
	for e := range tx.places().All(nil) {
		if p := record.ParsePlace(e); p.Day >= first && p.Story != nil {
			of[id(e)], stories[id(p.Story)] = id(p.Story), true
		}
	}
	return of, stories
}

func storyOf(p record.Place) id {
	if p.Story == nil {
		return id{}
	}
	return id(p.Story)
}

func sketched(item, story id, b []byte) Sketched {
	s := Sketched{Item: hex.EncodeToString(item[:]), Sketch: b}
	switch story {
	case id{}:
	case item: // the first of its story, as most are
		s.Story = s.Item
	default:
		s.Story = hex.EncodeToString(story[:])
	}
	return s
}
