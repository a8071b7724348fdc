package store

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"copytaster"
	"copytaster/store/piece"
	"copytaster/store/record"
)

// day is a day's bucket.
type day struct {
	number          uint16
	items, sketches *bolt.Bucket // nil if there is no such day
}

// on is the bucket of the place's day, which is kept for the next item.
func (tx *Tx) on(p record.Place) day {
	if tx.day.number == p.Day && tx.day.items != nil {
		return tx.day
	}
	tx.day = day{number: p.Day}
	if b := tx.bucket("days").Bucket(p.Bucket()); b != nil {
		tx.day.items, tx.day.sketches = b.Bucket([]byte("items")), b.Bucket([]byte("sketches"))
	}
	return tx.day
}

// begin makes the bucket of the place's day.
func (tx *Tx) begin(p record.Place) error {
	b, err := tx.bucket("days").CreateBucketIfNotExists(p.Bucket())
	if err != nil {
		return err
	}
	_, errItems := b.CreateBucketIfNotExists([]byte("items"))
	_, errSketches := b.CreateBucketIfNotExists([]byte("sketches"))
	return errors.Join(errItems, errSketches)
}

// lay finds the next free place on a day.
func (tx *Tx) lay(p record.Place) (record.Place, error) {
	if tx.on(p).items == nil {
		if err := tx.begin(p); err != nil {
			return p, err
		}
	}
	n, err := tx.on(p).items.NextSequence()
	if n > math.MaxUint32 {
		return p, fmt.Errorf("day %s is full", p.Bucket())
	}
	p.At = uint32(n)
	return p, err
}

// Packed is an item as it is written, with the sketch by which it is compared.
type Packed struct {
	item    copytaster.Item
	k       []byte // its id
	record  []byte
	sketch  []byte // behind its id
	lookups [][]byte
}

// Pack makes the item ready to be stored in any later transaction, which takes a third of storing it. It may be called from several goroutines at once, also
// within an Update.
func (db *DB) Pack(it copytaster.Item, sketch []byte) (p Packed, err error) {
	if p.k, err = record.Key(it.ID); err != nil {
		return p, err
	}
	p.item, p.sketch, p.lookups = it, append(slices.Clone(p.k), sketch...), record.Lookups(it)
	p.record, err = db.codec.Load().Item(it, p.k)
	return p, err
}

// PutItem is Put of what Pack makes.
func (tx *Tx) PutItem(it copytaster.Item, sketch []byte) error {
	p, err := tx.db.Pack(it, sketch)
	if err != nil {
		return err
	}
	return tx.Put(p)
}

// Put stores an item, new or again. The first time, it lies on the day of its Seen, which must be set, and in no story;
// afterwards it keeps day and story.
func (tx *Tx) Put(p Packed) error {
	if e := tx.places().Get(p.k); e != nil {
		at := record.ParsePlace(e)
		if err := tx.dropKeys(at, p.k); err != nil {
			return err
		}
		return errors.Join(tx.write(p, at, piece.Put), tx.note(p))
	}
	return errors.Join(tx.lie(p, record.Place{Day: record.Day(p.item.Seen)}), tx.note(p), tx.count(p.item.Feed, 1))
}

// lie stores an item, which is not there yet, at the next free place of a day, in a story or none. Its look-up keys are the caller's.
func (tx *Tx) lie(it Packed, p record.Place) error {
	p, err := tx.lay(p)
	if err != nil {
		return err
	}
	stored, err := tx.bucket("items").NextSequence()
	if err := errors.Join(err, tx.places().Put(p.Entry(it.k)), tx.write(it, p, piece.Add)); err != nil {
		return err
	}
	return tx.renewDict(stored)
}

// write puts the item's record and sketch at their place.
func (tx *Tx) write(it Packed, p record.Place, put func(b *bolt.Bucket, k, v []byte) error) error {
	d := tx.on(p)
	return errors.Join(put(d.items, p.Key(), it.record), put(d.sketches, p.Key(), it.sketch))
}

// note puts the item's look-up keys.
func (tx *Tx) note(it Packed) error {
	for _, lookup := range it.lookups {
		if err := tx.keys().Put(slices.Concat(lookup, it.k)); err != nil {
			return err
		}
	}
	if copytaster.ItemID(it.item.Feed, it.item.GUID) == it.item.ID {
		return nil
	}
	return tx.guids().Put(slices.Concat(record.GUIDKey(it.item.Feed, it.item.GUID), it.k))
}

// dropKeys takes away the look-up keys that the stored item has.
func (tx *Tx) dropKeys(p record.Place, k []byte) error {
	old, err := tx.item(p, k)
	if err != nil {
		return err
	}
	for _, lookup := range record.Lookups(old) {
		if err := tx.keys().Delete(append(lookup, k...)); err != nil {
			return err
		}
	}
	return nil
}

