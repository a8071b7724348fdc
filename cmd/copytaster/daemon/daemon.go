// Package daemon is the program at work, as `run` and `demo` share it: polls and ingest side by side, export files kept up to date, pages
// served, what is old dropped. It wires the packages together and decides nothing that one of them could.
package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"copytaster"
	"copytaster/cmd/copytaster/daemon/hub"
	"copytaster/cmd/copytaster/daemon/part"
	"copytaster/cmd/copytaster/edition"
	"copytaster/cmd/copytaster/ingest"
	"copytaster/cmd/copytaster/metrics"
	"copytaster/config"
	"copytaster/dedupe"
	"copytaster/dedupe/clean"
	"copytaster/fetch"
	"copytaster/fetch/websub"
	"copytaster/store"
)

// exportWait is how long the daemon gathers news before it writes the export files again.
const exportWait = 5 * time.Second

// Daemon is the program at work on an open database. All fields but File, Level, Transport, Metrics, Lease and FirstFill must be set; they must not be changed once it works.
type Daemon struct {
	Config    *config.Config // to begin with
	File      string         // where Config was read and is read again by Reload; empty: nowhere
	Level     *slog.LevelVar // of Log, set by Reload; may be nil
	DB        *store.DB
	Log       *slog.Logger
	Now       func() time.Time      // Clock, but in tests and replays
	Version   string                // for the User-Agent and the foot of the pages
	Transport http.RoundTripper     // nil: the guarded one
	Metrics   *metrics.Metrics      // nil: nothing is counted; its state is Present's
	Lease     time.Duration         // of this daemon's part in a cluster; 0: relay's own
	FirstFill func(done, total int) // shows how many feeds were asked while nothing is stored yet; nil: nobody looks

	learned  lessons
	fill     *fill                                // the first one; nil: it is over
	trouble  atomic.Pointer[string]               // why nothing can be stored at present; nil: it can
	last     atomic.Pointer[ingest.Detail]        // of the last commit; nil: none yet
	part     part.Part                            // among programs that share the work
	queue    atomic.Pointer[chan ingest.Delivery] // from polls to ingest
	revision atomic.Uint64                        // counts what pages and exports may show differently
	changes  chan fetch.Change                    // to the polling side; made by Run
	news     chan struct{}                        // that exports are to be written; made by Run
	site     atomic.Pointer[http.Handler]
	current  atomic.Pointer[config.Config] // in force since the last Reload; nil: Config

	desk *ingest.Desk                 // made by Run
	hubs *websub.Callback             // made by Run
	live atomic.Pointer[edition.Live] // made by Live, and anew by Reload

	reloading sync.Mutex    // guards client
	client    *fetch.Client // as of the last Reload
}

// config is the configuration that is in force.
func (d *Daemon) config() *config.Config {
	if c := d.current.Load(); c != nil {
		return c
	}
	return d.Config
}

// Reader reads the stories as configured.
func (d *Daemon) Reader() edition.Reader {
	return edition.Reader{DB: d.DB, Priority: d.config().Stories.Lead}
}

// Live reads the stories as configured and keeps them at hand, for pages and exports that are asked for again and again.
func (d *Daemon) Live() *edition.Live {
	if d.live.Load() == nil {
		d.live.CompareAndSwap(nil, edition.NewLive(d.Reader(), d.changed))
	}
	return d.live.Load()
}

// fetching is the fetching side as configured.
func (d *Daemon) fetching(cfg *config.Config) fetch.Options {
	if cfg.Fetch.Contact == "" {
		d.Log.Warn("no fetch.contact in the configuration: outlets cannot write to you before they block you")
	}
	o := fetch.Options{
		Version: d.Version, Contact: cfg.Fetch.Contact, Workers: cfg.Fetch.Workers, PerHost: cfg.Fetch.PerHost,
		Timeout: cfg.Fetch.Timeout, MaxBody: cfg.Fetch.MaxBody, AllowPrivate: cfg.Fetch.AllowPrivate, FullText: cfg.Fetch.FullText,
		Every: cfg.Every, Floor: cfg.Floor, Backfill: cfg.Fetch.Backfill, Push: d.hubs,
		Boilerplate: Boilerplate, Now: d.Now, Transport: d.Transport,
	}
	if l := d.part.Leader(); l != nil {
		o.Elsewhere, o.Workers = l.Poll, part.InFlight
	}
	return o
}

