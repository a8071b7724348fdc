package table

import (
	"iter"
	"slices"

	bolt "go.etcd.io/bbolt"

	"copytaster/store/record"
)

// Names are the buckets at the top of a database that are tables, that of the items first.
var Names = [...]string{"items", "guids", "keys", "recent"}

// Of is one of them.
func Of(tx *bolt.Tx, name string) *Table {
	key, size := 16, 16 // of keys and recent: the entry is all key
	switch name {
	case "items":
		key, size = 8, record.PlaceSize
	case "guids":
		key = 8
	}
	return In(tx.Bucket([]byte(name)), key, size)
}

// Gather makes a table of the bucket of layout version 2.
func Gather(tx *bolt.Tx, name string) error {
	stored := tx.Bucket([]byte(name)).Sequence()
	entries := slices.Collect(Alone(tx, name))
	if err := tx.DeleteBucket([]byte(name)); err != nil {
		return err
	}
	b, err := tx.CreateBucket([]byte(name))
	if err != nil {
		return err
	}
	b.FillPercent = 1 // they come in order
	t := Of(tx, name)
	for _, e := range entries {
		if err := t.Put(e); err != nil {
			return err
		}
	}
	return b.SetSequence(stored)
}

// Alone yields the entries of the bucket of layout version 1 or 2, which lie there under keys of their own.
func Alone(tx *bolt.Tx, name string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		c := tx.Bucket([]byte(name)).Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			e := slices.Concat(k, v)
			if name == "items" && len(e) < record.PlaceSize { // in no story
				e = append(e, make([]byte, record.PlaceSize-len(e))...)
			}
			if !yield(e) {
				return
			}
		}
	}
}
