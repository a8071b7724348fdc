package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"
	"golang.org/x/sync/errgroup"

	"copytaster/cmd/copytaster/edition"
	"copytaster/cmd/copytaster/ingest"
	"copytaster/config"
	"copytaster/dedupe"
	"copytaster/dedupe/clean"
	"copytaster/fetch"
	"copytaster/store"
)

// exportWait is how long the daemon gathers news before it writes the export files again.
const exportWait = 5 * time.Second

// daemon is the program at work: what `run` and `demo` share.
type daemon struct {
	cfg       *config.Config
	db        *store.DB
	log       *slog.Logger
	now       func() time.Time
	transport http.RoundTripper // nil: the guarded one
	revision  atomic.Uint64     // counts what pages and exports may show differently
}

func (d *daemon) reader() edition.Reader {
	return edition.Reader{DB: d.db, Priority: d.cfg.Stories.Lead}
}

// client is the fetching side as configured.
func (d *daemon) client() *fetch.Client {
	if d.cfg.Fetch.Contact == "" {
		d.log.Warn("no fetch.contact in the configuration: outlets cannot write to you before they block you")
	}
	return fetch.New(fetch.Options{
		Version: version(), Contact: d.cfg.Fetch.Contact, Workers: d.cfg.Fetch.Workers, PerHost: d.cfg.Fetch.PerHost,
		Timeout: d.cfg.Fetch.Timeout, MaxBody: d.cfg.Fetch.MaxBody, AllowPrivate: d.cfg.Fetch.AllowPrivate, FullText: d.cfg.Fetch.FullText,
		Every: d.cfg.Every, Floor: d.cfg.Floor, Boilerplate: boilerplate(clean.Default()), Now: d.now, Transport: d.transport,
	})
}

// desk is the receiving side as configured.
func (d *daemon) desk() *ingest.Desk {
	return ingest.New(d.db, ingest.Options{Fold: foldOptions(d.cfg), Rules: func(outlet string) clean.Rules {
		o := d.cfg.Outlets[outlet]
		return clean.Rules{Strip: o.Strip, Keep: o.Keep}
	}})
}

// foldOptions are the configuration's words on folding.
func foldOptions(cfg *config.Config) dedupe.Options {
	return dedupe.Options{Window: cfg.Stories.Window, Join: cfg.Stories.Join, Split: cfg.Stories.Split, Never: cfg.Stories.Never}
}

// poller polls until it is done and gives each delivery away.
type poller func(ctx context.Context, states map[string]fetch.State, deliver func(fetch.Delivery) error) error

// work polls and ingests side by side until poll ends, then until all that came is stored. The index lives as long as the call.
func (d *daemon) work(ctx context.Context, poll poller, done func(ingest.Result)) error {
	states, err := loadStates(d.db)
	if err != nil {
		return err
	}
	deliveries := make(chan ingest.Delivery, d.cfg.Fetch.Workers)
	g, polling := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(deliveries)
		return poll(polling, states, func(v fetch.Delivery) error { return d.deliver(polling, deliveries, v) })
	})
	g.Go(func() error {
		// The polling side ends the channel, so what was received is stored also when ctx ends.
		return d.desk().Run(context.WithoutCancel(ctx), deliveries, func(r ingest.Result) {
			if r.New+r.Updated > 0 {
				d.revision.Add(1)
			}
			done(r)
		})
	})
	return g.Wait()
}

// deliver logs a poll and passes it on to ingest.
func (d *daemon) deliver(ctx context.Context, to chan<- ingest.Delivery, v fetch.Delivery) error {
	d.logPoll(v)
	state, err := json.Marshal(v.State)
	if err != nil {
		return fmt.Errorf("state of %s: %w", v.Feed, err)
	}
	select {
	case to <- ingest.Delivery{Feed: v.Feed, State: state, Items: v.Items, At: v.At, Holds: v.Holds}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (d *daemon) logPoll(v fetch.Delivery) {
	attrs := []any{"feed", v.Feed, "outcome", string(v.Outcome), "items", v.Entries, "new", len(v.Items), "took", v.Took.Round(time.Millisecond)}
	if v.State.Trouble != "" {
		d.log.Warn("poll", append(attrs, "err", v.State.Trouble)...)
		return
	}
	d.log.Info("poll", attrs...)
}

// once polls what is due, ingests it and brings the export files up to date.
func (d *daemon) once(ctx context.Context) (total ingest.Result, err error) {
	err = d.work(ctx, func(ctx context.Context, states map[string]fetch.State, deliver func(fetch.Delivery) error) error {
		return d.client().Round(ctx, d.cfg.Feeds, states, deliver)
	}, func(r ingest.Result) { total.Add(r) })
	if err != nil {
		return total, err
	}
	if total.New+total.Updated > 0 || d.filesMissing() {
		err = d.export()
	}
	return total, err
}

// filesMissing reports whether an export file was never written or is gone.
func (d *daemon) filesMissing() bool { return edition.Missing(d.cfg.Exports) }

// export writes the files of the exports that changed.
func (d *daemon) export() error {
	changed, err := d.reader().WriteFiles(d.cfg.Exports, home(d.cfg))
	for _, name := range changed {
		d.log.Info("export", "file", name)
	}
	return err
}

// run is the daemon: it polls, ingests, exports and serves until ctx ends or one of them fails.
func (d *daemon) run(ctx context.Context, serve func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	news := make(chan struct{}, 1)
	g.Go(func() error {
		return d.work(ctx, func(ctx context.Context, states map[string]fetch.State, deliver func(fetch.Delivery) error) error {
			return d.client().Run(ctx, d.cfg.Feeds, states, nil, deliver)
		}, func(r ingest.Result) {
			if r.New+r.Updated > 0 {
				select {
				case news <- struct{}{}:
				default:
				}
			}
		})
	})
	g.Go(func() error { return d.keepExports(ctx, news) })
	g.Go(func() error { return d.keepHouse(ctx) })
	g.Go(func() error { return serve(ctx) })
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// keepExports writes the export files soon after news. A file that cannot be written is tried again with the next news.
func (d *daemon) keepExports(ctx context.Context, news <-chan struct{}) error {
	for {
		if err := d.export(); err != nil {
			d.log.Error("export", "err", err)
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil
		}
		select {
		case <-time.After(exportWait):
		case <-ctx.Done():
			if err := d.export(); err != nil {
				d.log.Error("export", "err", err)
			}
			return nil
		}
	}
}

// keepHouse runs the regular jobs: retention at twenty past every hour.
func (d *daemon) keepHouse(ctx context.Context) error {
	jobs := cron.New()
	failed := make(chan error, 1)
	_, err := jobs.AddFunc("20 * * * *", func() {
		if err := d.retain(); err != nil {
			select {
			case failed <- err:
			default:
			}
		}
	})
	if err != nil {
		return err
	}
	jobs.Start()
	defer func() { <-jobs.Stop().Done() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// retain drops what is older than the configuration keeps.
func (d *daemon) retain() error {
	var items, stories []string
	err := d.db.Update(func(tx *store.Tx) (err error) {
		items, stories, err = tx.Drop(d.now().Add(-d.cfg.Retention))
		return err
	})
	if err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	if len(items) > 0 {
		d.log.Info("retention", "items", len(items), "stories", len(stories))
		d.revision.Add(1)
	}
	return nil
}

// hostNames are the names under which the pages may be asked for, beside loopback's and the connection's own address.
func hostNames(cfg *config.Config) []string {
	host, _, err := net.SplitHostPort(cfg.Listen)
	if err != nil || home(cfg) == "" {
		return nil
	}
	return []string{host}
}
