package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"copytaster"
	"copytaster/cmd/copytaster/ingest"
	"copytaster/cmd/copytaster/relay/lease"
	"copytaster/fetch"
)

// LeaderKey is the key of the lease under which one program schedules.
const LeaderKey = "leader"

// Rank is the value of LeaderKey.
type Rank struct {
	ID    string
	Name  string
	Epoch uint64 // 0: the revision of the entry is it
}

// Leader gives orders. It is what a program is while it holds the lease.
type Leader struct {
	relay *Relay
	f     *Follower
	epoch uint64
}

// Lead waits for the lease again and again, and has lead work under it, with all stored that came before. It ends with ctx or when lead fails; where the lease is
// lost lead's context ends with lease.ErrLost, and it waits anew.
func (r *Relay) Lead(ctx context.Context, f *Follower, lead func(ctx context.Context, l *Leader) error) error {
	if err := r.roles.Ready(ctx); err != nil {
		return err
	}
	for {
		hold, err := r.roles.Take(ctx, LeaderKey, text(Rank{ID: r.id, Name: r.opt.Name}))
		if err != nil {
			select {
			case <-r.roles.Changed():
			case <-time.After(r.opt.Lease / 12):
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			continue
		}
		r.opt.Log.Info("leads", "stream", r.opt.Stream, "epoch", hold.Epoch)
		rank := text(Rank{ID: r.id, Name: r.opt.Name, Epoch: hold.Epoch})
		l := &Leader{relay: r, f: f, epoch: hold.Epoch}
		err = hold.Keep(ctx, func() []byte { return rank }, func(ctx context.Context) error { return l.work(ctx, lead) })
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !errors.Is(err, lease.ErrLost) {
			return err
		}
		r.opt.Log.Warn("leads no more", "err", err)
	}
}

// work leads, once all that came before is stored.
func (l *Leader) work(ctx context.Context, lead func(ctx context.Context, l *Leader) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return l.endBatches(ctx) })
	g.Go(func() error { return l.tidy(ctx) })
	g.Go(func() error {
		if err := l.catchUp(ctx); err != nil {
			return err
		}
		return lead(ctx, l)
	})
	return g.Wait()
}

// catchUp drops the orders of leaders before, which fetchers do not carry out any more, and waits until what came of those that they did is stored.
func (l *Leader) catchUp(ctx context.Context) error {
	r := l.relay
	var last uint64
	err := r.patiently(ctx, "JetStream does not answer; trying again", func(ctx context.Context) error {
		if err := r.orders.Purge(ctx); err != nil {
			return err
		}
		info, err := r.news.Info(ctx)
		if err == nil {
			last = info.State.LastSeq
		}
		return err
	})
	if err != nil {
		return err
	}
	return l.f.until(ctx, func() bool { return l.f.kept >= last })
}

// endBatches says in the stream that a batch is ended when nothing has come for as long as one lasts.
func (l *Leader) endBatches(ctx context.Context) error {
	tick := time.NewTicker(ingest.BatchWait / 5)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		l.f.mu.Lock()
		last, open := l.f.last, l.f.open
		l.f.mu.Unlock()
		if open.IsZero() || time.Since(open) < ingest.BatchWait {
			continue
		}
		if err := l.end(ctx, last); err != nil && ctx.Err() == nil {
			l.relay.opt.Log.Warn("the end of a batch cannot be told; trying again", "err", err)
		}
	}
}

// end says that the message is the last of its batch; said twice, it is said once.
func (l *Leader) end(ctx context.Context, last uint64) error {
	ctx, cancel := context.WithTimeout(ctx, l.relay.opt.Lease/3)
	defer cancel()
	_, err := l.relay.js.Publish(ctx, l.relay.opt.Stream+".news.end", nil, jetstream.WithMsgID(fmt.Sprint("end-", last)))
	return err
}

// again is after how long an order that led to nothing is given once more. While it lies in the queue NATS refuses that, which is well.
const again = 10 * time.Minute

// Poll has a feed polled by a fetcher and gives its state once what came of it is on its way into the store: fetch.Options.Elsewhere.
func (l *Leader) Poll(ctx context.Context, f copytaster.Feed, s fetch.State, rest time.Time) (fetch.State, error) {
	news, end := l.f.expect(f.URL)
	defer end()
	base, err := l.f.base(f.URL)
	if err != nil {
		return s, err
	}
	if base != Base(s) { // of a fetcher that a leader before had asked
		return l.f.settled(ctx, f.URL)
	}
	o := Order{ID: OrderID(f.URL, s), Epoch: l.epoch, Feed: f, State: s, Rest: rest}
	subject := fmt.Sprintf("%s.orders.%d.%s", l.relay.opt.Stream, PartitionOf(f.URL, s, l.relay.partitions), feedName(f.URL))
	for wait := time.Second / 8; ; {
		err := l.relay.publish(ctx, subject, fmt.Sprint(o.ID, "-", l.epoch), o)
		patience := again
		if err != nil && !refused(err) {
			l.relay.opt.Log.Debug("order", "feed", f.URL, "err", err)
		}
		if err != nil {
			patience, wait = wait, min(2*wait, l.relay.opt.Lease)
		}
		select {
		case v := <-news:
			if v.taken {
				return v.state, nil
			}
			return l.f.settled(ctx, f.URL)
		case <-time.After(patience):
		case <-ctx.Done():
			return s, context.Cause(ctx)
		}
	}
}

