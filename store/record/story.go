package record

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Key turns an id of 16 hexadecimal digits into its 8 bytes.
func Key(id string) ([]byte, error) {
	k, err := hex.DecodeString(id)
	if err != nil || len(k) != 8 {
		return nil, fmt.Errorf("id %q: want 16 hexadecimal digits", id)
	}
	return k, nil
}

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

// rest is a story as it lies in the file: 22 bytes where it has one item, of which there are most; as JSON it took 140.
type rest struct {
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

// Story writes the story, but for its id.
func (c *Codec) Story(s Story) ([]byte, error) {
	r := rest{Published: instantOf(s.Published), Updated: instantOf(s.Updated)}
	for _, id := range s.Items {
		k, err := Key(id)
		if err != nil {
			return nil, err
		}
		r.Items = append(r.Items, k...)
	}
	for _, f := range s.Folds {
		item, errItem := Key(f.Item)
		with, errWith := Key(f.With)
		if err := errors.Join(errItem, errWith); err != nil {
			return nil, err
		}
		r.Folds = append(r.Folds, fold{Item: item, With: with, Resemblance: f.Resemblance, Contained: f.Contained, Contains: f.Contains, Shared: f.Shared, Rule: f.Rule})
	}
	return c.cbor.Marshal(r)
}

// ParseStory reads what Story wrote: all but the id.
func ParseStory(b []byte) (s Story, err error) {
	var r rest
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
