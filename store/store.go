// Package store keeps feeds' states, items, stories and what was learned in one Bolt file. It stores facts only: whatever can be
// computed from them (postings, indexes of shingles, shares) is rebuilt by the caller. It never interprets the states and
// sketches that it keeps, and never holds a transaction longer than the call.
//
// Layout, version 3. A "key" is 8 bytes: an item id or story id as 64 bits, or the head of a SHA-256.
//
//	meta      "version"                      → 1 byte
//	          "exported"                     → of what the export files were made (opaque)
//	          "host"                         → domain in the ids of stories, once it is fixed
//	          "origin"                       → name of the stream of deliveries that is stored here, if they come over one
//	          "sequence"                     → number of the last of its messages that is stored (uint64)
//	learned   number (uint32)                → piece of the counts of the outlets' blocks (opaque, from dedupe/clean/learn), in one frame of zstd after the other
//	dicts     number (uint32)                → dictionary of 64 KiB, its CRC-32
//	spare     the same once more: a page of a dictionary that cannot be read would take all items with it
//	feeds     feed address                   → state (opaque, from package fetch)
//	counts    feed address                   → number of its items (uvarint)
//	days      "2006-01-02" (UTC, first seen) → bucket
//	            items     place (uint32)     → item id, the rest of the item as CBOR, compressed with a dictionary; in pieces
//	            sketches  place              → item id, sketch (opaque, from cmd/copytaster/sketch); in pieces
//	items     table of item id, day as uint16 (days since 1970-01-01), place, story id or zero; the bucket's sequence counts all items that
//	          were ever stored
//	guids     table of record.GUIDKey(feed, guid), item id, only where the guid is not the one that the id was minted from
//	keys      table of record.URLKey or record.ContentKey, item id
//	recent    table of published (unix, uint64), story id: the stories in order of time
//	stories   story id                       → CBOR of record; its sequence counts changes of stories
//	aliases   old story id                   → story id that took it over, when the old one was published (unix, uint64)
//
// Integers are big endian. A table is one of package table. Items lie in buckets by day so that retention drops whole days: 20 times faster than deleting their keys one by
// one. Within a day they lie in the order in which they came, so that pages are full: under their ids, which are hashes, a
// third of every page was empty. Sketches are not compressed: the hashes in them are as good as random (zstd makes a sketch 4 % longer).
package store

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"copytaster/store/disk"
	"copytaster/store/record"
	"copytaster/store/table"
)

const version = 3

// buckets are those at the top of the file.
var buckets = []string{"meta", "learned", "dicts", "spare", "feeds", "counts", "days", "items", "guids", "keys", "stories", "recent", "aliases"}

// What errors of opening and of transactions wrap: another process has the file; its bytes are not what was written.
var (
	ErrLocked  = disk.ErrLocked
	ErrDamaged = disk.ErrDamaged
)

// Full reports whether the error says that there was no room, or no leave, to write. What a transaction wanted to write is then not written, the file is as it was, and
// the same may go well later.
func Full(err error) bool { return disk.Full(err) }

// The endings of the files beside the database that are being made, by Compact and by Snapshot.
const (
	NewEnding  = disk.NewEnding
	CopyEnding = disk.CopyEnding
)

// Options bound a database. The zero Options set no bound.
type Options struct {
	MaxSize int64 // bytes that the file never exceeds: a transaction that would need more fails, with an error that Full recognises
}

// DB is an open file. Its methods may be called from any goroutine, but not from within an Update or a View of the same goroutine; one
// Update runs at a time.
type DB struct {
	name  string
	opt   Options
	codec atomic.Pointer[record.Codec]

	writing sync.Mutex   // held by what writes, and by Compact and Backup for as long as they copy
	swap    sync.RWMutex // guards bolt: read by every transaction, written where the file is exchanged
	bolt    *bolt.DB
}

// Open opens the file, or makes it, without bounds.
func Open(name string) (*DB, error) { return OpenWith(name, Options{}) }

// OpenWith opens the file, or makes it. It waits a second for the lock, then gives an error that wraps ErrLocked. A file that
// is no database of ours, is damaged (then the error wraps ErrDamaged), or was written by a newer version is left as it is and named in the
// error. One of an older version is migrated: into a new file that takes its place when it is whole.
func OpenWith(name string, opt Options) (*DB, error) {
	db := &DB{name: name, opt: opt}
	return db.opened(func() (err error) {
		if db.bolt, err = disk.Open(name, opt.MaxSize, time.Second); err != nil {
			return err
		}
		return db.prepare()
	})
}

