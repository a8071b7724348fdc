// Package store keeps feeds' states, items, stories and what was learned in one Bolt file. It stores facts only: whatever can be
// computed from them (postings, indexes of shingles, shares) is rebuilt by the caller. It never interprets the states and
// sketches that it keeps, and never holds a transaction longer than the call.
//
// Layout, version 1. A "key" is 8 bytes: an item id or story id as 64 bits, or the head of a SHA-256.
//
//	meta      "version"                      → 1 byte
//	          "learned"                      → counts of the outlets' blocks (opaque, from dedupe/clean/learn)
//	feeds     feed address                   → state (opaque, from package fetch)
//	counts    feed address                   → number of its items (uvarint)
//	days      "2006-01-02" (UTC, first seen) → bucket
//	            items     item id            → JSON of the item, zstd
//	            sketches  item id            → sketch (opaque, from cmd/copytaster/sketch)
//	items     item id                        → day as uint16 (days since 1970-01-01, big endian), story id or nothing
//	guids     head(feed, guid)               → item id, only where the guid is not the one that the id was minted from
//	keys      head(url or content), item id  → nothing
//	stories   story id                       → JSON of Story
//	recent    published (unix, uint64), story id → nothing: the stories in order of time
//	aliases   old story id                   → story id that took it over, when the old one was published (unix, uint64)
//
// Items lie in buckets by day so that retention drops whole days: 20 times faster than deleting their keys one by one.
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"
	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const version = 1

// buckets are those at the top of the file.
var buckets = []string{"meta", "feeds", "counts", "days", "items", "guids", "keys", "stories", "recent", "aliases"}

// ErrLocked is wrapped by Open when another process has the file.
var ErrLocked = errors.New("in use by another copytaster")

// DB is an open file. Its methods may be called from any goroutine; one Update runs at a time.
type DB struct {
	bolt *bolt.DB
	enc  *zstd.Encoder
	dec  *zstd.Decoder
}

// Open opens the file, or makes it. It waits a second for the lock, then gives an error that wraps ErrLocked. A file that
// is no database of ours, is damaged, or was written by a newer version is left as it is and named in the error.
func Open(name string) (*DB, error) {
	b, err := bolt.Open(name, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType, InitialMmapSize: 64 << 20})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("database %s: %w", name, ErrLocked)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("database %s: the folder %s does not exist", name, filepath.Dir(name))
	case err != nil:
		return nil, fmt.Errorf("database %s: %w", name, err)
	}
	db := &DB{bolt: b}
	if err := db.prepare(); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", name, err), b.Close())
	}
	return db, nil
}

// prepare makes what a new file lacks, checks the version of an old one and builds the codec.
func (db *DB) prepare() (err error) {
	if db.enc, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20)); err != nil {
		return err
	}
	if db.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(256<<20)); err != nil {
		return err
	}
	v, err := db.version()
	if err != nil || v == version {
		return err
	}
	return db.bolt.Update(func(tx *bolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		return tx.Bucket([]byte("meta")).Put([]byte("version"), []byte{version})
	})
}

// version is the layout's of the file, 0 for an empty one.
func (db *DB) version() (v byte, err error) {
	err = db.bolt.View(func(tx *bolt.Tx) error {
		meta := tx.Bucket([]byte("meta"))
		if meta == nil {
			if name, _ := tx.Cursor().First(); name != nil {
				return errors.New("a Bolt file, but not one of copytaster's")
			}
			return nil
		}
		if b := meta.Get([]byte("version")); len(b) == 1 {
			v = b[0]
		}
		if v == 0 || v > version {
			return fmt.Errorf("layout version %d, this program knows up to %d", v, version)
		}
		return nil
	})
	return v, err
}

// Close waits for running transactions and closes the file.
func (db *DB) Close() error { return db.bolt.Close() }

// Size is the length of the file in bytes.
func (db *DB) Size() int64 {
	info, err := os.Stat(db.bolt.Path())
	if err != nil {
		return 0
	}
	return info.Size()
}

// Update runs f in a transaction that writes, and makes it durable: all of what f did, or, if f returns an error, nothing.
func (db *DB) Update(f func(*Tx) error) error {
	return db.bolt.Update(func(tx *bolt.Tx) error { return f(&Tx{tx: tx, db: db}) })
}

// View runs f in a transaction that reads one consistent state. It must be short: what Update frees meanwhile is not used again.
func (db *DB) View(f func(*Tx) error) error {
	return db.bolt.View(func(tx *bolt.Tx) error { return f(&Tx{tx: tx, db: db}) })
}

// Tx is a transaction. What its methods return stays valid after it, unless they say otherwise.
type Tx struct {
	tx *bolt.Tx
	db *DB
}

func (tx *Tx) bucket(name string) *bolt.Bucket { return tx.tx.Bucket([]byte(name)) }
