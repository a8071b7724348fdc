// Package dict keeps the dictionaries with which items are compressed: when one is made, of what, and where it lies. It never compresses.
package dict

import (
	"bytes"
	"encoding/binary"
	"errors"
	"iter"

	bolt "go.etcd.io/bbolt"

	"copytaster/store/record"
)

// The first dictionary is made when 256 items are stored, then one at 16 times as many, and so on: what outlets and their texts look like changes, and a handful of
// dictionaries over the file's life is nothing beside the items. It holds the beginnings of so many items, spread over the newest.
const (
	first = 256
	times = 16
	size  = 64 << 10
	part  = 2 << 10 // of one item
)

// All are the dictionaries of the file, by number: those of the bucket, and of the spare ones where they are damaged.
func All(tx *bolt.Tx) map[uint32][]byte {
	all := map[uint32][]byte{}
	for _, name := range []string{"spare", "dicts"} {
		b := tx.Bucket([]byte(name))
		if b == nil {
			continue
		}
		c := b.Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			if d, ok := record.Unseal(v); ok && len(k) == 4 {
				all[binary.BigEndian.Uint32(k)] = bytes.Clone(d)
			}
		}
	}
	return all
}

// Due reports whether one is to be made when so many items are stored.
func Due(stored uint64) bool {
	n := uint64(first)
	for ; n < stored; n *= times {
	}
	return n == stored
}

// Put adds one to all, and stores it twice.
func Put(tx *bolt.Tx, all map[uint32][]byte, d []byte) error {
	number := uint32(len(all) + 1)
	for all[number] != nil {
		number++
	}
	all[number] = d
	k, sealed := binary.BigEndian.AppendUint32(nil, number), record.Seal(d)
	return errors.Join(tx.Bucket([]byte("dicts")).Put(k, sealed), tx.Bucket([]byte("spare")).Put(k, sealed))
}

// Sample makes one of the records of items, the newest first, of which so many are stored; unpack gives what is in a record, and an error for one that is passed over.
func Sample(stored int, records iter.Seq[[]byte], unpack func([]byte) ([]byte, error)) (d []byte) {
	every := max(1, min(stored, 1<<16)*part/size/2)
	n := 0
	for v := range records {
		if n++; n%every != 0 {
			continue
		}
		if doc, err := unpack(v); err == nil {
			d = append(d, doc[:min(len(doc), part, size-len(d))]...)
		}
		if len(d) == size {
			break
		}
	}
	return d
}
