// Package archive writes a database as JSON lines, and makes one of them: to look at with other programs, to move between machines, and
// to keep where no Bolt file can be read.
//
// A line is an item: its fields as in copytaster.Item, the id of its story, and, where everything is written, the day it lies on and its sketch
// (base64). Where everything is written lines of other kinds come before the items, told apart by their "kind".
package archive

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"copytaster"
	"copytaster/store"
)

// itemLine is an item.
type itemLine struct {
	Story  string `json:"story"`
	Day    string `json:"day,omitempty"`
	Sketch []byte `json:"sketch,omitempty"`
	copytaster.Item
}

// factLine is anything else. Which fields are set its kind tells.
type factLine struct {
	Kind  string       `json:"kind"`
	Story *store.Story `json:"story,omitempty"`
	Alias *store.Alias `json:"alias,omitempty"`
	GUID  *store.GUID  `json:"guid,omitempty"`
	Feed  string       `json:"feed,omitempty"`
	Bytes []byte       `json:"bytes,omitempty"` // a feed's state, what was learned
}

// Write writes the items of the database a line each, and, if everything, all else that it holds. Progress is called now and then with how many items
// are done; it may be nil.
func Write(w io.Writer, db *store.DB, everything bool, progress func(done, total int)) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	err := db.View(func(tx *store.Tx) error {
		if everything {
			if err := writeFacts(enc, tx); err != nil {
				return err
			}
		}
		return writeItems(enc, tx, everything, progress)
	})
	return errors.Join(err, out.Flush())
}

func writeItems(enc *json.Encoder, tx *store.Tx, everything bool, progress func(done, total int)) error {
	done, total := 0, tx.Count()
	for it, err := range tx.Items(time.Time{}) {
		if err != nil {
			return err
		}
		l := itemLine{Story: tx.StoryOf(it.ID), Item: it}
		if everything {
			l.Day = tx.Day(it.ID).Format(time.DateOnly)
			if l.Sketch, err = tx.Sketch(it.ID); err != nil {
				return err
			}
		}
		if err := enc.Encode(l); err != nil {
			return err
		}
		if done++; progress != nil && (done%1000 == 0 || done == total) {
			progress(done, total)
		}
	}
	return nil
}

// writeFacts writes all but the items.
func writeFacts(enc *json.Encoder, tx *store.Tx) error {
	learned, err := tx.Learned()
	if err == nil && learned != nil {
		err = enc.Encode(factLine{Kind: "learned", Bytes: learned})
	}
	for feed, state := range tx.States() {
		if err == nil {
			err = enc.Encode(factLine{Kind: "state", Feed: feed, Bytes: state})
		}
	}
	for a := range tx.Aliases() {
		if err == nil {
			err = enc.Encode(factLine{Kind: "alias", Alias: &a})
		}
	}
	for g := range tx.GUIDs() {
		if err == nil {
			err = enc.Encode(factLine{Kind: "guid", GUID: &g})
		}
	}
	for s, e := range tx.Stories(time.Time{}) {
		if err = errors.Join(err, e); err == nil {
			err = enc.Encode(factLine{Kind: "story", Story: &s})
		}
	}
	return err
}

// Read makes the database, which must not be there yet, of what Write wrote, and returns the number of items. Of items whose line has no sketch, sketch makes one.
// Progress is called now and then with how many bytes are done; it may be nil.
func Read(in io.Reader, name string, sketch func(copytaster.Item) ([]byte, error), progress func(done int)) (items int, err error) {
	counted := &counter{r: in}
	dec := json.NewDecoder(bufio.NewReaderSize(counted, 1<<20))
	err = store.Fill(name, func(f *store.Filler) error {
		for n := 1; ; n++ {
			var raw json.RawMessage
			if err := dec.Decode(&raw); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			isItem, err := readLine(f, raw, sketch)
			if err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			if isItem {
				items++
			}
			if n%1000 == 0 && progress != nil {
				progress(counted.n)
			}
		}
	})
	if err == nil && progress != nil {
		progress(counted.n)
	}
	return items, err
}

// counter counts the bytes that were read.
type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// readLine stores what a line holds and reports whether it is an item.
func readLine(f *store.Filler, raw []byte, sketch func(copytaster.Item) ([]byte, error)) (item bool, err error) {
	var kind struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(raw, &kind); err != nil {
		return false, err
	}
	if kind.Kind == "" {
		return true, readItem(f, raw, sketch)
	}
	var l factLine
	if err := json.Unmarshal(raw, &l); err != nil {
		return false, err
	}
	switch {
	case l.Kind == "learned":
		return false, f.Learned(l.Bytes)
	case l.Kind == "state":
		return false, f.State(l.Feed, l.Bytes)
	case l.Kind == "alias" && l.Alias != nil:
		return false, f.Alias(*l.Alias)
	case l.Kind == "guid" && l.GUID != nil:
		return false, f.GUID(*l.GUID)
	case l.Kind == "story" && l.Story != nil:
		f.Story(*l.Story)
		return false, nil
	}
	return false, fmt.Errorf("a line of kind %q without what it is about, or of a newer copytaster", l.Kind)
}

func readItem(f *store.Filler, raw []byte, sketch func(copytaster.Item) ([]byte, error)) error {
	var l itemLine
	if err := json.Unmarshal(raw, &l); err != nil {
		return err
	}
	if l.ID == "" || l.Feed == "" || l.Seen.IsZero() {
		return errors.New("no item: id, feed and seen must be given (export --format jsonl writes them)")
	}
	day := l.Seen
	if t, err := time.Parse(time.DateOnly, l.Day); err == nil {
		day = t
	}
	if l.Sketch == nil {
		var err error
		if l.Sketch, err = sketch(l.Item); err != nil {
			return err
		}
	}
	return f.Item(l.Item, l.Sketch, day, l.Story)
}