// OpenReadOnly opens a file to look at it: nothing is written to it, nothing migrated. One of an older layout is refused.
func OpenReadOnly(name string) (*DB, error) {
	db := &DB{name: name}
	return db.opened(func() (err error) {
		if db.bolt, err = disk.OpenReadOnly(name); err != nil {
			return err
		}
		switch v, err := db.version(); {
		case err != nil:
			return err
		case v != version:
			return fmt.Errorf("layout version %d: it becomes %d when copytaster run opens it", v, version)
		}
		return db.bolt.View(db.loadCodec)
	})
}

// opened is the database after open opened it, or the error, named.
func (db *DB) opened(open func() error) (*DB, error) {
	err := disk.Guard(open)
	if err == nil {
		return db, nil
	}
	if db.bolt != nil {
		err = errors.Join(err, disk.Guard(db.bolt.Close))
	}
	return nil, fmt.Errorf("database %s: %w", db.name, err)
}

// Pages looks at every page of the file and calls found with what is wrong, in words.
func (db *DB) Pages(found func(string)) error {
	db.swap.RLock()
	defer db.swap.RUnlock()
	return db.named(disk.Check(db.bolt, found))
}

// Raw yields the keys and values of one of the buckets at the top of the file that the head of this package names. They are valid only during the step.
func (tx *Tx) Raw(bucket string) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		b := tx.bucket(bucket)
		if b == nil {
			return
		}
		c := b.Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			if !yield(k, v) {
				return
			}
		}
	}
}

// prepare checks the file, makes what a new one lacks, migrates an old one and builds the codec.
func (db *DB) prepare() error {
	if err := disk.Sweep(db.name); err != nil {
		return err
	}
	v, err := db.version()
	if err != nil {
		return err
	}
	switch {
	case v == 0:
		err = db.bolt.Update(initialise)
	case v < version:
		err = db.migrate(v)
	}
	if err != nil {
		return err
	}
	return db.bolt.View(db.loadCodec)
}

// initialise makes the buckets of the present layout.
func initialise(tx *bolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	return tx.Bucket([]byte("meta")).Put([]byte("version"), []byte{version})
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
func (db *DB) Close() error {
	db.writing.Lock()
	defer db.writing.Unlock()
	db.swap.Lock()
	defer db.swap.Unlock()
	return db.bolt.Close()
}

// Name is the file's.
func (db *DB) Name() string { return db.name }

// Size is the length of the file in bytes.
func (db *DB) Size() int64 {
	info, err := os.Stat(db.name)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Update runs f in a transaction that writes, and makes it durable: all of what f did, or, if f returns an error, nothing.
func (db *DB) Update(f func(*Tx) error) error {
	db.writing.Lock()
	defer db.writing.Unlock()
	db.swap.RLock()
	defer db.swap.RUnlock()
	return db.named(disk.Guard(func() error {
		return db.bolt.Update(func(tx *bolt.Tx) error {
			db.bolt.AllocSize = disk.Growth(tx.Size())
			return f(&Tx{tx: tx, db: db})
		})
	}))
}

// View runs f in a transaction that reads one consistent state. It must be short: what Update frees meanwhile is not used again.
func (db *DB) View(f func(*Tx) error) error {
	db.swap.RLock()
	defer db.swap.RUnlock()
	return db.named(disk.Guard(func() error {
		return db.bolt.View(func(tx *bolt.Tx) error { return f(&Tx{tx: tx, db: db}) })
	}))
}

// named adds the file's name to an error that is about the file.
func (db *DB) named(err error) error {
	if errors.Is(err, ErrDamaged) {
		return fmt.Errorf("database %s: %w", db.name, err)
	}
	return err
}

// Tx is a transaction. What its methods return stays valid after it, unless they say otherwise.
type Tx struct {
	tx     *bolt.Tx
	db     *DB
	day    day // where the last item lay
	tables [len(table.Names)]*table.Table
}

func (tx *Tx) bucket(name string) *bolt.Bucket { return tx.tx.Bucket([]byte(name)) }
