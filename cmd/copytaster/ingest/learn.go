package ingest

import (
	"fmt"
	"slices"
	"time"

	"copytaster/dedupe/clean"
	"copytaster/store"
)

// saveEvery is how often the learner is stored while the daemon runs; it is also stored at the end. What a crash takes of it is
// counts of boilerplate, never an item.
const saveEvery = time.Hour

// ReadLearner reads what was learned of the outlets' boilerplate so far.
func ReadLearner(tx *store.Tx) (*clean.Learner, error) {
	l := new(clean.Learner)
	b, err := tx.Learned()
	if err != nil {
		return nil, err
	}
	if b != nil {
		if err := l.UnmarshalBinary(b); err != nil {
			return nil, fmt.Errorf("what was learned of boilerplate: %w", err)
		}
	}
	return l, nil
}

func (d *Desk) saveLearner(tx *store.Tx) error {
	d.lines = d.learner.Len()
	b, err := d.learner.MarshalBinary()
	if err != nil {
		return err
	}
	return tx.SetLearned(b)
}

// learn shows the learner what is new. Where it thereby learned a block, the outlet's items in the index are cleaned and folded again.
func (t *take) learn() error {
	d := t.desk
	again := map[string]bool{} // outlets
	for _, it := range t.news {
		_, story, _ := d.index.stories.Article(it.ID)
		if d.learner.Add(it.Outlet, story, it.Time(), it.Blocks) {
			again[it.Outlet] = true
		}
	}
	if len(again) > 0 {
		if err := t.cleanAgain(again); err != nil {
			return err
		}
	}
	if t.now.Sub(d.saved) < saveEvery {
		return nil
	}
	d.saved = t.now
	d.learner.Prune(t.now)
	return d.saveLearner(t.tx)
}

// cleanAgain cleans the outlets' items in the index with what is known now, and settles those whose text changed by it.
func (t *take) cleanAgain(outlets map[string]bool) error {
	d := t.desk
	touched := map[string]bool{}
	for _, id := range slices.Sorted(d.index.stories.All()) {
		if a, _, _ := d.index.stories.Article(id); !outlets[a.Outlet] {
			continue
		}
		old, ok, err := t.tx.Item(id)
		if err != nil {
			return err
		}
		if !ok {
			continue // dropped by retention
		}
		it := old
		d.clean(&it)
		if slices.Equal(it.Blocks, old.Blocks) {
			continue
		}
		touched[id] = true
		if _, err := d.put(t.tx, it); err != nil {
			return err
		}
	}
	_, err := d.index.settle(t.tx, t.now, touched)
	return err
}
