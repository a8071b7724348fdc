// Package piece writes long values to Bolt buckets that grow at their end, so that their pages are full: in pieces, each under a key of its own.
package piece

import (
	"bytes"
	"encoding/binary"
	"iter"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// size is how many bytes of a value stand beside one key of a bucket that grows at its end: six of them fill a page. Bolt puts at least two values on a
// page, or on as many pages as they need: values of half a page and more left a third of the file empty (sketches of texts of 500 words took
// 2,890 bytes of it, 2,310 in pieces of 990 bytes, 2,200 in these). The first piece has the value's own key, the others that and their number (uint16).
const size = 650

// Append writes a value to a bucket that grows at its end only, whose pages can therefore be full.
func Append(b *bolt.Bucket, k, v []byte) error {
	b.FillPercent = 1
	return b.Put(k, v)
}

// Add writes a value in pieces, whose key is not there yet.
func Add(b *bolt.Bucket, k, v []byte) error {
	n := min(size, len(v))
	if err := Append(b, k, v[:n]); err != nil {
		return err
	}
	count := 0
	for p := range slices.Chunk(v[n:], size) {
		count++
		if err := Append(b, numbered(k, count), p); err != nil {
			return err
		}
	}
	return nil
}

// Put writes a value in pieces, in the place of the older one.
func Put(b *bolt.Bucket, k, v []byte) error {
	var stale [][]byte
	c := b.Cursor()
	for at, _ := c.Seek(numbered(k, 1)); bytes.HasPrefix(at, k); at, _ = c.Next() {
		stale = append(stale, slices.Clone(at))
	}
	for _, at := range stale {
		if err := b.Delete(at); err != nil {
			return err
		}
	}
	return Add(b, k, v)
}

// numbered is the key of the n-th piece after the first.
func numbered(k []byte, n int) []byte {
	return binary.BigEndian.AppendUint16(slices.Clone(k), uint16(n))
}

// Get reads a value that was written in pieces; nil if there is none. It is valid only within the transaction.
func Get(b *bolt.Bucket, k []byte) []byte {
	c := b.Cursor()
	at, v := c.Seek(k)
	if !bytes.Equal(at, k) {
		return nil
	}
	whole, _, _ := gather(c, k, v)
	return whole
}

// gather adds the pieces that follow to the first one, v. It returns the key and value after them.
func gather(c *bolt.Cursor, k, v []byte) (whole, nextKey, nextValue []byte) {
	whole = v[:len(v):len(v)]
	nextKey, nextValue = c.Next()
	for len(nextKey) > len(k) && bytes.HasPrefix(nextKey, k) {
		whole = append(whole, nextValue...)
		nextKey, nextValue = c.Next()
	}
	return whole, nextKey, nextValue
}

// All yields the values of a bucket that were written in pieces, in order of their keys. They are valid only within the transaction.
func All(b *bolt.Bucket) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		c := b.Cursor()
		for k, v := c.First(); k != nil; {
			var whole []byte
			if whole, k, v = gather(c, k, v); !yield(whole) {
				return
			}
		}
	}
}

// Extend adds a value behind what Extend wrote to a bucket before.
func Extend(b *bolt.Bucket, v []byte) error {
	n := uint32(0)
	if last, _ := b.Cursor().Last(); len(last) == 4 {
		n = binary.BigEndian.Uint32(last)
	}
	for p := range slices.Chunk(v, size) {
		n++
		if err := Append(b, binary.BigEndian.AppendUint32(nil, n), p); err != nil {
			return err
		}
	}
	return nil
}

// Whole reads all that Extend wrote to a bucket, nil if nothing.
func Whole(b *bolt.Bucket) (v []byte) {
	c := b.Cursor()
	for k, p := c.First(); k != nil; k, p = c.Next() {
		v = append(v, p...)
	}
	return v
}
