package store

import (
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"copytaster"
)

// Drop removes what was first seen on days before the day of cutoff: whole days, but for items of a story that has a member seen since; those
// move to that member's day, so that a story which still grows loses nobody. It returns the ids of the items and of the
// stories that are gone.
func (tx *Tx) Drop(cutoff time.Time) (items, stories []string, err error) {
	limit, dropped := dayOf(cutoff), map[string]bool{}
	for _, name := range tx.daysBefore(limit) {
		gone, err := tx.dropDay(name, limit)
		if err != nil {
			return items, stories, err
		}
		for _, g := range gone {
			items = append(items, g.item)
			if g.story != "" && !dropped[g.story] {
				dropped[g.story] = true
				stories = append(stories, g.story)
			}
		}
	}
	for _, id := range stories {
		k, err := key(id)
		if err != nil {
			return items, stories, err
		}
		if err := tx.deleteStory(k); err != nil {
			return items, stories, err
		}
	}
	return items, stories, nil
}

func (tx *Tx) daysBefore(limit uint16) (names [][]byte) {
	end := string(place{day: limit}.bucketName())
	c := tx.bucket("days").Cursor()
	for name, _ := c.First(); name != nil && string(name) < end; name, _ = c.Next() {
		names = append(names, slices.Clone(name))
	}
	return names
}

type gone struct{ item, story string }

// dropDay moves the items whose story lives on, drops the day and takes the other items out of the indexes.
func (tx *Tx) dropDay(name []byte, limit uint16) (out []gone, err error) {
	days := tx.bucket("days")
	c := days.Bucket(name).Bucket([]byte("items")).Cursor()
	var moved []copytaster.Item
	for at, v := c.First(); at != nil; at, v = c.Next() {
		it, err := tx.db.codec.Load().decodeItem(v)
		if err != nil {
			return nil, err
		}
		k := v[:8]
		p := parsePlace(tx.bucket("items").Get(k))
		if last, err := tx.lastDay(p); err != nil {
			return nil, err
		} else if last >= limit {
			moved = append(moved, it)
			continue
		}
		out = append(out, gone{it.ID, hex.EncodeToString(p.story)})
		if err := tx.forget(it, slices.Clone(k)); err != nil {
			return nil, err
		}
	}
	for _, it := range moved {
		if err := tx.move(it); err != nil {
			return nil, err
		}
	}
	return out, days.DeleteBucket(name)
}

// lastDay is the newest day on which a member of the place's story lies.
func (tx *Tx) lastDay(p place) (uint16, error) {
	if len(p.story) == 0 {
		return p.day, nil
	}
	s, _, err := tx.story(p.story)
	if err != nil {
		return 0, err
	}
	last := p.day
	for _, id := range s.Items {
		k, err := key(id)
		if err != nil {
			return 0, err
		}
		if v := tx.bucket("items").Get(k); v != nil {
			last = max(last, parsePlace(v).day)
		}
	}
	return last, nil
}

// move lays the item on the newest day of its story.
func (tx *Tx) move(it copytaster.Item) error {
	k, err := key(it.ID)
	if err != nil {
		return err
	}
	sketch, err := tx.Sketch(it.ID)
	if err != nil {
		return err
	}
	p := parsePlace(tx.bucket("items").Get(k))
	if p.day, err = tx.lastDay(p); err != nil {
		return err
	}
	return tx.lie(it, sketch, p, k)
}

// forget takes the item out of the indexes.
func (tx *Tx) forget(it copytaster.Item, k []byte) error {
	for _, lookup := range lookups(it) {
		if err := tx.bucket("keys").Delete(append(lookup, k...)); err != nil {
			return err
		}
	}
	if err := tx.bucket("guids").Delete(head(it.Feed, it.GUID)); err != nil {
		return err
	}
	return errors.Join(tx.count(it.Feed, -1), tx.bucket("items").Delete(k))
}
