package ingest

import (
	"io"
	"slices"
	"time"

	"copytaster/dedupe/clean"
	"copytaster/store"
)

// countEvery is how often learned lines are counted.
const countEvery = time.Hour

// lesson is a new item as the learner sees it.
type lesson struct {
	item, outlet string
	at           time.Time
	lines        clean.Article
}

// ReadLearner reads what was learned of the outlets' boilerplate so far. Where that is damaged, or of another version, it is learned anew from the items
// that are stored.
func ReadLearner(tx *store.Tx) *clean.Learner {
	if l := parseLearner(tx.LearnedReader()); l != nil {
		return l
	}
	return relearn(tx)
}

// parseLearner reads what was learned, nil if it cannot be read.
func parseLearner(learned io.Reader, err error) *clean.Learner {
	l := new(clean.Learner)
	if err == nil && learned != nil {
		_, err = l.ReadFrom(learned)
	}
	if err != nil {
		return nil
	}
	return l
}

// relearn shows a learner all items that can be read.
func relearn(tx *store.Tx) *clean.Learner {
	l := new(clean.Learner)
	var reader clean.ArticleReader
	for it, err := range tx.Records() {
		if err == nil {
			l.Add(it.Outlet, tx.StoryOf(it.ID), it.Time(), reader.Read(it.Blocks))
		}
	}
	return l
}

// saveLearner stores what the learner had learned since it was last stored; now and then the whole of it.
func (d *Desk) saveLearner(tx *store.Tx) error {
	if d.learner.Full() {
		put := tx.SetLearned
		for b, err := range d.learner.Whole() {
			if err == nil {
				err = put(b)
			}
			if err != nil {
				return err
			}
			put = tx.AddLearned
		}
		return nil
	}
	b, err := d.learner.Lessons()
	if err != nil || b == nil {
		return err
	}
	return tx.AddLearned(b)
}

// learn shows the learner what is new. Where it thereby learned a block, the outlet's items in the index are cleaned and folded again.
func (t *take) learn() error {
	d := t.desk
	again := map[string]bool{} // outlets
	for _, n := range t.news {
		_, story, _ := d.index.stories.Article(n.item)
		if d.learner.Add(n.outlet, story, n.at, n.lines) {
			again[n.outlet] = true
		}
	}
	if len(again) > 0 {
		if err := t.cleanAgain(again); err != nil {
			return err
		}
	}
	if d.learner.Crowded(t.now) {
		d.learner.Prune(t.now)
	}
	if t.now.Sub(d.counted) >= countEvery {
		d.counted, d.lines = t.now, d.learner.Len()
	}
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
		m := d.make.made(old)
		if slices.Equal(m.item.Blocks, old.Blocks) {
			continue
		}
		touched[id] = true
		if _, err := d.store(t.tx, m); err != nil {
			return err
		}
	}
	_, err := d.index.settle(t.tx, t.now, touched)
	return err
}
