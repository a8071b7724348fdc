// Package fetcher polls for a leader elsewhere: it takes orders, asks the outlets, reads their feeds and pages, and puts what came on the stream of
// deliveries. It keeps nothing. Fetchers share the hosts among them, in partitions: each lives by a lease and holds partitions under it, and a
// partition passes on when its holder gives it up or is fenced, so that never two ask one host. Which of them is to hold which is agreed without a word, by hashes
// of those that live (see share).
package fetcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"copytaster/cmd/copytaster/relay"
	"copytaster/cmd/copytaster/relay/lease"
	"copytaster/fetch"
	"copytaster/fetch/guard"
)

// Options set up a fetcher.
type Options struct {
	Relay   *relay.Relay
	Poll    fetch.Options // but for what the leader says: see relay.Settings
	Workers int           // polls at a time: 32
	Log     *slog.Logger
}

// Fetcher is one at work.
type Fetcher struct {
	Options
	slots chan struct{}
	posts sync.WaitGroup // deliveries that are not in the stream yet
	polls atomic.Int64   // that are under way
	done  atomic.Int64   // since it began

	client atomic.Pointer[fetch.Client]

	mu    sync.Mutex      // guards what follows
	doing map[string]bool // orders that are being carried out
	busy  map[int]int     // how many, by partition
	hosts map[string]chan struct{}
}

// New makes a fetcher; the relay has found its streams.
func New(o Options) *Fetcher {
	if o.Workers == 0 {
		o.Workers = 32
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Fetcher{Options: o, slots: make(chan struct{}, o.Workers), doing: map[string]bool{}, busy: map[int]int{}, hosts: map[string]chan struct{}{}}
}

// Run polls until ctx ends. A fetcher that loses its lease lets go of all and begins anew, as another.
func (f *Fetcher) Run(ctx context.Context) error {
	defer f.posts.Wait()
	roles := f.Relay.Roles()
	if err := roles.Ready(ctx); err != nil {
		return err
	}
	if err := f.settle(ctx); err != nil {
		return err
	}
	for n := 0; ctx.Err() == nil; n++ {
		s := &session{f: f, id: fmt.Sprint(f.Relay.ID(), "-", n), roles: roles, held: map[int]bool{}, stop: func() {}}
		hold, err := roles.Take(ctx, relay.FetcherKey(s.id), s.sign())
		if err == nil {
			f.Log.Info("polls", "stream", f.Relay.Stream(), "workers", f.Workers)
			err = hold.Keep(ctx, s.sign, func(ctx context.Context) error { return s.work(ctx) })
		}
		if ctx.Err() != nil {
			break
		}
		if err != nil && !errors.Is(err, lease.ErrLost) {
			f.Log.Debug("session", "err", err)
		}
		if errors.Is(err, lease.ErrLost) {
			f.Log.Warn("all polls are given up", "err", err)
		}
		select {
		case <-time.After(roles.Length() / 12):
		case <-ctx.Done():
		}
	}
	return context.Cause(ctx)
}

// settle waits for the leader's words on how to poll, and has a client that follows them.
func (f *Fetcher) settle(ctx context.Context) error {
	for !f.follow() {
		select {
		case <-f.Relay.Roles().Changed():
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// follow makes a client as the leader wants it now, of what the one before knows of hosts. It reports whether there is one.
func (f *Fetcher) follow() bool {
	s, ok := f.Relay.Settings()
	if !ok {
		return f.client.Load() != nil
	}
	opt := s.Apply(f.Poll)
	opt.Workers = f.Workers
	if before := f.client.Load(); before != nil {
		f.client.Store(before.With(opt))
	} else {
		f.client.Store(fetch.New(opt))
	}
	return true
}

// serve carries out the orders of the partitions until reading ends; polls that are under way then go on until work ends.
func (f *Fetcher) serve(work, reading context.Context, partitions []int, polls *sync.WaitGroup) {
	for reading.Err() == nil {
		if err := f.read(work, reading, partitions, polls); reading.Err() == nil {
			f.Log.Warn("orders cannot be read; trying again", "err", err)
			rest(reading, f.Relay.Roles().Length()/12)
		}
	}
}

func (f *Fetcher) read(work, reading context.Context, partitions []int, polls *sync.WaitGroup) error {
	q, err := f.Relay.Queue(reading, partitions)
	if err != nil {
		return err
	}
	defer q.Close()
	for {
		j, err := q.Next(reading)
		if err != nil {
			return err
		}
		select {
		case f.slots <- struct{}{}:
		case <-reading.Done():
			return nil
		}
		if !f.begin(j) {
			<-f.slots // read once more although it is being carried out
			continue
		}
		polls.Go(func() {
			if d, err := f.poll(work, j.Order); err == nil {
				f.posts.Go(func() { f.post(work, j, d) })
			} else {
				f.end(j)
			}
		})
	}
}

// begin notes that an order is being carried out, and reports false if it is already.
func (f *Fetcher) begin(j *relay.Job) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.doing[j.ID] {
		return false
	}
	f.doing[j.ID] = true
	f.busy[j.Partition]++
	return true
}

// end frees the worker.
func (f *Fetcher) end(j *relay.Job) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.doing, j.ID)
	f.busy[j.Partition]--
	<-f.slots
}

// idle reports whether no order of the partition is being carried out.
func (f *Fetcher) idle(partition int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.busy[partition] == 0
}

// poll asks the outlet, one order of a host at a time.
func (f *Fetcher) poll(ctx context.Context, o relay.Order) (d fetch.Delivery, err error) {
	address := o.Feed.URL
	if o.State.Address != "" {
		address = o.State.Address
	}
	leave, err := f.enter(ctx, guard.Host(address))
	if err != nil {
		return d, err
	}
	defer leave()
	f.polls.Add(1)
	defer f.polls.Add(-1)
	c := f.client.Load()
	c.Rest(address, o.Rest)
	return c.Poll(ctx, o.Feed, o.State)
}

// enter waits until nobody asks the host.
func (f *Fetcher) enter(ctx context.Context, host string) (leave func(), err error) {
	for {
		f.mu.Lock()
		taken := f.hosts[host]
		if taken == nil {
			free := make(chan struct{})
			f.hosts[host] = free
			f.mu.Unlock()
			return func() {
				f.mu.Lock()
				defer f.mu.Unlock()
				delete(f.hosts, host)
				close(free)
			}, ctx.Err()
		}
		f.mu.Unlock()
		select {
		case <-taken:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// post puts the delivery on the stream, for a while also when the lease under which it was fetched is lost, or all is to end: then it counts if it is the first of
// its order. Only then is the order done.
func (f *Fetcher) post(ctx context.Context, j *relay.Job, d fetch.Delivery) {
	defer f.end(j)
	patience, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(f.Relay.Roles().Length(), cancel) })()
	if err := f.Relay.Post(patience, relay.Delivery{ID: j.ID, Base: relay.Base(j.State), Delivery: d}); err != nil {
		return // whoever has the partition then polls once more
	}
	f.done.Add(1)
	f.log(d)
	f.Relay.Done(patience, j)
}

func (f *Fetcher) log(d fetch.Delivery) {
	attrs := []any{"feed", d.Feed, "outcome", string(d.Outcome), "items", d.Entries, "new", len(d.Items), "took", d.Took.Round(time.Millisecond)}
	if d.State.Trouble != "" {
		f.Log.Warn("poll", append(attrs, "err", d.State.Trouble)...)
		return
	}
	f.Log.Info("poll", attrs...)
}
