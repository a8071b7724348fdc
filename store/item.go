package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	bolt "go.etcd.io/bbolt"

	"copytaster"
)

const dayFormat = "2006-01-02"

// head is the first 64 bits of the SHA-256 of the parts, each ended by a zero byte.
func head(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return h.Sum(nil)[:8]
}

// key turns an id of 16 hexadecimal digits into its 8 bytes.
func key(id string) ([]byte, error) {
	k, err := hex.DecodeString(id)
	if err != nil || len(k) != 8 {
		return nil, fmt.Errorf("id %q: want 16 hexadecimal digits", id)
	}
	return k, nil
}

// place is where an item lies, and in which story.
type place struct {
	day   uint16 // days since 1970-01-01
	story []byte // story id, nil while the item is in none
}

func parsePlace(v []byte) place {
	if len(v) < 2 {
		return place{}
	}
	return place{day: binary.BigEndian.Uint16(v), story: bytes.Clone(v[2:])}
}

func (p place) bytes() []byte { return append(binary.BigEndian.AppendUint16(nil, p.day), p.story...) }

func (p place) bucketName() []byte {
	return []byte(time.Unix(int64(p.day)*86400, 0).UTC().Format(dayFormat))
}

func dayOf(t time.Time) uint16 { return uint16(max(0, t.Unix()/86400)) }

// dayBucket is the named part ("items", "sketches") of a day's bucket, nil if there is none.
func (tx *Tx) dayBucket(p place, part string) *bolt.Bucket {
	day := tx.bucket("days").Bucket(p.bucketName())
	if day == nil {
		return nil
	}
	return day.Bucket([]byte(part))
}

func (tx *Tx) makeDay(p place) error {
	day, err := tx.bucket("days").CreateBucketIfNotExists(p.bucketName())
	if err != nil {
		return err
	}
	for _, part := range []string{"items", "sketches"} {
		if _, err := day.CreateBucketIfNotExists([]byte(part)); err != nil {
			return err
		}
	}
	return nil
}

// PutItem stores the item, new or again, with the sketch by which it is compared. The first time, it lies on the day of it.Seen and in no story;
// afterwards it keeps day and story. Seen must be set.
func (tx *Tx) PutItem(it copytaster.Item, sketch []byte) error {
	k, err := key(it.ID)
	if err != nil {
		return err
	}
	p := place{day: dayOf(it.Seen)}
	if v := tx.bucket("items").Get(k); v != nil {
		p = parsePlace(v)
		if err := tx.dropKeys(it.ID, p, k); err != nil {
			return err
		}
	} else if err := errors.Join(tx.bucket("items").Put(k, p.bytes()), tx.count(it.Feed, 1)); err != nil {
		return err
	}
	return tx.write(it, sketch, p, k)
}

// write puts the item's record, sketch and look-up keys.
func (tx *Tx) write(it copytaster.Item, sketch []byte, p place, k []byte) error {
	if err := tx.makeDay(p); err != nil {
		return err
	}
	doc, err := json.Marshal(it)
	if err != nil {
		return fmt.Errorf("item %s: %w", it.ID, err)
	}
	for _, lookup := range lookups(it) {
		if err := tx.bucket("keys").Put(append(lookup, k...), nil); err != nil {
			return err
		}
	}
	if id := copytaster.ItemID(it.Feed, it.GUID); id != it.ID {
		if err := tx.bucket("guids").Put(head(it.Feed, it.GUID), k); err != nil {
			return err
		}
	}
	if err := tx.dayBucket(p, "items").Put(k, tx.db.enc.EncodeAll(doc, nil)); err != nil {
		return err
	}
	return tx.dayBucket(p, "sketches").Put(k, sketch)
}

// dropKeys takes away the look-up keys that the stored item has.
func (tx *Tx) dropKeys(id string, p place, k []byte) error {
	old, ok, err := tx.item(id, p, k)
	if err != nil || !ok {
		return err
	}
	for _, lookup := range lookups(old) {
		if err := tx.bucket("keys").Delete(append(lookup, k...)); err != nil {
			return err
		}
	}
	return nil
}

// lookups are the keys, without the item id, by which an item is found besides its guid: its address and its content.
func lookups(it copytaster.Item) [][]byte {
	keys := [][]byte{contentKey(it)}
	if it.URL != "" {
		keys = append(keys, head("url", it.URL))
	}
	return keys
}

