package store

import (
	"cmp"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"copytaster"
	"copytaster/store/piece"
	"copytaster/store/record"
)

// stay is how many days beyond the cutoff items are laid that are older but must be kept: they are moved once in so many days.
const stay = 7

// Drop removes the oldest day before the day of cutoff: all items first seen on it, but those of a story that has a member on a later day, or
// one that its feed still shows, which shown tells (nil: none is). A story that still grows, or may be corrected, thus loses nobody until all of it goes,
// and what is old but still in its feed stays known. Those items move to a later day. It returns the ids of the items and of the stories that are gone, and whether there are
// more days before the cutoff.
func (tx *Tx) Drop(cutoff time.Time, shown func(feed, guid string) bool) (items, stories []string, more bool, err error) {
	days := tx.daysBefore(record.Day(cutoff))
	if len(days) == 0 {
		return nil, nil, false, nil
	}
	live, err := tx.live(days, shown)
	if err != nil {
		return nil, nil, false, err
	}
	out, err := tx.dropDay(days[0], record.Day(cutoff), live)
	if err != nil {
		return nil, nil, false, err
	}
	dropped := map[string]bool{}
	for _, g := range out {
		items = append(items, g.item)
		if g.story != "" && !dropped[g.story] {
			dropped[g.story] = true
			stories = append(stories, g.story)
		}
	}
	for _, id := range stories {
		k, err := record.Key(id)
		if err != nil {
			return items, stories, false, err
		}
		if err := tx.deleteStory(k); err != nil {
			return items, stories, false, err
		}
	}
	if len(stories) > 0 {
		err = tx.dropAliases()
	}
	return items, stories, len(days) > 1, err
}

// live are the stories with items on the days that their feeds still show, and such items in no story, by id.
func (tx *Tx) live(days [][]byte, shown func(feed, guid string) bool) (map[string]bool, error) {
	live := map[string]bool{}
	if shown == nil {
		return live, nil
	}
	for _, name := range days {
		for v := range piece.All(tx.bucket("days").Bucket(name).Bucket([]byte("items"))) {
			it, err := tx.db.codec.Load().ParseItem(v)
			if err != nil {
				return nil, err
			}
			if shown(it.Feed, it.GUID) {
				live[cmp.Or(tx.StoryOf(it.ID), it.ID)] = true
			}
		}
	}
	return live, nil
}

// OldestDay is the day on which the oldest items lie, zero if there are none.
func (tx *Tx) OldestDay() time.Time {
	name, _ := tx.bucket("days").Cursor().First()
	t, err := time.Parse(record.DayFormat, string(name))
	if err != nil {
		return time.Time{}
	}
	return t
}

func (tx *Tx) daysBefore(limit uint16) (names [][]byte) {
	end := string(record.Place{Day: limit}.Bucket())
	c := tx.bucket("days").Cursor()
	for name, _ := c.First(); name != nil && string(name) < end; name, _ = c.Next() {
		names = append(names, slices.Clone(name))
	}
	return names
}

type gone struct{ item, story string }

// dropDay moves the items whose story lives on, drops the day and takes the other items out of the indexes.
func (tx *Tx) dropDay(name []byte, limit uint16, live map[string]bool) (out []gone, err error) {
	days := tx.bucket("days")
	type move struct {
		copytaster.Item
		to uint16
	}
	var moves []move
	for v := range piece.All(days.Bucket(name).Bucket([]byte("items"))) {
		it, err := tx.db.codec.Load().ParseItem(v)
		if err != nil {
			return nil, err
		}
		k := v[:8]
		p := record.ParsePlace(tx.places().Get(k))
		last, err := tx.lastDay(p)
		if err != nil {
			return nil, err
		}
		if last < limit && live[cmp.Or(hex.EncodeToString(p.Story), it.ID)] {
			last = limit + stay
		}
		if last > p.Day {
			moves = append(moves, move{it, last})
			continue
		}
		out = append(out, gone{it.ID, hex.EncodeToString(p.Story)})
		if err := tx.forget(it, slices.Clone(k)); err != nil {
			return nil, err
		}
	}
	for _, m := range moves {
		if err := tx.move(m.Item, m.to); err != nil {
			return nil, err
		}
	}
	tx.day = day{}
	return out, days.DeleteBucket(name)
}

// lastDay is the newest day on which a member of the place's story lies.
func (tx *Tx) lastDay(p record.Place) (uint16, error) {
	if len(p.Story) == 0 {
		return p.Day, nil
	}
	s, _, err := tx.story(p.Story)
	if err != nil {
		return 0, err
	}
	last := p.Day
	for _, id := range s.Items {
		k, err := record.Key(id)
		if err != nil {
			return 0, err
		}
		if e := tx.places().Get(k); e != nil {
			last = max(last, record.ParsePlace(e).Day)
		}
	}
	return last, nil
}

// move lays the item on another day.
func (tx *Tx) move(it copytaster.Item, to uint16) error {
	sketch, err := tx.Sketch(it.ID)
	if err != nil {
		return err
	}
	packed, err := tx.db.Pack(it, sketch)
	if err != nil {
		return err
	}
	p := record.ParsePlace(tx.places().Get(packed.k))
	p.Day = to
	return tx.lie(packed, p)
}

// forget takes the item out of the indexes.
func (tx *Tx) forget(it copytaster.Item, k []byte) error {
	for _, lookup := range record.Lookups(it) {
		if err := tx.keys().Delete(append(lookup, k...)); err != nil {
			return err
		}
	}
	if err := tx.guids().Delete(record.GUIDKey(it.Feed, it.GUID)); err != nil {
		return err
	}
	return errors.Join(tx.count(it.Feed, -1), tx.places().Delete(k))
}