// refused reports whether NATS did not take a message because one of the feed lies there.
func refused(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && api.Code == 503
}

// Deliver puts what came to the leader itself on the stream of deliveries, and returns once it is on its way into the store.
func (l *Leader) Deliver(ctx context.Context, d fetch.Delivery) error {
	news, end := l.f.expect(d.Feed)
	defer end()
	for {
		base, err := l.f.base(d.Feed)
		if err != nil {
			return err
		}
		v := Delivery{Base: base, Delivery: d}
		v.ID = fmt.Sprintf("%s-%x-%x", feedName(d.Feed), base, Base(d.State))
		if err := l.relay.Post(ctx, v); err != nil {
			return err
		}
		select {
		case o := <-news:
			if o.id == v.ID && o.taken {
				return nil
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Post puts a delivery on the stream. While that is full or cannot be reached it waits, and tries again until ctx ends.
func (r *Relay) Post(ctx context.Context, v Delivery) error {
	for wait := time.Second / 8; ; wait = min(2*wait, r.opt.Lease) {
		err := r.publish(ctx, r.opt.Stream+".news.delivery", v.ID, v)
		if err == nil {
			return nil
		}
		r.opt.Log.Warn("a delivery waits", "feed", v.Feed, "err", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Sign is the value of a key follower.ID: who follows, and how far.
type Sign struct {
	ID, Name string
	Kept     uint64
}

// followerKey is where a program says that it follows.
func followerKey(id string) string { return "follower." + id }

// Show tells again and again how far the follower is, until ctx ends.
func (f *Follower) Show(ctx context.Context) error {
	r := f.relay
	tick := time.NewTicker(r.opt.Lease / 4)
	defer tick.Stop()
	for {
		f.look(ctx)
		if err := r.roles.Put(ctx, followerKey(r.id), text(Sign{ID: r.id, Name: r.opt.Name, Kept: f.Kept()})); err != nil && ctx.Err() == nil {
			r.opt.Log.Debug("no sign of life can be given", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if e, ok := r.roles.At(followerKey(r.id)); ok {
				r.roles.Fence(context.WithoutCancel(ctx), e.Key, e.Revision)
			}
			return context.Cause(ctx)
		}
	}
}

// sweepAfter is after how many looks at NATS's room the leader also drops what nobody wants any more: about every 10 minutes.
const sweepAfter = 600

// tidy makes room in the stream, and drops parcels and signs of those who are gone.
func (l *Leader) tidy(ctx context.Context) error {
	tick := time.NewTicker(l.relay.opt.Lease / 6)
	defer tick.Stop()
	for n := 0; ; n++ {
		err := l.purge(ctx)
		if err == nil && n%sweepAfter == 0 {
			err = l.sweep(ctx)
		}
		if err != nil && ctx.Err() == nil {
			l.relay.opt.Log.Warn("tidying up in NATS", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// purge drops the older half of the deliveries when the stream is half full, but nothing that somebody who lives has not stored. What is left is for those who
// come back after a while.
func (l *Leader) purge(ctx context.Context) error {
	r := l.relay
	info, err := r.news.Info(ctx)
	if err != nil {
		return err
	}
	s := info.State
	if int64(s.Bytes) < r.opt.MaxSize/2 {
		return nil
	}
	upTo := min(l.f.Kept(), s.FirstSeq+(s.LastSeq-s.FirstSeq)/2)
	for _, e := range r.roles.All("follower.") {
		var v Sign
		if json.Unmarshal(e.Value, &v) == nil && !r.roles.Expired(e) {
			upTo = min(upTo, v.Kept)
		}
	}
	if upTo < s.FirstSeq || ctx.Err() != nil {
		return nil
	}
	r.opt.Log.Info("deliveries dropped that all have stored", "from", s.FirstSeq, "to", upTo)
	return r.news.Purge(ctx, jetstream.WithPurgeSequence(upTo+1))
}

// longAgo is how much older than the oldest delivery a parcel is that nobody will ask for: one whose message waits is put down again each time.
const longAgo = 24 * time.Hour

// sweep drops parcels whose messages are gone, and signs of followers that are.
func (l *Leader) sweep(ctx context.Context) error {
	info, err := l.relay.news.Info(ctx)
	if err != nil {
		return err
	}
	oldest := info.State.FirstTime
	if info.State.Msgs == 0 {
		oldest = time.Now()
	}
	if err := l.sweepBefore(ctx, oldest.Add(-longAgo)); err != nil {
		return err
	}
	roles := l.relay.roles
	for _, e := range roles.All("follower.") {
		if time.Since(e.Moved) > time.Hour {
			if err := roles.Fence(ctx, e.Key, e.Revision); err != nil {
				return err
			}
		}
	}
	return roles.Sweep(ctx)
}

// sweepBefore drops the parcels that were last put down before.
func (l *Leader) sweepBefore(ctx context.Context, before time.Time) error {
	parcels := l.relay.parcels
	list, err := parcels.List(ctx)
	if err != nil && !errors.Is(err, jetstream.ErrNoObjectsFound) {
		return err
	}
	for _, o := range list {
		if o.ModTime.Before(before) {
			if err := parcels.Delete(ctx, o.Name); err != nil {
				return err
			}
		}
	}
	return nil
}
