package store

import (
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"copytaster/store/disk"
	"copytaster/store/first"
	"copytaster/store/record"
	"copytaster/store/table"
)

// migration reads a file of an older layout and writes all that it holds into a new one of the present layout.
type migration func(old *bolt.DB, fresh string) error

// migrationFrom is the one from the layout version v, nil if there is none.
func migrationFrom(v byte) migration {
	switch v {
	case 1:
		return from1
	case 2:
		return from2
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
	if err := m(db.bolt, fresh); err != nil {
		return errors.Join(fmt.Errorf("migrating layout version %d: %w", from, err), disk.Remove(fresh))
	}
	return db.exchange(fresh)
}

// from2 is the migration from version 2: the entries of the tables lay under keys of their own.
func from2(old *bolt.DB, fresh string) error {
	if err := disk.Copy(old, fresh); err != nil {
		return err
	}
	b, err := disk.Open(fresh, 0, time.Second)
	if err != nil {
		return err
	}
	for _, name := range table.Names {
		if err == nil {
			err = b.Update(func(tx *bolt.Tx) error { return table.Gather(tx, name) })
		}
	}
	if err == nil {
		err = b.Update(initialise)
	}
	return errors.Join(err, b.Close())
}

// from1 is the migration from version 1.
func from1(old *bolt.DB, fresh string) error {
	return old.View(func(tx *bolt.Tx) error { return fill(fresh, func(f *Filler) error { return fill1(tx, f) }) })
}

// fill1 fills a new file with what one of version 1 holds. It calls step after each item or so, so that transactions stay small.
func fill1(old *bolt.Tx, f *Filler) error {
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
	for _, name := range []string{"feeds", "counts", "aliases"} {
		if err := f.copyBucket(old, name); err != nil {
			return err
		}
	}
	for n := 1; n < len(table.Names); n++ { // the items are there
		for e := range table.Alone(old, table.Names[n]) {
			if err := errors.Join(f.tx.table(n).Put(e), f.step(len(e))); err != nil {
				return err
			}
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