// Item returns the item, and false if it is not (or no longer) stored.
func (tx *Tx) Item(id string) (copytaster.Item, bool, error) {
	k, err := record.Key(id)
	if err != nil {
		return copytaster.Item{}, false, err
	}
	e := tx.places().Get(k)
	if e == nil {
		return copytaster.Item{}, false, nil
	}
	it, err := tx.item(record.ParsePlace(e), k)
	return it, err == nil, err
}

// item reads the item with the id k from its place.
func (tx *Tx) item(p record.Place, k []byte) (it copytaster.Item, err error) {
	d := tx.on(p)
	if d.items == nil {
		return it, fmt.Errorf("item %x: its day %s is missing", k, p.Bucket())
	}
	v := piece.Get(d.items, p.Key())
	if !bytes.HasPrefix(v, k) {
		return it, fmt.Errorf("item %x: missing on its day %s", k, p.Bucket())
	}
	return tx.db.codec.Load().ParseItem(v)
}

// ByGUID is the id of the feed's item with the guid, also one it had before; "" if there is none.
func (tx *Tx) ByGUID(feed, guid string) string {
	minted, _ := record.Key(copytaster.ItemID(feed, guid))
	if tx.places().Get(minted) != nil {
		return hex.EncodeToString(minted)
	}
	if e := tx.guids().Get(record.GUIDKey(feed, guid)); e != nil && tx.places().Get(e[8:]) != nil {
		return hex.EncodeToString(e[8:])
	}
	return ""
}

// ByURL lists the ids of the items with the canonical address, of any feed, in order of id.
func (tx *Tx) ByURL(url string) []string { return tx.byKey(record.URLKey(url)) }

// ByContent lists the ids of the feed's items with the same title and blocks, in order of id.
func (tx *Tx) ByContent(it copytaster.Item) []string { return tx.byKey(record.ContentKey(it)) }

// Alike lists the ids that ByContent and ByURL list of the item that was packed.
func (tx *Tx) Alike(p Packed) (ids []string) {
	for _, lookup := range p.lookups {
		ids = append(ids, tx.byKey(lookup)...)
	}
	return ids
}

func (tx *Tx) byKey(prefix []byte) (ids []string) {
	for e := range tx.keys().All(prefix) {
		ids = append(ids, hex.EncodeToString(e[len(prefix):]))
	}
	return ids
}

// Items yields the items first seen on the day of since or later, by day, then in the order in which they came, until an error ends it.
func (tx *Tx) Items(since time.Time) iter.Seq2[copytaster.Item, error] {
	return func(yield func(copytaster.Item, error) bool) {
		for v := range tx.records("items", since) {
			if it, err := tx.db.codec.Load().ParseItem(v); !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// Records yields all items as they lie on their days, those that cannot be read with an error and the next one after it.
func (tx *Tx) Records() iter.Seq2[copytaster.Item, error] {
	return func(yield func(copytaster.Item, error) bool) {
		for v := range tx.records("items", time.Time{}) {
			if !yield(tx.db.codec.Load().ParseItem(v)) {
				return
			}
		}
	}
}

// records yields what a part of the days holds.
func (tx *Tx) records(part string, since time.Time) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		days := tx.bucket("days").Cursor()
		for name, _ := days.Seek(record.Place{Day: record.Day(since)}.Bucket()); name != nil; name, _ = days.Next() {
			for v := range piece.All(tx.bucket("days").Bucket(name).Bucket([]byte(part))) {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// Days yields the ids of the items of each day, oldest day first, each day's in the order in which they came.
func (tx *Tx) Days() iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		days := tx.bucket("days").Cursor()
		for name, _ := days.First(); name != nil; name, _ = days.Next() {
			var ids []string
			for v := range piece.All(tx.bucket("days").Bucket(name).Bucket([]byte("items"))) {
				if len(v) >= 8 {
					ids = append(ids, hex.EncodeToString(v[:8]))
				}
			}
			if !yield(ids) {
				return
			}
		}
	}
}

// Count is the number of items stored.
func (tx *Tx) Count() (n int) {
	for _, of := range tx.Counts() {
		n += of
	}
	return n
}

// GUID says that a feed's item is also found under a guid, of which only the hash is kept.
type GUID struct {
	Hash string `json:"hash"`
	Item string `json:"item"`
}

// GUIDs yields all guids that are not the ones from which their items' ids were minted, in order of their hashes.
func (tx *Tx) GUIDs() iter.Seq[GUID] {
	return func(yield func(GUID) bool) {
		for e := range tx.guids().All(nil) {
			if !yield(GUID{hex.EncodeToString(e[:8]), hex.EncodeToString(e[8:])}) {
				return
			}
		}
	}
}

// Day is the day on which the item lies, zero if it is not stored.
func (tx *Tx) Day(id string) time.Time {
	k, err := record.Key(id)
	if err != nil {
		return time.Time{}
	}
	e := tx.places().Get(k)
	if e == nil {
		return time.Time{}
	}
	return record.ParsePlace(e).Time()
}
