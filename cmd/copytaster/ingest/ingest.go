// Package ingest takes what polls brought into the store: it finds known items again, cleans and credits new ones, folds them
// into stories, and writes items, stories and the feed's state in one transaction. It alone owns the index of shingles; its
// mathematics is dedupe's and dedupe/clean's. It never fetches, and reads the clock only to say how long it took.
package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"copytaster"
	"copytaster/dedupe"
	"copytaster/dedupe/clean"
	"copytaster/store"
)

// A batch is gathered until it holds so many items, each delivery counted as one, or so long has passed since its first delivery. One commit costs an fsync, about
// as much as storing 30 items.
const (
	BatchItems = 1024
	BatchWait  = 250 * time.Millisecond
)

// Options say how to clean and fold. The zero Options are the defaults.
type Options struct {
	Fold  dedupe.Options
	Rules func(outlet string) clean.Rules // what the configuration pins for an outlet; nil: nothing
	Feeds map[string]copytaster.Feed      // as configured, by address: a refold gives their outlets and tags to what is stored
}

// Delivery is what one poll brought.
type Delivery struct {
	Feed    string                 // its address
	State   []byte                 // to be stored in the same transaction
	Items   []copytaster.Item      // new or changed, with raw blocks
	Holds   func(guid string) bool // whether the feed still shows an item with the guid; nil: not known
	Teasers []string               // guids of items whose page was wanted and did not come
	At      time.Time              // when the poll ended

	// Of a delivery that came over a stream: its number there, stored in the same transaction, and whether it is the last of its batch. Batches then are
	// those of the stream, the same in every store that it fills, and one whose last did not come is not stored. A delivery without a feed is its number only.
	Sequence uint64
	Last     bool
}

// Result counts what came of deliveries.
type Result struct {
	Deliveries, New, Updated int
	Folded                   int // new items that are copies: those that joined a story, and of a new story all but one
	Stories                  int // stories that were made or changed
}

// Detail is what is to be measured of one commit.
type Detail struct {
	Result
	Sizes   []int         // how many items each of the stories has that were made or changed
	Took    time.Duration // to clean, fold and store
	Indexed int           // articles in the index after it
	Learned int           // standing lines of outlets, counted once an hour
}

// Add counts what another commit brought.
func (r *Result) Add(o Result) {
	r.Deliveries += o.Deliveries
	r.New += o.New
	r.Updated += o.Updated
	r.Folded += o.Folded
	r.Stories += o.Stories
}

// Desk is where items arrive. It is not safe for concurrent use: one goroutine owns it.
type Desk struct {
	// Patience is asked when a batch of Run could not be stored, and nothing of it was. It returns nil when that is worth another try, after the wait that it
	// thinks right; else the error with which Run ends. nil: Run ends at once.
	Patience func(err error) error
	// Committed is told of each commit of Run; nil: nobody is.
	Committed func(Detail)

	db      *store.DB
	opt     Options
	make    maker          // of items made one by one
	ready   []made         // of the present take; its memory serves the next one
	index   *index         // nil until the first new item arrives
	learner *clean.Learner // nil as long as index is
	counted time.Time      // when lines was
	lines   int            // that the learner had learned then
	sizes   []int          // of the stories of the present take
	next    atomic.Pointer[Options]
}

// New returns a desk that writes to db. It reads nothing until the first new item arrives.
func New(db *store.DB, opt Options) *Desk {
	opt.Fold.Window = cmp.Or(opt.Fold.Window, 72*time.Hour)
	d := &Desk{db: db, opt: opt}
	d.make.desk = d
	return d
}

// Configure has the desk clean and fold by other options from the next delivery on. It may be called from any goroutine.
func (d *Desk) Configure(opt Options) { d.next.Store(&opt) }

// reconfigure carries out what Configure said. Other words on folding want an index that is built with them.
func (d *Desk) reconfigure() {
	opt := d.next.Swap(nil)
	if opt == nil {
		return
	}
	opt.Fold.Window = cmp.Or(opt.Fold.Window, 72*time.Hour)
	same := reflect.DeepEqual(opt.Fold, d.opt.Fold)
	if d.opt = *opt; !same {
		d.index, d.learner = nil, nil
	}
}

// Run takes deliveries from in until it is closed or ctx ends, many in one transaction, and calls done after each commit. What
// had been received when ctx ends is still stored.
func (d *Desk) Run(ctx context.Context, in <-chan Delivery, done func(Result)) error {
	for {
		batch, open := gather(ctx, in)
		if whole(batch) {
			r, err := d.take(batch)
			if err != nil {
				return err
			}
			done(r)
		}
		if !open {
			return nil
		}
	}
}

// take stores the batch, if patience lasts. Every try begins with an index of what is stored.
func (d *Desk) take(batch []Delivery) (Result, error) {
	for {
		began := time.Now()
		r, err := d.Take(batch)
		if err == nil {
			if d.Committed != nil {
				d.Committed(Detail{Result: r, Sizes: d.sizes, Took: time.Since(began), Indexed: d.indexed(), Learned: d.lines})
			}
			return r, nil
		}
		d.index, d.learner = nil, nil
		if d.Patience == nil {
			return r, err
		}
		if err := d.Patience(err); err != nil {
			return r, err
		}
	}
}

