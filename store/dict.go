package store

import (
	"errors"

	bolt "go.etcd.io/bbolt"

	"copytaster/store/dict"
	"copytaster/store/piece"
	"copytaster/store/record"
)

// loadCodec reads the dictionaries of the file and makes their codec the present one.
func (db *DB) loadCodec(tx *bolt.Tx) error {
	c, err := record.New(dict.All(tx))
	if err != nil {
		return err
	}
	db.codec.Store(c)
	return nil
}

// renewDict makes a dictionary when it is time. It serves from the next transaction on.
func (tx *Tx) renewDict(stored uint64) error {
	if !dict.Due(stored) {
		return nil
	}
	all := dict.All(tx.tx)
	err := dict.Put(tx.tx, all, dict.Sample(int(stored), tx.newest, tx.db.codec.Load().Unpack))
	next, errNew := record.New(all)
	if err := errors.Join(err, errNew); err != nil {
		return err
	}
	tx.tx.OnCommit(func() { tx.db.codec.Store(next) })
	return nil
}

// newest yields what stands behind the ids in the items' records, the newest day first.
func (tx *Tx) newest(yield func([]byte) bool) {
	days := tx.bucket("days")
	c := days.Cursor()
	for name, _ := c.Last(); name != nil; name, _ = c.Prev() {
		for v := range piece.All(days.Bucket(name).Bucket([]byte("items"))) {
			if len(v) >= 8 && !yield(v[8:]) {
				return
			}
		}
	}
}
