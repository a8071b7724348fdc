package ingest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"copytaster"
	"copytaster/dedupe"
	"copytaster/store"
)

// Change is a story as a refold leaves it, beside how its items were folded before.
type Change struct {
	Story  string
	Title  string   // of its first item
	Before []string // the stories that its items were in, each once
	Items  int
}

// errDry ends a transaction of a refold that is only tried.
var errDry = errors.New("tried only")

// Refold cleans and folds everything that is stored again, with the present rules, as if it came anew in the order of its days, and
// returns the stories that it changed. Stories keep their ids as ingest would have them. If dry, nothing is written. Progress is called
// after each day with how many items of all are done; it may be nil. It is one transaction: after an error nothing is changed.
func (d *Desk) Refold(now time.Time, dry bool, progress func(done, total int)) (changes []Change, err error) {
	days, total, err := d.days()
	if err != nil {
		return nil, err
	}
	d.index = newIndex(d.opt.Fold, time.Time{})
	done := 0
	step := func(tx *store.Tx) (err error) {
		d.index.tx = tx
		d.learner = ReadLearner(tx)
		for _, ids := range days {
			more, err := d.refoldDay(tx, ids, now)
			if err != nil {
				return err
			}
			changes = append(changes, more...)
			if done += len(ids); progress != nil {
				progress(done, total)
			}
		}
		if dry {
			return errDry
		}
		return nil
	}
	if err = d.db.Update(step); errors.Is(err, errDry) {
		err = nil
	}
	d.index = nil
	return changes, err
}

// days lists the ids of all items, by the day on which they lie.
func (d *Desk) days() (days [][]string, total int, err error) {
	err = d.db.View(func(tx *store.Tx) error {
		for ids := range tx.Days() {
			days = append(days, ids)
			total += len(ids)
		}
		return nil
	})
	return days, total, err
}

// refoldDay cleans the items anew and settles them. The index has the days before.
func (d *Desk) refoldDay(tx *store.Tx, ids []string, now time.Time) (changes []Change, err error) {
	items := make([]copytaster.Item, 0, len(ids))
	for _, id := range ids {
		it, ok, err := tx.Item(id)
		if err != nil {
			return nil, err
		}
		if ok {
			items = append(items, d.renamed(it))
		}
	}
	slices.SortStableFunc(items, func(a, b copytaster.Item) int { return a.Seen.Compare(b.Seen) })
	before := map[string]string{}
	for _, it := range items {
		before[it.ID] = tx.StoryOf(it.ID)
		if _, err := d.put(tx, it); err != nil {
			return nil, err
		}
	}
	for id := range d.index.stories.All() {
		if _, today := before[id]; !today {
			_, before[id], _ = d.index.stories.Article(id)
		}
	}
	d.index.stories.Refold()
	parts, err := d.index.settle(tx, now, map[string]bool{})
	for _, p := range parts {
		c, err := changeOf(tx, p, before)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	if len(items) > 0 {
		d.index.sweep(items[len(items)-1].Seen)
	}
	return changes, err
}

// renamed is the item with the outlet and the tags that its feed has now.
func (d *Desk) renamed(it copytaster.Item) copytaster.Item {
	if f, ok := d.opt.Feeds[it.Feed]; ok {
		it.Tags, it.Outlet = f.Tags, cmp.Or(f.Outlet, it.Outlet)
	}
	return it
}

func changeOf(tx *store.Tx, p dedupe.Part, before map[string]string) (Change, error) {
	c := Change{Story: p.ID, Items: len(p.Items)}
	it, _, err := tx.Item(p.Items[0])
	if err != nil {
		return c, fmt.Errorf("story %s: %w", p.ID, err)
	}
	c.Title = it.Title
	for _, id := range p.Items {
		if s := before[id]; !slices.Contains(c.Before, s) {
			c.Before = append(c.Before, s)
		}
	}
	return c, nil
}
