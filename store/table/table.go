// Package table keeps short entries, all of one length, in a Bolt bucket: sorted, in runs of many under one key. Bolt takes 16 bytes of the file for every key, and while a
// page is changed 64 bytes of memory for each of its keys and as much again to grow: of entries under keys of their own, which are hashes and so fall on all pages, a first poll of
// 30,000 items took 20 MB more, and its file was a tenth longer.
package table

import (
	"bytes"
	"iter"
	"slices"
	"sort"

	bolt "go.etcd.io/bbolt"
)

// longest is how many bytes a run has at most: with 256 a first poll takes 3 % more CPU, with 1,024 no less.
const longest = 512

// Table is a bucket of entries of so many bytes each, of which the first ones, its key, tell it from the others. A run lies under a key
// that is no later than its first entry's, and ends before the key of the next run.
type Table struct {
	bucket    *bolt.Bucket
	cursor    *bolt.Cursor // of all but walks
	key, size int
}

// In is the table that the bucket holds, for as long as its transaction, by one goroutine.
func In(b *bolt.Bucket, key, size int) *Table { return &Table{b, b.Cursor(), key, size} }

// Get is the first entry that begins with the bytes, nil if there is none. It is valid until the table is changed.
func (t *Table) Get(prefix []byte) []byte {
	_, v := seek(t.cursor, prefix)
	i := t.place(v, prefix)
	if i == len(v) {
		i = 0
		_, v = t.cursor.Next()
	}
	if v == nil || !bytes.HasPrefix(v[i:], prefix) {
		return nil
	}
	return v[i : i+t.size : i+t.size]
}

// All yields the entries that begin with the bytes, in order. They are valid during the step, in which the table must not be changed.
func (t *Table) All(prefix []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		c := t.bucket.Cursor()
		_, v := seek(c, prefix)
		for i := t.place(v, prefix); ; i = 0 {
			for ; i < len(v); i += t.size {
				if e := v[i : i+t.size]; !bytes.HasPrefix(e, prefix) || !yield(e) {
					return
				}
			}
			if _, v = c.Next(); v == nil {
				return
			}
		}
	}
}

// Backward yields all entries, the last first, as All does.
func (t *Table) Backward() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		c := t.bucket.Cursor()
		for k, v := c.Last(); k != nil; k, v = c.Prev() {
			for i := len(v) - t.size; i >= 0; i -= t.size {
				if !yield(v[i : i+t.size]) {
					return
				}
			}
		}
	}
}

// Put adds an entry, in the place of the one with the same key if there is one.
func (t *Table) Put(entry []byte) error {
	key := entry[:t.key]
	k, v := seek(t.cursor, key)
	if k == nil {
		return t.bucket.Put(key, entry)
	}
	i := t.place(v, key)
	if i < len(v) && bytes.Equal(v[i:i+t.key], key) {
		return t.bucket.Put(k, slices.Concat(v[:i], entry, v[i+t.size:]))
	}
	if bytes.Compare(key, k) < 0 { // before all runs
		if err := t.bucket.Delete(k); err != nil {
			return err
		}
		k = key
	}
	v = slices.Concat(v[:i], entry, v[i:])
	if len(v) <= longest {
		return t.bucket.Put(k, v)
	}
	half := len(v) / t.size / 2 * t.size
	if i == len(v)-t.size {
		half = i // where entries come in order, runs are full
	}
	if err := t.bucket.Put(k, v[:half:half]); err != nil {
		return err
	}
	return t.bucket.Put(v[half:half+t.key], v[half:])
}

// Delete takes out the entry with the key, if there is one.
func (t *Table) Delete(key []byte) error {
	k, v := seek(t.cursor, key)
	i := t.place(v, key)
	switch {
	case i == len(v) || !bytes.Equal(v[i:i+t.key], key):
		return nil
	case len(v) == t.size:
		return t.bucket.Delete(k)
	}
	return t.bucket.Put(k, slices.Concat(v[:i], v[i+t.size:]))
}

// seek finds the run that has, or would have, the first entry that begins with the bytes; nil if there is no run.
func seek(c *bolt.Cursor, prefix []byte) (k, v []byte) {
	switch k, v = c.Seek(prefix); {
	case k == nil:
		return c.Last()
	case bytes.Equal(k, prefix):
		return k, v
	}
	if k, v = c.Prev(); k == nil {
		return c.First()
	}
	return k, v
}

// place is where the first entry stands in a run that does not lie before the bytes, the run's length if there is none.
func (t *Table) place(v, prefix []byte) int {
	n := len(v) / t.size
	return t.size * sort.Search(n, func(i int) bool { return bytes.Compare(v[i*t.size:(i+1)*t.size], prefix) >= 0 })
}
