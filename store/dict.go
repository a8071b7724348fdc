package store

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/klauspost/compress/dict"
	"github.com/klauspost/compress/zstd"
	bolt "go.etcd.io/bbolt"

	"copytaster/store/record"
)

const (
	dictSize    = 32 << 10
	dictSamples = 512
	firstDict   = 256 // items after which the first dictionary is trained; then at 16 times as many, and so on
	growDict    = 16
)

// dicts lists the dictionaries of the file, oldest first.
func dicts(tx *bolt.Tx) (list [][]byte) {
	b := tx.Bucket([]byte("dicts"))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		list = append(list, append([]byte(nil), v...))
	}
	return list
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

// train makes a dictionary of stored items whenever 256, 4,096, 65,536 … were stored over the file's life: what outlets and their
// texts look like changes, and a handful of dictionaries is nothing beside the items. It serves from the next transaction on.
func (tx *Tx) train(stored uint64) error {
	n := uint64(firstDict)
	for ; n < stored; n *= growDict {
	}
	if n != stored {
		return nil
	}
	b, err := tx.tx.CreateBucketIfNotExists([]byte("dicts"))
	if err != nil {
		return err
	}
	id, err := b.NextSequence()
	if err != nil {
		return err
	}
	d, err := dict.BuildZstdDict(tx.samples(int(stored)), dict.Options{MaxDictSize: dictSize, HashBytes: 6, ZstdDictID: uint32(id), ZstdLevel: zstd.SpeedFastest})
	if err != nil {
		return nil // too few texts, or too much alike: no dictionary is no loss of anything but space
	}
	next, err := record.New(append(dicts(tx.tx), d))
	if err != nil {
		return err
	}
	tx.tx.OnCommit(func() { tx.db.codec.Store(next) })
	k := binary.BigEndian.AppendUint32(nil, uint32(id))
	return errors.Join(b.Put(k, d), tx.bucket("spare").Put(k, d))
}

// samples are the texts of items spread over the newest of them, to train a dictionary from.
func (tx *Tx) samples(stored int) (docs [][]byte) {
	every := max(1, min(stored, math.MaxUint16)/dictSamples)
	n := 0
	days := tx.bucket("days")
	c := days.Cursor()
	for name, _ := c.Last(); name != nil && len(docs) < dictSamples; name, _ = c.Prev() {
		for v := range values(days.Bucket(name).Bucket([]byte("items"))) {
			if n++; n%every != 0 || len(v) < 8 {
				continue
			}
			if doc, err := tx.db.codec.Load().Unpack(v[8:]); err == nil {
				docs = append(docs, doc)
			}
			if len(docs) == dictSamples {
				break
			}
		}
	}
	return docs
}
