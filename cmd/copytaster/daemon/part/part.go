// Package part is a daemon's part among programs that share the work over NATS: it takes the deliveries of all into its store, and leads while it holds the lease.
// How it schedules and stores then is the daemon's.
package part

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"copytaster/cmd/copytaster/ingest"
	"copytaster/cmd/copytaster/relay"
	"copytaster/config"
	"copytaster/fetch"
	"copytaster/store"
)

// InFlight is how many orders are with fetchers at a time, beside those that take long (16 times as many): one that waits costs its feed's state. 1,024 keep 32
// fetchers of 32 workers busy.
const InFlight = 1024

// ErrStandsBy is given for what only the leader can do.
var ErrStandsBy = errors.New("this daemon stands by (ask the one that leads; copytaster status names it)")

// Options are what the part is played with.
type Options struct {
	NATS   config.NATS
	Lease  time.Duration // 0: relay's own
	DB     *store.DB
	Log    *slog.Logger
	Polled func(context.Context, fetch.Delivery) // is told of polls that this daemon had asked for
	// Ingest stores what comes until the channel is closed, and calls stored after each commit.
	Ingest func(ctx context.Context, in <-chan ingest.Delivery, stored func()) error
	// Lead schedules until ctx ends.
	Lead func(ctx context.Context, l *relay.Leader) error
}

// Part is the part. Run is its one goroutine; the other methods may be called from any.
type Part struct {
	follower atomic.Pointer[relay.Follower]
	reign    atomic.Pointer[reign]
}

// reign is the time in which this daemon leads.
type reign struct {
	*relay.Leader
	over <-chan struct{}
}

// Run plays it until ctx ends or a side of it fails.
func (p *Part) Run(ctx context.Context, o Options) error {
	n := o.NATS
	r, err := relay.Open(ctx, relay.Options{URL: n.URL, Creds: n.Creds, CA: n.CA, Cert: n.Cert, Key: n.Key, Stream: n.Stream, MaxSize: n.MaxSize,
		Lease: o.Lease, Log: o.Log})
	if err != nil {
		return err
	}
	defer r.Close()
	if err := r.Join(ctx, o.DB); err != nil {
		return err
	}
	f := r.NewFollower(o.DB)
	p.follower.Store(f)
	deliveries := make(chan ingest.Delivery)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.Roles().Run(ctx) })
	g.Go(func() error { return f.Show(ctx) })
	g.Go(func() error {
		defer close(deliveries)
		return f.Run(ctx, func(a relay.Arrival) error { return p.arrive(ctx, o, deliveries, a) })
	})
	g.Go(func() error { return o.Ingest(ctx, deliveries, f.Stored) })
	g.Go(func() error {
		return r.Lead(ctx, f, func(ctx context.Context, l *relay.Leader) error {
			p.reign.Store(&reign{l, ctx.Done()})
			defer p.reign.Store(nil)
			return o.Lead(ctx, l)
		})
	})
	return g.Wait()
}

// arrive passes on to ingest what came over the stream.
func (p *Part) arrive(ctx context.Context, o Options, to chan<- ingest.Delivery, a relay.Arrival) error {
	if a.Feed != "" && a.Outcome != "" && p.Leader() != nil {
		o.Polled(ctx, a.Delivery)
	}
	return a.Send(ctx, to)
}

// Leader is nil while this daemon does not lead.
func (p *Part) Leader() *relay.Leader {
	if r := p.reign.Load(); r != nil {
		return r.Leader
	}
	return nil
}

// Over is closed when this daemon leads no more; nil while it does not.
func (p *Part) Over() <-chan struct{} {
	if r := p.reign.Load(); r != nil {
		return r.over
	}
	return nil
}

// Put puts the state of a feed that was changed by hand where all who follow will know of it.
func (p *Part) Put(ctx context.Context, feed string, s fetch.State, now time.Time) error {
	l := p.Leader()
	if l == nil {
		return ErrStandsBy
	}
	return l.Deliver(ctx, fetch.Delivery{Feed: feed, State: s, At: now})
}

// Present is who takes part, nil where nobody but this program does.
func (p *Part) Present() *relay.Present {
	f := p.follower.Load()
	if f == nil {
		return nil
	}
	now := f.Present()
	return &now
}