// Desk is the receiving side as configured.
func (d *Daemon) Desk() *ingest.Desk { return ingest.New(d.DB, receiving(d.config())) }

// receiving is what the configuration says of cleaning and folding.
func receiving(cfg *config.Config) ingest.Options {
	feeds := map[string]copytaster.Feed{}
	for _, f := range cfg.Feeds {
		feeds[f.URL] = f
	}
	return ingest.Options{Fold: FoldOptions(cfg), Feeds: feeds, Rules: func(outlet string) clean.Rules {
		o := cfg.Outlets[outlet]
		return clean.Rules{Strip: slices.Concat(cfg.Strip, o.Strip), Keep: o.Keep}
	}}
}

// FoldOptions are the configuration's words on folding.
func FoldOptions(cfg *config.Config) dedupe.Options {
	return dedupe.Options{Window: cfg.Stories.Window, Join: cfg.Stories.Join, Split: cfg.Stories.Split, Never: cfg.Stories.Never}
}

// poller polls until it is done and gives each delivery away.
type poller func(ctx context.Context, states map[string]fetch.State, deliver func(fetch.Delivery) error) error

// work polls and ingests side by side until poll ends, then until all that came is stored. The index lives as long as d.desk.
func (d *Daemon) work(ctx context.Context, poll poller, done func(ingest.Result)) error {
	states, err := states(d.DB)
	if err != nil {
		return err
	}
	deliveries := make(chan ingest.Delivery)
	d.queue.Store(&deliveries)
	d.fill = d.startFill(len(states))
	g, polling := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(deliveries)
		return poll(polling, states, func(v fetch.Delivery) error { return d.deliver(polling, deliveries, v) })
	})
	g.Go(func() error { return d.ingest(ctx, deliveries, done) })
	return g.Wait()
}

// ingest stores what comes until the channel is closed by whoever polls: what was received is stored also when ctx ends.
func (d *Daemon) ingest(ctx context.Context, deliveries <-chan ingest.Delivery, done func(ingest.Result)) error {
	d.desk.Committed = d.stored
	return d.desk.Run(context.WithoutCancel(ctx), deliveries, func(r ingest.Result) {
		if r.New+r.Updated > 0 {
			d.revision.Add(1)
		}
		done(r)
	})
}

