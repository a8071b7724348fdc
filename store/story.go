package store

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"iter"
	"time"

	"copytaster/store/record"
)

// Story is a story as stored.
type Story = record.Story

// Fold records why an item is in its story.
type Fold = record.Fold

// Alias says that a story was taken over by another.
type Alias = record.Alias

// PutStory stores the story and notes it with each of its items. A story that is stored already keeps its Published; an id that was
// an alias is a story again.
func (tx *Tx) PutStory(s Story) error {
	k, err := record.Key(s.ID)
	if err != nil {
		return err
	}
	if old, ok, err := tx.story(k); err != nil {
		return err
	} else if ok {
		s.Published = old.Published
	} else if a, ok := record.ParseAlias(k, tx.bucket("aliases").Get(k)); ok && !a.Published.IsZero() {
		s.Published = a.Published
	}
	doc, err := tx.db.codec.Load().Story(s)
	if err != nil {
		return fmt.Errorf("story %s: %w", s.ID, err)
	}
	if err := tx.bucket("stories").Put(k, doc); err != nil {
		return err
	}
	if err := tx.recent().Put(record.RecentKey(s.Published, k)); err != nil {
		return err
	}
	if err := tx.bucket("aliases").Delete(k); err != nil {
		return err
	}
	if err := tx.revise(); err != nil {
		return err
	}
	return tx.join(s.Items, k)
}

// Revision counts the changes of stories since the file was made.
func (tx *Tx) Revision() uint64 { return tx.bucket("stories").Sequence() }

// revise counts a change of the stories.
func (tx *Tx) revise() error {
	_, err := tx.bucket("stories").NextSequence()
	return err
}

// Exported is what SetExported stored: of what the export files were made.
func (tx *Tx) Exported() []byte { return bytes.Clone(tx.bucket("meta").Get([]byte("exported"))) }

// SetExported notes of what the export files were made.
func (tx *Tx) SetExported(of []byte) error { return tx.bucket("meta").Put([]byte("exported"), of) }

// join notes the story with the items.
func (tx *Tx) join(items []string, story []byte) error {
	for _, id := range items {
		k, err := record.Key(id)
		if err != nil {
			return err
		}
		e := tx.places().Get(k)
		if e == nil {
			return fmt.Errorf("story %x: item %s is not stored", story, id)
		}
		p := record.ParsePlace(e)
		if bytes.Equal(p.Story, story) {
			continue
		}
		p.Story = story
		if err := tx.places().Put(p.Entry(k)); err != nil {
			return err
		}
	}
	return nil
}

// PutAlias says that the story old was taken over by the story with the id present: old is gone, but found under its id for ever. When it was
// published is kept with the alias, should it become a story again.
func (tx *Tx) PutAlias(old, present string) error {
	from, err := record.Key(old)
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
	if a, ok := record.ParseAlias(from, tx.bucket("aliases").Get(from)); ok && s.Published.IsZero() {
		s.Published = a.Published // an alias that points elsewhere now
	}
	return tx.putAlias(Alias{Old: old, Present: present, Published: s.Published})
}

func (tx *Tx) putAlias(a Alias) error {
	k, v, err := a.Bytes()
	if err != nil {
		return err
	}
	return tx.bucket("aliases").Put(k, v)
}

// deleteStory removes the story's record, not its items.
func (tx *Tx) deleteStory(k []byte) error {
	s, ok, err := tx.story(k)
	if err != nil || !ok {
		return err
	}
	if err := tx.recent().Delete(record.RecentKey(s.Published, k)); err != nil {
		return err
	}
	if err := tx.revise(); err != nil {
		return err
	}
	return tx.bucket("stories").Delete(k)
}

// Story returns the story with the id, or the one that took it over, and false if there is neither.
func (tx *Tx) Story(id string) (Story, bool, error) {
	k, err := record.Key(id)
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
	if s, err = record.ParseStory(v); err != nil {
		return s, false, fmt.Errorf("story %x: %w", k, err)
	}
	s.ID = hex.EncodeToString(k)
	return s, true, nil
}

// StoryOf is the id of the story that the item is in, "" if it is in none.
func (tx *Tx) StoryOf(item string) string {
	k, err := record.Key(item)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(record.ParsePlace(tx.places().Get(k)).Story)
}

// StoryRecords yields the id of every story and its record as it lies there: equal bytes say that nothing about the story has changed. The bytes are
// valid only during the step.
func (tx *Tx) StoryRecords() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		c := tx.bucket("stories").Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			if !yield(hex.EncodeToString(k), v) {
				return
			}
		}
	}
}

// Stories yields the stories published at since or later, newest first, until an error ends it.
func (tx *Tx) Stories(since time.Time) iter.Seq2[Story, error] {
	return func(yield func(Story, error) bool) {
		first := record.RecentKey(since, nil)
		for e := range tx.recent().Backward() {
			if bytes.Compare(e, first) < 0 {
				return
			}
			s, ok, err := tx.story(e[8:])
			if err == nil && !ok {
				err = fmt.Errorf("story %x: listed but missing", e[8:])
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// Aliases yields all aliases, in order of the old id.
func (tx *Tx) Aliases() iter.Seq[Alias] {
	return func(yield func(Alias) bool) {
		c := tx.bucket("aliases").Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			if a, ok := record.ParseAlias(k, v); ok && !yield(a) {
				return
			}
		}
	}
}

// dropAliases forgets the aliases of stories that are gone.
func (tx *Tx) dropAliases() error {
	var orphans [][]byte
	for a := range tx.Aliases() {
		if _, ok, err := tx.Story(a.Old); err != nil {
			return err
		} else if k, _ := record.Key(a.Old); !ok {
			orphans = append(orphans, k)
		}
	}
	for _, k := range orphans {
		if err := tx.bucket("aliases").Delete(k); err != nil {
			return err
		}
	}
	return nil
}
