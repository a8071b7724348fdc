package store

import (
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"copytaster/store/disk"
	"copytaster/store/first"
	"copytaster/store/record"
)

// migration reads a file of an older layout and writes all that it holds into the empty one of the present layout. It calls step
// after each item or so, so that transactions stay small.
type migration func(old *bolt.Tx, fresh *Filler) error

// migrationFrom is the one from the layout version v, nil if there is none.
func migrationFrom(v byte) migration {
	switch v {
	case 1:
		return from1
	}
	return nil
}

// migrate writes what the file holds in the present layout into a new file, which takes its place when it is whole. A crash before leaves the old one.
func (db *DB) migrate(from byte) error {
	m := migrationFrom(from)
	if m == nil {
		return fmt.Errorf("layout version %d can no longer be read", from)
	}
	fresh := db.name + NewEnding
	if err := disk.Remove(fresh); err != nil {
		return err
	}
	err := db.bolt.View(func(old *bolt.Tx) error { return fill(fresh, func(f *Filler) error { return m(old, f) }) })
	if err != nil {
		return errors.Join(fmt.Errorf("migrating layout version %d: %w", from, err), disk.Remove(fresh))
	}
	return db.exchange(fresh)
}

// from1 is the migration from version 1.
func from1(old *bolt.Tx, f *Filler) error {
	err := first.Items(old, func(it first.Item) error {
		packed, err := f.db.Pack(it.Item, it.Sketch)
		if err != nil {
			return err
		}
		return errors.Join(f.tx.lie(packed, record.Place{Day: record.Day(it.Day), Story: it.Story}), f.step(len(packed.record)+len(it.Sketch)))
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"feeds", "counts", "guids", "keys", "recent", "aliases"} {
		if err := f.copyBucket(old, name); err != nil {
			return err
		}
	}
	if v := first.Learned(old); v != nil {
		if err := f.tx.SetLearned(v); err != nil {
			return err
		}
	}
	return first.Stories(old, func(s Story) error {
		k, errKey := record.Key(s.ID)
		doc, err := f.db.codec.Load().Story(s)
		if err := errors.Join(errKey, err); err != nil {
			return fmt.Errorf("story %s: %w", s.ID, err)
		}
		return errors.Join(f.tx.bucket("stories").Put(k, doc), f.step(len(doc)))
	})
}
