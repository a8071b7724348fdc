// Package first reads databases of the first layout, for their migration: items lay under their ids as JSON in zstd, their places had no number, stories were JSON,
// what was learned lay plain. It never writes.
package first

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/klauspost/compress/zstd"
	bolt "go.etcd.io/bbolt"

	"copytaster"
	"copytaster/store/record"
)

// Item is a stored item. Sketch and Story are valid as long as the transaction.
type Item struct {
	copytaster.Item
	Sketch []byte
	Day    time.Time
	Story  []byte // id, nil for none
}

// Items gives f all items, by day, until it gives an error.
func Items(tx *bolt.Tx, f func(Item) error) error {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return err
	}
	defer dec.Close()
	days := tx.Bucket([]byte("days"))
	return days.ForEachBucket(func(name []byte) error {
		at, err := time.Parse(record.DayFormat, string(name))
		if err != nil {
			return fmt.Errorf("day %q: %w", name, err)
		}
		day := days.Bucket(name)
		return day.Bucket([]byte("items")).ForEach(func(k, v []byte) error {
			it := Item{Day: at, Sketch: day.Bucket([]byte("sketches")).Get(k)}
			doc, err := dec.DecodeAll(v, nil)
			if err == nil {
				err = json.Unmarshal(doc, &it.Item)
			}
			if err != nil {
				return fmt.Errorf("item %x: %w", k, err)
			}
			it.ID = hex.EncodeToString(k)
			if place := tx.Bucket([]byte("items")).Get(k); len(place) > 2 {
				it.Story = place[2:]
			}
			return f(it)
		})
	})
}

// Stories gives f all stories, until it gives an error.
func Stories(tx *bolt.Tx, f func(record.Story) error) error {
	return tx.Bucket([]byte("stories")).ForEach(func(k, v []byte) error {
		var s record.Story
		if err := json.Unmarshal(v, &s); err != nil {
			return fmt.Errorf("story %x: %w", k, err)
		}
		s.ID = hex.EncodeToString(k)
		return f(s)
	})
}

// Learned is what was learned, nil if nothing.
func Learned(tx *bolt.Tx) []byte { return tx.Bucket([]byte("meta")).Get([]byte("learned")) }
