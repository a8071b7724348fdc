package store

import (
	"bytes"
	"encoding/binary"
	"errors"

	bolt "go.etcd.io/bbolt"

	"copytaster/store/record"
)

// The first dictionary is made when 256 items are stored, then one at 16 times as many, and so on: what outlets and their texts look like changes, and a handful of
// dictionaries over the file's life is nothing beside the items. It holds the beginnings of so many items, spread over the newest.
const (
	firstDict = 256
	growDict  = 16
	dictSize  = 64 << 10
	dictPart  = 2 << 10 // of one item
)

// dicts are the dictionaries of the file, by number: those of the bucket, and of the spare ones where they are damaged.
func dicts(tx *bolt.Tx) map[uint32][]byte {
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

// loadCodec reads the dictionaries of the file and makes their codec the present one.
func (db *DB) loadCodec(tx *bolt.Tx) error {
	c, err := record.New(dicts(tx))
	if err != nil {
		return err
	}
	db.codec.Store(c)
	return nil
}

// renewDict makes a dictionary when it is time. It serves from the next transaction on.
func (tx *Tx) renewDict(stored uint64) error {
	n := uint64(firstDict)
	for ; n < stored; n *= growDict {
	}
	if n != stored {
		return nil
	}
	all := dicts(tx.tx)
	number := uint32(len(all) + 1)
	for all[number] != nil {
		number++
	}
	d := tx.sample(int(stored))
	all[number] = d
	next, err := record.New(all)
	if err != nil {
		return err
	}
	tx.tx.OnCommit(func() { tx.db.codec.Store(next) })
	k, sealed := binary.BigEndian.AppendUint32(nil, number), record.Seal(d)
	return errors.Join(tx.bucket("dicts").Put(k, sealed), tx.bucket("spare").Put(k, sealed))
}

// sample is a dictionary's worth of the texts of items, spread over the newest.
func (tx *Tx) sample(stored int) (d []byte) {
	every := max(1, min(stored, 1<<16)*dictPart/dictSize/2)
	days := tx.bucket("days")
	c := days.Cursor()
	n := 0
	for name, _ := c.Last(); name != nil && len(d) < dictSize; name, _ = c.Prev() {
		for v := range values(days.Bucket(name).Bucket([]byte("items"))) {
			if n++; n%every != 0 || len(v) < 8 {
				continue
			}
			if doc, err := tx.db.codec.Load().Unpack(v[8:]); err == nil {
				d = append(d, doc[:min(len(doc), dictPart, dictSize-len(d))]...)
			}
			if len(d) == dictSize {
				break
			}
		}
	}
	return d
}