// deliver logs a poll and passes it on to ingest.
func (d *Daemon) deliver(ctx context.Context, to chan<- ingest.Delivery, v fetch.Delivery) error {
	d.logPoll(ctx, v)
	state, err := v.State.Encode()
	if err != nil {
		return fmt.Errorf("state of %s: %w", v.Feed, err)
	}
	select {
	case to <- ingest.Delivery{Feed: v.Feed, State: state, Items: v.Items, At: v.At, Holds: v.Holds, Teasers: v.Teasers}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (d *Daemon) logPoll(ctx context.Context, v fetch.Delivery) {
	d.fill.count(v)
	d.Metrics.Polled(metrics.Poll{Outcome: string(v.Outcome), Took: v.Took, Bytes: v.Wire, Pages: v.Pages, Missed: v.Missed})
	attrs := []any{"feed", v.Feed, "outcome", string(v.Outcome), "items", v.Entries, "new", len(v.Items), "took", v.Took.Round(time.Millisecond)}
	if v.State.Trouble != "" {
		d.Log.Warn("poll", append(attrs, "err", v.State.Trouble)...)
		return
	}
	level := slog.LevelInfo
	if d.fill.shown() {
		level = slog.LevelDebug // the bar says it
	}
	d.Log.Log(ctx, level, "poll", attrs...)
}

// Once polls what is due, ingests it, drops what is old and brings the export files up to date.
func (d *Daemon) Once(ctx context.Context) (total ingest.Result, err error) {
	d.desk = d.Desk()
	err = d.work(ctx, func(ctx context.Context, states map[string]fetch.State, deliver func(fetch.Delivery) error) error {
		return fetch.New(d.fetching(d.Config)).Round(ctx, d.config().Feeds, states, deliver)
	}, func(r ingest.Result) { total.Add(r) })
	if err != nil {
		return total, err
	}
	d.desk = nil // its index is as large as all the rest
	return total, errors.Join(d.retain(), d.Export())
}

// Export writes the files of the exports that changed, for a program that then ends.
func (d *Daemon) Export() error { return d.export(d.Reader().Export) }

// export writes the files of the exports that changed; read gives their stories. Where they were made of the present stories and configuration
// already, it makes nothing.
func (d *Daemon) export(read func(config.Export) ([]copytaster.Story, error)) error {
	cfg := d.config()
	p, err := d.place(cfg)
	if err != nil {
		return err
	}
	var revision uint64
	var was []byte
	err = d.DB.View(func(tx *store.Tx) error {
		revision, was = tx.Revision(), tx.Exported()
		return nil
	})
	if err != nil {
		return err
	}
	of, err := json.Marshal([]any{revision, d.Version, p, cfg.Exports, cfg.Stories.Lead})
	if err != nil {
		return err
	}
	if bytes.Equal(was, of) && edition.Written(cfg.Exports) {
		return nil
	}
	changed, err := edition.WriteFiles(cfg.Exports, p, read)
	for _, name := range changed {
		d.Log.Info("export", "file", name)
	}
	d.Metrics.Exported(err)
	if err != nil {
		return err
	}
	return d.DB.Update(func(tx *store.Tx) error { return tx.SetExported(of) })
}

// Run is the daemon: it polls, ingests and exports, with the sides beside it (see Serve, Obey), until ctx ends or one of them fails.
func (d *Daemon) Run(ctx context.Context, sides ...func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	d.changes, d.news = make(chan fetch.Change), make(chan struct{}, 1)
	d.hubs = websub.NewCallback(d.Config.Fetch.MaxBody, d.hear)
	d.hubs.Move(d.Config.Fetch.Callback)
	d.desk, d.client = d.Desk(), fetch.New(d.fetching(d.Config))
	d.desk.Patience = d.patience(ctx)
	client := d.client
	stored := func(r ingest.Result) {
		if r.New+r.Updated > 0 {
			d.renew()
		}
	}
	g.Go(func() error {
		if d.Config.NATS.URL != "" {
			return d.relayed(ctx, stored)
		}
		return d.work(ctx, func(ctx context.Context, states map[string]fetch.State, deliver func(fetch.Delivery) error) error {
			return client.Run(ctx, d.Config.Feeds, states, d.changes, deliver)
		}, stored)
	})
	g.Go(func() error { return d.keepExports(ctx) })
	g.Go(func() error { return d.keepHouse(ctx) })
	for _, side := range sides {
		g.Go(func() error { return side(ctx) })
	}
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, d.export(d.Live().Export)) // what was stored last
}

// hear passes on to the polling side what a feed's hub told.
func (d *Daemon) hear(ctx context.Context, feed string, n websub.Notice) error {
	return d.tell(ctx, fetch.Change{Mail: &fetch.Mail{Feed: feed, Notice: n}})
}

// tell tells the polling side. Where that is another daemon's it gives part.ErrStandsBy.
func (d *Daemon) tell(ctx context.Context, c fetch.Change) error {
	over := d.part.Over()
	if d.Config.NATS.URL != "" && over == nil {
		return part.ErrStandsBy
	}
	select {
	case d.changes <- c:
		return nil
	case <-over:
		return part.ErrStandsBy
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// renew has the export files written soon.
func (d *Daemon) renew() {
	select {
	case d.news <- struct{}{}:
	default:
	}
}

// keepExports writes the export files soon after news. A file that cannot be written is tried again with the next news.
func (d *Daemon) keepExports(ctx context.Context) error {
	told := hub.New(d.Transport)
	for {
		if err := d.export(d.Live().Export); err != nil {
			d.Log.Error("export", "err", err)
		}
		if err := d.announce(ctx, told); err != nil {
			d.Log.Warn("announce", "err", err)
		}
		select {
		case <-d.news:
		case <-ctx.Done():
			return nil
		}
		select {
		case <-time.After(exportWait):
		case <-ctx.Done():
			return nil
		}
	}
}

// hostNames are the names under which the pages may be asked for, beside loopback's and the connection's own address.
func hostNames(cfg *config.Config) []string {
	u, err := url.Parse(Home(cfg))
	if err != nil || u.Host == "" {
		return nil
	}
	return []string{u.Hostname()}
}

// Clock is the system's, in whole seconds: feeds have no finer times, and what is stored and shown needs none.
func Clock() time.Time { return time.Now().UTC().Truncate(time.Second) }

// Boilerplate is the lexicon as the page's extraction asks it: whether a line is furniture.
func Boilerplate(line string) bool {
	_, ok := clean.Default().Match(line)
	return ok
}
