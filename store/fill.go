package store

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"copytaster"
	"copytaster/store/disk"
	"copytaster/store/piece"
	"copytaster/store/record"
)

// fillStep is how many bytes go into one transaction.
const fillStep = 16 << 20

// Filler writes a new database from facts that are known already, in transactions of bounded size.
type Filler struct {
	db   *DB
	tx   *Tx
	left int // bytes until the transaction is committed

	members map[string][]member // by story
	stories map[string]Story    // as given
}

// member is an item of a story.
type member struct {
	id        string
	published time.Time
}

// Fill makes the file, which must not be there, and lets f fill it. If f gives an error nothing is left of it.
func Fill(name string, f func(*Filler) error) error {
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s is there already", name)
	}
	return fill(name, f)
}

func fill(name string, f func(*Filler) error) error {
	db, err := Open(name)
	if err != nil {
		return err
	}
	fl := &Filler{db: db, members: map[string][]member{}, stories: map[string]Story{}}
	err = fl.begin()
	if err == nil {
		err = f(fl)
	}
	if err == nil {
		err = fl.finish()
	}
	if err != nil {
		if fl.tx != nil {
			err = errors.Join(err, fl.tx.tx.Rollback())
		}
		return errors.Join(err, db.Close(), disk.Remove(name))
	}
	return errors.Join(fl.tx.tx.Commit(), db.Close())
}

func (f *Filler) begin() error {
	f.tx = nil
	tx, err := f.db.bolt.Begin(true)
	if err == nil {
		f.tx, f.left = &Tx{tx: tx, db: f.db}, fillStep
	}
	return err
}

// step notes that so many bytes were written, and begins a new transaction when it is time.
func (f *Filler) step(size int) error {
	if f.left -= size; f.left > 0 {
		return nil
	}
	if err := f.tx.tx.Commit(); err != nil {
		return err
	}
	return f.begin()
}

// Item stores an item that is not there yet, on a day and in a story ("" for none), which Story stores.
func (f *Filler) Item(it copytaster.Item, sketch []byte, day time.Time, story string) error {
	packed, err := f.db.Pack(it, sketch)
	if err != nil {
		return err
	}
	p := record.Place{Day: record.Day(day)}
	if story != "" {
		if p.Story, err = record.Key(story); err != nil {
			return err
		}
		f.members[story] = append(f.members[story], member{it.ID, it.Time()})
	}
	if f.tx.places().Get(packed.k) != nil {
		return fmt.Errorf("item %s: twice", it.ID)
	}
	return errors.Join(f.tx.lie(packed, p), f.tx.note(packed), f.tx.count(it.Feed, 1), f.step(len(sketch)+1000))
}

// Story notes a story with the times that readers were told. It is stored when all is there, with the items that said that they are in it; a story that items are
// in and that was not noted is made from them then.
func (f *Filler) Story(s Story) { f.stories[s.ID] = s }

// finish stores the stories that have items.
func (f *Filler) finish() error {
	for _, id := range slices.Sorted(maps.Keys(f.members)) {
		s, noted := f.stories[id]
		s.ID = id
		have := map[string]bool{}
		for _, m := range f.members[id] {
			have[m.id] = true
			if !noted && (s.Published.IsZero() || m.published.Before(s.Published)) {
				s.Published, s.Updated = m.published, m.published
			}
			if !slices.Contains(s.Items, m.id) {
				s.Items = append(s.Items, m.id)
			}
		}
		s.Items = slices.DeleteFunc(slices.Clone(s.Items), func(id string) bool { return !have[id] })
		if err := errors.Join(f.tx.PutStory(s), f.step(100+20*len(s.Items))); err != nil {
			return err
		}
	}
	return nil
}

// Alias stores that a story, published at a time, was taken over by another.
func (f *Filler) Alias(a Alias) error { return errors.Join(f.tx.putAlias(a), f.step(50)) }

// GUID stores that a feed's item was found under a guid that is not the one its id was minted from: under its hash.
func (f *Filler) GUID(g GUID) error {
	hash, errHash := record.Key(g.Hash)
	k, errKey := record.Key(g.Item)
	if err := errors.Join(errHash, errKey); err != nil {
		return err
	}
	return errors.Join(f.tx.guids().Put(append(hash, k...)), f.step(50))
}

// State stores the state of a feed.
func (f *Filler) State(feed string, state []byte) error {
	return errors.Join(f.tx.SetState(feed, bytes.Clone(state)), f.step(len(state)))
}

// Learned stores what was learned.
func (f *Filler) Learned(counts []byte) error {
	return errors.Join(f.tx.SetLearned(counts), f.step(len(counts)))
}

// copyBucket copies a bucket without sub-buckets as it is.
func (f *Filler) copyBucket(old *bolt.Tx, name string) error {
	b := old.Bucket([]byte(name))
	if b == nil {
		return nil
	}
	return b.ForEach(func(k, v []byte) error {
		if err := piece.Append(f.tx.bucket(name), bytes.Clone(k), bytes.Clone(v)); err != nil {
			return err
		}
		return f.step(len(k) + len(v))
	})
}
