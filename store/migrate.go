package store

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/klauspost/compress/zstd"
	bolt "go.etcd.io/bbolt"

	"copytaster"
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
	if err := removed(fresh); err != nil {
		return err
	}
	err := db.bolt.View(func(old *bolt.Tx) error { return fill(fresh, func(f *Filler) error { return m(old, f) }) })
	if err != nil {
		return errors.Join(fmt.Errorf("migrating layout version %d: %w", from, err), removed(fresh))
	}
	return db.exchange(fresh)
}

// from1 is the migration from version 1: items lay under their ids as JSON in zstd, their places had no number, stories were JSON, what was learned lay plain.
func from1(old *bolt.Tx, f *Filler) error {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return err
	}
	defer dec.Close()
	if err := old.Bucket([]byte("days")).ForEachBucket(func(name []byte) error { return day1(old, f, dec, name) }); err != nil {
		return err
	}
	for _, name := range []string{"feeds", "counts", "guids", "keys", "recent", "aliases"} {
		if err := f.copyBucket(old, name); err != nil {
			return err
		}
	}
	if v := old.Bucket([]byte("meta")).Get([]byte("learned")); v != nil {
		if err := f.tx.SetLearned(v); err != nil {
			return err
		}
	}
	return old.Bucket([]byte("stories")).ForEach(func(k, v []byte) error {
		var s Story
		if err := json.Unmarshal(v, &s); err != nil {
			return fmt.Errorf("story %x: %w", k, err)
		}
		doc, err := f.db.codec.Load().Story(s)
		if err != nil {
			return fmt.Errorf("story %x: %w", k, err)
		}
		return errors.Join(f.tx.bucket("stories").Put(bytes.Clone(k), doc), f.step(len(doc)))
	})
}

// day1 takes over a day of version 1.
func day1(old *bolt.Tx, f *Filler, dec *zstd.Decoder, name []byte) error {
	t, err := time.Parse(dayFormat, string(name))
	if err != nil {
		return fmt.Errorf("day %q: %w", name, err)
	}
	day := old.Bucket([]byte("days")).Bucket(name)
	return day.Bucket([]byte("items")).ForEach(func(k, v []byte) error {
		it := copytaster.Item{}
		doc, err := dec.DecodeAll(v, nil)
		if err == nil {
			err = json.Unmarshal(doc, &it)
		}
		if err != nil {
			return fmt.Errorf("item %x: %w", k, err)
		}
		it.ID = hex.EncodeToString(k)
		story := []byte(nil)
		if at := old.Bucket([]byte("items")).Get(k); len(at) > 2 {
			story = at[2:]
		}
		packed, err := f.db.Pack(it, day.Bucket([]byte("sketches")).Get(k))
		if err != nil {
			return err
		}
		return errors.Join(f.tx.lie(packed, place{day: dayOf(t), story: story}), f.step(len(doc)+len(packed.sketch)))
	})
}
