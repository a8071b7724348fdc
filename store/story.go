package store

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Story is a story as stored: which items it has, and the times that readers were told.
type Story struct {
	ID        string    `json:"id"`
	Published time.Time `json:"published"` // fixed when the story is first stored; UTC, as Updated
	Updated   time.Time `json:"updated"`
	Items     []string  `json:"items"` // item ids
	Folds     []Fold    `json:"folds,omitempty"`
}

// Fold records why an item is in its story, with the figures of the moment.
type Fold struct {
	Item        string  `json:"item"`
	With        string  `json:"with"` // the member it was matched with
	Resemblance float64 `json:"resemblance"`
	Contained   float64 `json:"contained"` // the part of Item that stands in With
	Contains    float64 `json:"contains"`  // the part of With that stands in Item
	Shared      int     `json:"shared"`    // shingles
	Rule        string  `json:"rule"`
}

// PutStory stores the story and notes it with each of its items. A story that is stored already keeps its Published; an id that was
// an alias is a story again.
func (tx *Tx) PutStory(s Story) error {
	k, err := key(s.ID)
	if err != nil {
		return err
	}
	if old, ok, err := tx.story(k); err != nil {
		return err
	} else if ok {
		s.Published = old.Published
	} else if v := tx.bucket("aliases").Get(k); len(v) == aliasSize {
		if was := time.Unix(int64(binary.BigEndian.Uint64(v[8:])), 0).UTC(); !was.IsZero() {
			s.Published = was
		}
	}
	doc, err := tx.db.codec.Load().encodeStory(s)
	if err != nil {
		return fmt.Errorf("story %s: %w", s.ID, err)
	}
	if err := tx.bucket("stories").Put(k, doc); err != nil {
		return err
	}
	if err := tx.bucket("recent").Put(recentKey(s.Published, k), nil); err != nil {
		return err
	}
	if err := tx.bucket("aliases").Delete(k); err != nil {
		return err
	}
	return tx.join(s.Items, k)
}

// record is a story as it lies in the file: 22 bytes where it has one item, of which there are most; as JSON it took 140.
type record struct {
	_                  struct{} `cbor:",toarray"`
	Published, Updated instant
	Items              []byte // ids, 8 bytes each
	Folds              []fold
}

// instant is a time in seconds since 1970 and nanoseconds.
type instant struct {
	_       struct{} `cbor:",toarray"`
	Seconds int64
	Nanos   int
}

type fold struct {
	_                                struct{} `cbor:",toarray"`
	Item, With                       []byte
	Resemblance, Contained, Contains float64
	Shared                           int
	Rule                             string
}

func instantOf(t time.Time) instant { return instant{Seconds: t.Unix(), Nanos: t.Nanosecond()} }

func (i instant) time() time.Time { return time.Unix(i.Seconds, int64(i.Nanos)).UTC() }

func (c *codec) encodeStory(s Story) ([]byte, error) {
	r := record{Published: instantOf(s.Published), Updated: instantOf(s.Updated)}
	for _, id := range s.Items {
		k, err := key(id)
		if err != nil {
			return nil, err
		}
		r.Items = append(r.Items, k...)
	}
	for _, f := range s.Folds {
		item, errItem := key(f.Item)
		with, errWith := key(f.With)
		if err := errors.Join(errItem, errWith); err != nil {
			return nil, err
		}
		r.Folds = append(r.Folds, fold{Item: item, With: with, Resemblance: f.Resemblance, Contained: f.Contained, Contains: f.Contains, Shared: f.Shared, Rule: f.Rule})
	}
	return c.cbor.Marshal(r)
}

// decodeStory reads what encodeStory wrote: all but the id.
func decodeStory(b []byte) (s Story, err error) {
	var r record
	if err := cbor.Unmarshal(b, &r); err != nil {
		return s, err
	}
	if len(r.Items)%8 != 0 {
		return s, errors.New("the list of its items is cut off")
	}
	s.Published, s.Updated = r.Published.time(), r.Updated.time()
	for k := range slices.Chunk(r.Items, 8) {
		s.Items = append(s.Items, hex.EncodeToString(k))
	}
	for _, f := range r.Folds {
		s.Folds = append(s.Folds, Fold{Item: hex.EncodeToString(f.Item), With: hex.EncodeToString(f.With), Resemblance: f.Resemblance,
			Contained: f.Contained, Contains: f.Contains, Shared: f.Shared, Rule: f.Rule})
	}
	return s, nil
}