// indexed is how many articles are in the index.
func (d *Desk) indexed() int {
	if d.index == nil {
		return 0
	}
	return d.index.stories.Len()
}

// gather waits for a delivery, then for more until the batch is full or its time is up. It reports false when there will be no more.
func gather(ctx context.Context, in <-chan Delivery) (batch []Delivery, open bool) {
	var full <-chan time.Time
	for items := 0; items < BatchItems; {
		select {
		case v, ok := <-in:
			if !ok {
				return batch, false
			}
			if batch = append(batch, v); v.Sequence > 0 {
				if v.Last {
					return batch, true
				}
				continue
			}
			items += 1 + len(v.Items)
			if full == nil {
				t := time.NewTimer(BatchWait)
				defer t.Stop()
				full = t.C
			}
		case <-full:
			return batch, true
		case <-ctx.Done():
			return batch, false
		}
	}
	return batch, true
}

// whole reports whether there is a batch, and none of a stream that was cut off.
func whole(batch []Delivery) bool {
	n := len(batch)
	return n > 0 && (batch[n-1].Sequence == 0 || batch[n-1].Last)
}

// Take stores the deliveries in one transaction. After an error the desk must not be used again: its index may be ahead of the store.
func (d *Desk) Take(batch []Delivery) (r Result, err error) {
	d.reconfigure()
	d.sizes = nil
	err = d.db.Update(func(tx *store.Tx) error {
		if d.index != nil {
			d.index.tx = tx
			d.index.sweep(slices.MaxFunc(batch, func(a, b Delivery) int { return a.At.Compare(b.At) }).At)
		}
		t := take{tx: tx, desk: d, fresh: map[string]bool{}, touched: map[string]bool{}}
		ready, err := t.prepare(batch)
		if err != nil {
			return err
		}
		for _, v := range batch {
			if err := t.delivery(v, ready[:len(v.Items)]); err != nil {
				return fmt.Errorf("%s: %w", v.Feed, err)
			}
			ready = ready[len(v.Items):]
		}
		err = t.settle()
		r = t.result
		return err
	})
	clear(d.ready)
	return r, err
}

// take is one transaction of a desk.
type take struct {
	tx      *store.Tx
	desk    *Desk
	now     time.Time       // of the latest delivery
	fresh   map[string]bool // new items
	news    []lesson        // of the same
	touched map[string]bool // known items whose shown text changed
	result  Result
}

// delivery stores what a poll brought; ready are its items as they are stored if they are new.
func (t *take) delivery(v Delivery, ready []made) error {
	if v.Sequence > 0 {
		if err := t.tx.SetSequence(v.Sequence); err != nil {
			return err
		}
	}
	if v.Feed == "" {
		return nil
	}
	t.result.Deliveries++
	for i, it := range v.Items {
		if err := t.item(it, ready[i], v); err != nil {
			return err
		}
	}
	if v.State == nil {
		return nil
	}
	return t.tx.SetState(v.Feed, v.State)
}

// item stores one item, new or again, and puts it into the index.
func (t *take) item(it copytaster.Item, m made, v Delivery) error {
	it, old, known, err := find(t.tx, it, m.packed, v.Holds)
	if err != nil {
		return err
	}
	switch {
	case known:
		m = t.desk.make.made(inherit(it, old, slices.Contains(v.Teasers, it.GUID)))
	case m.item.ID != it.ID: // told apart from another of the same guid
		m.item.ID, m.item.GUID, m.article.ID = it.ID, it.GUID, it.ID
		m.err = errors.Join(m.err, m.pack(t.desk.db))
	}
	if it, err = t.desk.store(t.tx, m); err != nil {
		return err
	}
	if !known {
		t.news = append(t.news, lesson{it.ID, it.Outlet, it.Time(), m.lines})
	}
	t.count(it, old, known)
	return nil
}

func (t *take) count(it, old copytaster.Item, known bool) {
	switch {
	case !known:
		t.result.New++
		t.fresh[it.ID] = true
	case !same(it, old):
		t.result.Updated++
		t.touched[it.ID] = true
	}
}

func (t *take) settle() error {
	if t.desk.index == nil {
		return nil
	}
	parts, err := t.desk.index.settle(t.tx, t.now, t.touched)
	if err != nil {
		return err
	}
	if err := t.learn(); err != nil {
		return err
	}
	t.result.Stories = len(parts)
	for _, p := range parts {
		t.result.Folded += t.folded(p.Items)
		t.desk.sizes = append(t.desk.sizes, len(p.Items))
	}
	return nil
}

// folded counts the new items among those of a story, but not the first where all are new.
func (t *take) folded(items []string) (n int) {
	for _, id := range items {
		if t.fresh[id] {
			n++
		}
	}
	return min(n, len(items)-1)
}

// open builds the index and reads what was learned, side by side, when they are first needed.
func (d *Desk) open(tx *store.Tx, now time.Time) {
	if d.index != nil {
		return
	}
	learner := make(chan *clean.Learner, 1)
	learned, err := tx.LearnedReader()
	go func() { learner <- parseLearner(learned, err) }()
	d.index = build(tx, d.opt.Fold, now)
	if d.learner = <-learner; d.learner == nil {
		d.learner = relearn(tx)
	}
	d.counted = time.Time{}
}
