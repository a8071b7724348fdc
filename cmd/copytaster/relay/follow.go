package relay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"copytaster/cmd/copytaster/ingest"
	"copytaster/fetch"
	"copytaster/fetch/state"
	"copytaster/store"
)

// Arrival is a message of the stream of deliveries as a store takes it. Without a Feed it is only its Sequence: it said where a batch ends, came twice, or from
// another state of its feed than the present one. A first poll always counts: stores need not agree on when they forget a feed that was given up.
type Arrival struct {
	Sequence uint64
	Last     bool // of its batch
	fetch.Delivery
}

// Send passes the arrival on to ingest.
func (a Arrival) Send(ctx context.Context, to chan<- ingest.Delivery) (err error) {
	v := ingest.Delivery{Sequence: a.Sequence, Last: a.Last}
	if a.Feed != "" {
		v.Feed, v.Items, v.At, v.Holds, v.Teasers = a.Feed, a.Items, a.At, a.Holds, a.Teasers
		if v.State, err = a.State.Encode(); err != nil {
			return err
		}
	}
	select {
	case to <- v:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Follower takes the deliveries into one database. Run is its one goroutine; the other methods may be called from any.
type Follower struct {
	relay *Relay
	db    *store.DB

	mu      sync.Mutex                // guards what follows
	coming  map[string]coming         // by feed: what came and is not stored yet
	waiting map[string]chan<- outcome // by feed: who waits for its next delivery
	stored  chan struct{}             // closed at the next commit
	last    uint64                    // number of the last message that came
	open    time.Time                 // when the last message came, if its batch is not ended; else zero
	kept    uint64                    // number of the last message that is stored
	sight   sight
}

// coming is the state of a feed after a delivery that is not stored yet.
type coming struct{ base, sequence uint64 }

// outcome is what became of a delivery.
type outcome struct {
	id    string
	taken bool // else it changed nothing
	state fetch.State
}

// NewFollower makes a follower for a database with which the relay was joined.
func (r *Relay) NewFollower(db *store.DB) *Follower {
	f := &Follower{relay: r, db: db, coming: map[string]coming{}, waiting: map[string]chan<- outcome{}, stored: make(chan struct{})}
	f.Stored()
	f.last = f.kept
	return f
}

// batch says where batches end, from the messages alone, so that they are the same for all who follow: with a message that says so, with one that came
// as long after the first as a batch lasts, or with one that fills it.
type batch struct {
	first time.Time
	items int
}

// ends counts a message that came at the time with so many items, and reports whether it is the last of its batch.
func (b *batch) ends(at time.Time, items int, end bool) bool {
	if b.first.IsZero() {
		b.first = at
	}
	b.items += 1 + items
	if !end && b.items < ingest.BatchItems && at.Sub(b.first) < ingest.BatchWait {
		return false
	}
	*b = batch{}
	return true
}

// Run gives each message after the last that is stored to deliver, in order, until ctx ends or deliver fails. What deliver does not take yet waits in NATS.
func (f *Follower) Run(ctx context.Context, deliver func(Arrival) error) error {
	var b batch
	for {
		err := f.follow(ctx, &b, deliver)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !errors.Is(err, errReading) && !passing(err) {
			return err
		}
		f.relay.opt.Log.Warn("the stream of deliveries cannot be read; trying again", "err", err)
		select {
		case <-time.After(f.relay.opt.Lease / 12):
		case <-ctx.Done():
		}
	}
}

// errReading is trouble on the way from NATS, as opposed to what a message says or a store answers.
var errReading = errors.New("reading")

// ahead is how many bytes of deliveries wait in memory, compressed.
const ahead = 4 << 20

func (f *Follower) follow(ctx context.Context, b *batch, deliver func(Arrival) error) error {
	r, err := f.relay.openReader(ctx, "-news", f.last+1, nil, jetstream.PullMaxBytes(ahead))
	if err != nil {
		return fmt.Errorf("%w: %w", errReading, err)
	}
	defer r.close()
	for {
		m, about, err := r.next(ctx)
		if err != nil {
			return fmt.Errorf("%w: %w", errReading, err)
		}
		n := about.Sequence.Stream
		if n <= f.last {
			continue
		}
		if n > f.last+1 {
			if err := f.gap(ctx, n); err != nil {
				return err
			}
		}
		if err := f.take(ctx, b, m, about, deliver); err != nil {
			return err
		}
	}
}

// gap tells messages that were purged before they came from numbers that NATS never gave a message.
func (f *Follower) gap(ctx context.Context, next uint64) error {
	info, err := f.relay.news.Info(ctx)
	if err != nil {
		return err
	}
	if f.last+1 < info.State.FirstSeq {
		return fmt.Errorf("messages %d to %d of stream %s are gone (take a fresh copy: copytaster backup at the leader, copytaster restore here)", f.last+1, next-1, f.relay.opt.Stream)
	}
	return nil
}

// take takes one message.
func (f *Follower) take(ctx context.Context, b *batch, m jetstream.Msg, about *jetstream.MsgMetadata, deliver func(Arrival) error) error {
	a := Arrival{Sequence: about.Sequence.Stream}
	var v Delivery
	end := m.Subject() == f.relay.opt.Stream+".news.end"
	if !end {
		err := f.relay.read(ctx, m, &v)
		if err != nil && !errors.Is(err, errUnreadable) {
			return err
		}
		if err != nil {
			f.relay.opt.Log.Error("a delivery is passed over; its feed will be asked again", "message", a.Sequence, "err", err)
		} else if base, err := f.base(v.Feed); err != nil {
			return err
		} else if base == v.Base || v.Base == Base(fetch.State{}) {
			a.Delivery = v.Delivery
		}
	}
	a.Last = b.ends(about.Timestamp, len(a.Items), end)
	if a.Feed != "" {
		f.mu.Lock()
		f.coming[a.Feed] = coming{Base(a.State), a.Sequence}
		f.mu.Unlock()
	}
	if err := deliver(a); err != nil {
		return err
	}
	f.note(a, v)
	return nil
}

// note notes that a message came, and tells who waits for it.
func (f *Follower) note(a Arrival, v Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last, f.open = a.Sequence, time.Time{}
	if !a.Last {
		f.open = time.Now()
	}
	if w := f.waiting[v.Feed]; w != nil {
		select {
		case w <- outcome{id: v.ID, taken: a.Feed != "", state: v.State}:
		default: // it knows of one already
		}
	}
}

// base is the state of a feed after all that came.
func (f *Follower) base(feed string) (uint64, error) {
	f.mu.Lock()
	c, ok := f.coming[feed]
	f.mu.Unlock()
	if ok {
		return c.base, nil
	}
	s, err := f.state(feed)
	return Base(s), err
}

// state reads the stored state of a feed, as the daemon does: one that cannot be read is none.
func (f *Follower) state(feed string) (s fetch.State, err error) {
	var b []byte
	err = f.db.View(func(tx *store.Tx) error {
		b = tx.State(feed)
		return nil
	})
	if err != nil || b == nil {
		return s, err
	}
	if s, err = state.Decode(b); err != nil {
		return fetch.State{}, nil
	}
	return s, nil
}

// Stored is to be called after each commit.
func (f *Follower) Stored() {
	var kept uint64
	err := f.db.View(func(tx *store.Tx) error {
		kept = tx.Sequence()
		return nil
	})
	if err != nil {
		return // whoever stores next will say so
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept = kept
	for feed, c := range f.coming {
		if c.sequence <= kept {
			delete(f.coming, feed)
		}
	}
	close(f.stored)
	f.stored = make(chan struct{})
}

// Kept is the number of the last message that is stored.
func (f *Follower) Kept() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.kept
}

// until waits until done, which is asked at first and after each commit.
func (f *Follower) until(ctx context.Context, done func() bool) error {
	for {
		f.mu.Lock()
		ready, stored := done(), f.stored
		f.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-stored:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// settled is the stored state of a feed once all that came for it is stored.
func (f *Follower) settled(ctx context.Context, feed string) (fetch.State, error) {
	err := f.until(ctx, func() bool { _, waits := f.coming[feed]; return !waits })
	if err != nil {
		return fetch.State{}, err
	}
	return f.state(feed)
}

// expect gives a channel on which the next delivery of the feed is told, and what ends that.
func (f *Follower) expect(feed string) (news chan outcome, end func()) {
	news = make(chan outcome, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting[feed] = news
	return news, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.waiting[feed] == news {
			delete(f.waiting, feed)
		}
	}
}
