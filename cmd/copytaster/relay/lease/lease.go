// Package lease holds keys of a NATS key-value bucket for as long as their holders live. A holder renews its key; whoever has seen a key stand still for
// the length of a lease, by its own clock, may take it, by a write that the bucket refuses if the key moved meanwhile. So no two clocks need agree, and a
// view that lags behind takes nothing from anybody. A holder counts its lease from when it asked for it and gives up after two thirds of it: before anybody else may
// take it. It never judges what a value means.
package lease

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

var (
	// ErrHeld is given where another holds the key.
	ErrHeld = errors.New("held by another")
	// ErrLost ends what is done under a lease that could not be renewed in time, or that another took.
	ErrLost = errors.New("lease lost")
)

// Entry is a key as it was last seen.
type Entry struct {
	Key      string
	Value    []byte
	Revision uint64
	Moved    time.Time // when this machine saw it change
}

// Table follows a bucket. It is safe for use by several goroutines.
type Table struct {
	kv     jetstream.KeyValue
	length time.Duration

	mu      sync.Mutex       // guards what follows
	entries map[string]Entry // at every moment as the bucket was once, but for writes of our own. A nil Value: deleted
	changed chan struct{}    // closed at the next change
	read    bool             // whether it was seen at all
}

// New makes a table of the bucket whose leases last so long.
func New(kv jetstream.KeyValue, length time.Duration) *Table {
	return &Table{kv: kv, length: length, entries: map[string]Entry{}, changed: make(chan struct{})}
}

// Length is how long a lease lasts that is not renewed.
func (t *Table) Length() time.Duration { return t.length }

// Run keeps the table up to date until ctx ends. A watcher that has told nothing for the length of a lease is made anew: holders of this
// machine renew their keys all the time, so it has lost its way.
func (t *Table) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := t.watch(ctx); err != nil {
			rest(ctx, t.length/10)
		}
	}
	return context.Cause(ctx)
}

func (t *Table) watch(ctx context.Context) error {
	w, err := t.kv.WatchAll(ctx)
	if err != nil {
		return err
	}
	defer w.Stop()
	var first []Entry // what the bucket held, until it is whole: a part of it could show a key without those that it hangs on
	whole := false
	for {
		select {
		case e, open := <-w.Updates():
			switch {
			case !open:
				return errors.New("the watcher has ended")
			case e == nil:
				whole = true
				t.note(first...)
			case whole:
				t.note(entry(e))
			default:
				first = append(first, entry(e))
			}
		case <-time.After(t.length):
			return errors.New("the watcher is silent")
		case <-ctx.Done():
			return nil
		}
	}
}

// entry is what the bucket tells, with a nil Value if the key was deleted.
func entry(e jetstream.KeyValueEntry) Entry {
	n := Entry{Key: e.Key(), Revision: e.Revision()}
	if e.Operation() == jetstream.KeyValuePut {
		n.Value = e.Value()
	}
	return n
}

// note takes over what is newer than what is known.
func (t *Table) note(list ...Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.read = true
	for _, e := range list {
		if e.Revision > t.entries[e.Key].Revision {
			e.Moved = time.Now()
			t.entries[e.Key] = e
		}
	}
	close(t.changed)
	t.changed = make(chan struct{})
}

// Changed is closed at the next change.
func (t *Table) Changed() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.changed
}