// join notes the story with the items.
func (tx *Tx) join(items []string, story []byte) error {
	for _, id := range items {
		k, err := key(id)
		if err != nil {
			return err
		}
		v := tx.bucket("items").Get(k)
		if v == nil {
			return fmt.Errorf("story %x: item %s is not stored", story, id)
		}
		p := parsePlace(v)
		if bytes.Equal(p.story, story) {
			continue
		}
		p.story = story
		if err := tx.bucket("items").Put(k, p.bytes()); err != nil {
			return err
		}
	}
	return nil
}

// aliasSize is the length of an alias: an id and a time.
const aliasSize = 16

func recentKey(published time.Time, story []byte) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(max(0, published.Unix()))), story...)
}

// PutAlias says that the story old was taken over by the story with the id present: old is gone, but found under its id for ever. When it was
// published is kept with the alias, should it become a story again.
func (tx *Tx) PutAlias(old, present string) error {
	from, err := key(old)
	if err != nil {
		return err
	}
	to, err := key(present)
	if err != nil {
		return err
	}
	s, _, err := tx.story(from)
	if err != nil {
		return err
	}
	if err := tx.deleteStory(from); err != nil {
		return err
	}
	if v := tx.bucket("aliases").Get(from); len(v) == aliasSize && s.Published.IsZero() {
		return tx.bucket("aliases").Put(from, append(to, v[8:]...)) // an alias that points elsewhere now
	}
	return tx.bucket("aliases").Put(from, binary.BigEndian.AppendUint64(to, uint64(s.Published.Unix())))
}

// deleteStory removes the story's record, not its items.
func (tx *Tx) deleteStory(k []byte) error {
	s, ok, err := tx.story(k)
	if err != nil || !ok {
		return err
	}
	if err := tx.bucket("recent").Delete(recentKey(s.Published, k)); err != nil {
		return err
	}
	return tx.bucket("stories").Delete(k)
}

// Story returns the story with the id, or the one that took it over, and false if there is neither.
func (tx *Tx) Story(id string) (Story, bool, error) {
	k, err := key(id)
	if err != nil {
		return Story{}, false, nil
	}
	for range 100 { // aliases of aliases; a ring cannot be made by PutAlias in one go, but a bound costs nothing
		if s, ok, err := tx.story(k); ok || err != nil {
			return s, ok, err
		}
		next := tx.bucket("aliases").Get(k)
		if next == nil {
			break
		}
		k = bytes.Clone(next[:8])
	}
	return Story{}, false, nil
}

func (tx *Tx) story(k []byte) (s Story, ok bool, err error) {
	v := tx.bucket("stories").Get(k)
	if v == nil {
		return s, false, nil
	}
	if s, err = decodeStory(v); err != nil {
		return s, false, fmt.Errorf("story %x: %w", k, err)
	}
	s.ID = hex.EncodeToString(k)
	return s, true, nil
}

// StoryOf is the id of the story that the item is in, "" if it is in none.
func (tx *Tx) StoryOf(item string) string {
	k, err := key(item)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(parsePlace(tx.bucket("items").Get(k)).story)
}

// Stories yields the stories published at since or later, newest first, until an error ends it.
func (tx *Tx) Stories(since time.Time) iter.Seq2[Story, error] {
	return func(yield func(Story, error) bool) {
		first := recentKey(since, nil)
		c := tx.bucket("recent").Cursor()
		for k, _ := c.Last(); k != nil && bytes.Compare(k, first) >= 0; k, _ = c.Prev() {
			s, ok, err := tx.story(k[8:])
			if err == nil && !ok {
				err = fmt.Errorf("story %x: listed but missing", k[8:])
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}
