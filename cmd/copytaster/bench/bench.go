// Package bench measures the whole program on this machine: it serves a made-up newsroom of any size on loopback and polls, cleans, folds,
// stores and exports it, round after round. It asks nobody else.
package bench

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/metrics"
	"runtime/pprof"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/ingest"
	"copytaster/cmd/copytaster/newsroom"
	"copytaster/config"
	"copytaster/store"
)

// Options say how much is measured.
type Options struct {
	Feeds   int // outlets, with a feed each
	Rounds  int // after the first poll: two new items a feed and round
	Version string
}

// round is what one poll of all feeds took.
type round struct {
	name   string
	wall   time.Duration
	cpu    float64 // seconds, the outlets' own included
	stages []share
	ingest.Result
}

// Run measures and prints a table. The database lies in a temporary folder, which is gone at the end.
func Run(ctx context.Context, out io.Writer, o Options) (err error) {
	dir, err := os.MkdirTemp("", "copytaster-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	clock := new(clock)
	clock.set(time.Now())
	p := newPress(o.Feeds, clock.now())
	g, ctx := errgroup.WithContext(ctx)
	ctx, cancel := context.WithCancel(ctx)
	g.Go(func() error { return newsroom.Serve(ctx, l, p) })
	g.Go(func() error {
		defer cancel()
		return measure(ctx, out, o, p, clock, configuration(p, "http://"+l.Addr().String(), dir))
	})
	return g.Wait()
}

// clock is the time as the program sees it: a day passes between two rounds.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time      { return time.Unix(c.at.Load(), 0).UTC() }
func (c *clock) set(t time.Time)     { c.at.Store(t.Unix()) }
func (c *clock) add(d time.Duration) { c.set(c.now().Add(d)) }

// between is how far two rounds are apart; long enough for every feed to be due again.
const between = 25 * time.Hour

func configuration(p *press, base, dir string) *config.Config {
	return &config.Config{
		Database: filepath.Join(dir, "copytaster.db"), Listen: "127.0.0.1:0", Every: 15 * time.Minute, Retention: 365 * 24 * time.Hour,
		Fetch: config.Fetch{Contact: "https://example.org/copytaster-bench", Workers: 64, PerHost: 64, Timeout: time.Minute, MaxBody: 16 << 20,
			AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		Feeds:   p.feeds(base),
		Stories: config.Stories{Window: 72 * time.Hour},
		Exports: []config.Export{{Name: "all", Title: "All", Formats: []string{"rss", "atom", "json"}, File: filepath.Join(dir, "all"), Limit: 100, Updated: config.UpdatedText}},
	}
}

func measure(ctx context.Context, out io.Writer, o Options, p *press, clock *clock, cfg *config.Config) (err error) {
	db, err := store.Open(cfg.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	d := &daemon.Daemon{Config: cfg, DB: db, Now: clock.now, Log: slog.New(slog.DiscardHandler), Version: o.Version}
	peak := watch()
	fmt.Fprintf(out, "%d feeds of %d items, agency copy four of ten; one process, the outlets in it\n\n%-14s %9s %9s %9s %9s %12s\n",
		o.Feeds, shown, "", "feeds/s", "items/s", "folds/s", "CPU s", "CPU ms/feed")
	var all []share
	total := 0.0
	for i := range o.Rounds + 2 {
		name := "first poll"
		if i > 0 {
			clock.add(between)
			name = fmt.Sprintf("%d new of %d", fresh, shown)
		}
		if i > 0 && i <= o.Rounds {
			p.round.Add(1)
		} else if i > 0 {
			name = "nothing new"
		}
		r, err := poll(ctx, d, name)
		if err != nil {
			return err
		}
		s := r.wall.Seconds()
		fmt.Fprintf(out, "%-14s %9.0f %9.0f %9.0f %9.2f %12.2f\n", r.name, float64(o.Feeds)/s, float64(r.New)/s, float64(r.Folded)/s, r.cpu, r.cpu*1000/float64(o.Feeds))
		all, total = join(all, r.stages), total+r.cpu
	}
	fmt.Fprint(out, "\nCPU by stage, all rounds\n\n")
	slices.SortStableFunc(all, func(a, b share) int { return cmp.Compare(b.seconds, a.seconds) })
	for _, s := range all {
		fmt.Fprintf(out, "%4.0f %%  %s\n", 100*s.seconds/max(total, 1e-9), s.stage)
	}
	items := 0
	if err := db.View(func(tx *store.Tx) error { items = tx.Count(); return nil }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\n%d items stored, %d bytes on disk each; %d MB of memory at the most\n", items, db.Size()/int64(max(items, 1)), peak()>>20)
	return err
}

// poll asks all feeds once and takes the time.
func poll(ctx context.Context, d *daemon.Daemon, name string) (r round, err error) {
	var cpu bytes.Buffer
	if err := pprof.StartCPUProfile(&cpu); err != nil {
		return r, fmt.Errorf("CPU profile: %w", err)
	}
	began := time.Now()
	result, err := d.Once(ctx)
	r = round{name: name, wall: time.Since(began), Result: result}
	pprof.StopCPUProfile()
	if err != nil {
		return r, err
	}
	r.stages, r.cpu, err = shares(cpu.Bytes())
	return r, err
}

// join adds up shares by stage, in the order in which the stages first came.
func join(a, b []share) []share {
	for _, s := range b {
		i := 0
		for i < len(a) && a[i].stage != s.stage {
			i++
		}
		if i == len(a) {
			a = append(a, share{stage: s.stage})
		}
		a[i].seconds += s.seconds
	}
	return a
}

// watch notes the most memory that the Go runtime had from the system, until the function that it returns is called.
func watch() (peak func() uint64) {
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		high := uint64(0)
		for {
			high = max(high, memory())
			select {
			case <-tick.C:
			case <-done:
				most <- high
				return
			}
		}
	}()
	return func() uint64 {
		close(done)
		return <-most
	}
}

func memory() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}