// Ready waits until the table has seen all that the bucket holds.
func (t *Table) Ready(ctx context.Context) error {
	for {
		t.mu.Lock()
		read, changed := t.read, t.changed
		t.mu.Unlock()
		if read {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// At is the key's entry; not ok if there is none.
func (t *Table) At(key string) (e Entry, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e = t.entries[key]
	return e, e.Value != nil
}

// All lists the entries whose keys begin so, by key.
func (t *Table) All(prefix string) (list []Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, e := range t.entries {
		if strings.HasPrefix(key, prefix) && e.Value != nil {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) })
	return list
}

// Expired reports whether the holder of the entry has not renewed it for the length of a lease.
func (t *Table) Expired(e Entry) bool { return time.Since(e.Moved) > t.length }

// Put writes a key whatever it held: for what is told, not held.
func (t *Table) Put(ctx context.Context, key string, value []byte) error {
	ctx, cancel := context.WithTimeout(ctx, t.length)
	defer cancel()
	_, err := t.kv.Put(ctx, key, value)
	return err
}

// Swap writes a key that stands at the revision; 0: that does not exist. The table knows of it at once.
func (t *Table) Swap(ctx context.Context, key string, value []byte, revision uint64) (now uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, t.length/2)
	defer cancel()
	if revision == 0 {
		now, err = t.kv.Create(ctx, key, value)
	} else {
		now, err = t.kv.Update(ctx, key, value, revision)
	}
	if err == nil {
		t.note(Entry{Key: key, Value: value, Revision: now})
	}
	return now, err
}

// Fence deletes a key that stands at the revision: its holder, should it live, cannot renew it any more.
func (t *Table) Fence(ctx context.Context, key string, revision uint64) error {
	ctx, cancel := context.WithTimeout(ctx, t.length/2)
	defer cancel()
	return t.kv.Delete(ctx, key, jetstream.LastRevision(revision))
}

// Sweep forgets keys that were deleted long ago.
func (t *Table) Sweep(ctx context.Context) error {
	return t.kv.PurgeDeletes(ctx, jetstream.DeleteMarkersOlderThan(time.Hour))
}

// Hold is a lease. One goroutine has it.
type Hold struct {
	Epoch uint64 // the revision at which it was taken: later holders of the key have greater ones

	table    *Table
	key      string
	revision uint64
	value    []byte    // as last sent
	sent     time.Time // when it was asked for or last renewed
}

// Take takes a key that nobody holds, or whose holder let it expire; ErrHeld if there is a holder that lives. Any other error may have taken it nevertheless.
func (t *Table) Take(ctx context.Context, key string, value []byte) (*Hold, error) {
	e, there := t.At(key)
	if there && !t.Expired(e) {
		return nil, ErrHeld
	}
	revision := e.Revision
	if !there {
		revision = 0
	}
	h := &Hold{table: t, key: key, value: value, sent: time.Now()}
	var err error
	if h.revision, err = t.Swap(ctx, key, value, revision); err != nil {
		return nil, err
	}
	h.Epoch = h.revision
	return h, nil
}

// Keep renews the lease, with what value then gives, as long as do is at work. do's context ends with ErrLost before anybody else can have the key. When do has
// ended the key is free for others at once.
func (h *Hold) Keep(ctx context.Context, value func() []byte, do func(context.Context) error) error {
	work, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	end := time.AfterFunc(h.left(), func() { lose(fmt.Errorf("%w: %s could not be renewed in time", ErrLost, h.key)) })
	defer end.Stop()
	var renewing sync.WaitGroup
	renewing.Go(func() {
		if err := h.renew(work, value, func() { end.Reset(h.left()) }); err != nil {
			lose(err)
		}
	})
	err := do(work)
	lost := context.Cause(work)
	lose(nil)
	renewing.Wait()
	if errors.Is(lost, ErrLost) {
		return lost
	}
	h.release(ctx)
	return err
}

// release frees the key. One that cannot be freed now expires.
func (h *Hold) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.table.length/6)
	defer cancel()
	h.table.kv.Delete(ctx, h.key, jetstream.LastRevision(h.revision))
}

// left is how long the lease is good for: the wall's clock counts too, since the other stands still while a machine sleeps.
func (h *Hold) left() time.Duration {
	now := time.Now()
	return h.table.length*2/3 - max(now.Sub(h.sent), now.Round(0).Sub(h.sent.Round(0)))
}

// renew renews until ctx ends, and tells that it did, or until another has the lease.
func (h *Hold) renew(ctx context.Context, value func() []byte, renewed func()) error {
	tick := time.NewTicker(h.table.length / 6)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		switch err := h.once(ctx, value()); {
		case err == nil:
			renewed()
		case errors.Is(err, jetstream.ErrKeyRevisionMismatch):
			return fmt.Errorf("%w: another has taken %s", ErrLost, h.key)
		case h.left() <= 0:
			return fmt.Errorf("%w: %s was asleep", ErrLost, h.key)
		}
	}
}

// once renews the lease once. A renewal that went through although its answer was lost is known by what it wrote.
func (h *Hold) once(ctx context.Context, value []byte) error {
	ctx, cancel := context.WithTimeout(ctx, h.table.length/4)
	defer cancel()
	sent := time.Now()
	revision, err := h.table.kv.Update(ctx, h.key, value, h.revision)
	if errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
		e, get := h.table.kv.Get(ctx, h.key)
		if get == nil && bytes.Equal(e.Value(), h.value) {
			h.revision, get = e.Revision(), errors.New("renewed before, without an answer")
		}
		if get != nil && !errors.Is(get, jetstream.ErrKeyNotFound) {
			return get
		}
		return err
	}
	if h.value = value; err == nil {
		h.revision, h.sent = revision, sent
	}
	return err
}

// rest waits, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