func contentKey(it copytaster.Item) []byte {
	parts := []string{"content", it.Feed, it.Title}
	for _, b := range it.Blocks {
		parts = append(parts, b.Text)
	}
	return head(parts...)
}

// Item returns the item, and false if it is not (or no longer) stored.
func (tx *Tx) Item(id string) (copytaster.Item, bool, error) {
	k, err := key(id)
	if err != nil {
		return copytaster.Item{}, false, err
	}
	v := tx.bucket("items").Get(k)
	if v == nil {
		return copytaster.Item{}, false, nil
	}
	return tx.item(id, parsePlace(v), k)
}

func (tx *Tx) item(id string, p place, k []byte) (it copytaster.Item, ok bool, err error) {
	day := tx.dayBucket(p, "items")
	if day == nil {
		return it, false, fmt.Errorf("item %s: its day %s is missing", id, p.bucketName())
	}
	v := day.Get(k)
	if v == nil {
		return it, false, fmt.Errorf("item %s: missing on its day %s", id, p.bucketName())
	}
	it, err = tx.decode(id, v)
	return it, err == nil, err
}

func (tx *Tx) decode(id string, v []byte) (it copytaster.Item, err error) {
	doc, err := tx.db.dec.DecodeAll(v, nil)
	if err == nil {
		err = json.Unmarshal(doc, &it)
	}
	if err != nil {
		return it, fmt.Errorf("item %s: %w", id, err)
	}
	return it, nil
}

// Sketch is what PutItem stored beside the item, nil if the item is not stored.
func (tx *Tx) Sketch(id string) ([]byte, error) {
	k, err := key(id)
	if err != nil {
		return nil, err
	}
	v := tx.bucket("items").Get(k)
	if v == nil {
		return nil, nil
	}
	day := tx.dayBucket(parsePlace(v), "sketches")
	if day == nil {
		return nil, fmt.Errorf("item %s: its day is missing", id)
	}
	return bytes.Clone(day.Get(k)), nil
}

// ByGUID is the id of the feed's item with the guid, also one it had before; "" if there is none.
func (tx *Tx) ByGUID(feed, guid string) string {
	minted, _ := key(copytaster.ItemID(feed, guid))
	for _, k := range [][]byte{minted, tx.bucket("guids").Get(head(feed, guid))} {
		if k != nil && tx.bucket("items").Get(k) != nil {
			return hex.EncodeToString(k)
		}
	}
	return ""
}

// ByURL lists the ids of the items with the canonical address, of any feed, in order of id.
func (tx *Tx) ByURL(url string) []string { return tx.byKey(head("url", url)) }

// ByContent lists the ids of the feed's items with the same title and blocks, in order of id.
func (tx *Tx) ByContent(it copytaster.Item) []string { return tx.byKey(contentKey(it)) }

func (tx *Tx) byKey(prefix []byte) (ids []string) {
	c := tx.bucket("keys").Cursor()
	for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		ids = append(ids, hex.EncodeToString(k[len(prefix):]))
	}
	return ids
}

// Items yields the items first seen on the day of since or later, by day, then id, until an error ends it.
func (tx *Tx) Items(since time.Time) iter.Seq2[copytaster.Item, error] {
	return func(yield func(copytaster.Item, error) bool) {
		for id, v := range tx.records("items", since) {
			if it, err := tx.decode(id, v); !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// Sketches yields id and sketch of the items first seen on the day of since or later, by day, then id. The bytes are valid only
// during the step.
func (tx *Tx) Sketches(since time.Time) iter.Seq2[string, []byte] {
	return tx.records("sketches", since)
}

func (tx *Tx) records(part string, since time.Time) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		days := tx.bucket("days").Cursor()
		for name, _ := days.Seek(place{day: dayOf(since)}.bucketName()); name != nil; name, _ = days.Next() {
			c := tx.bucket("days").Bucket(name).Bucket([]byte(part)).Cursor()
			for k, v := c.First(); k != nil; k, v = c.Next() {
				if !yield(hex.EncodeToString(k), v) {
					return
				}
			}
		}
	}
}

// Days yields the ids of the items of each day, oldest day first, each day's in order of id.
func (tx *Tx) Days() iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		days := tx.bucket("days").Cursor()
		for name, _ := days.First(); name != nil; name, _ = days.Next() {
			var ids []string
			c := tx.bucket("days").Bucket(name).Bucket([]byte("items")).Cursor()
			for k, _ := c.First(); k != nil; k, _ = c.Next() {
				ids = append(ids, hex.EncodeToString(k))
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
