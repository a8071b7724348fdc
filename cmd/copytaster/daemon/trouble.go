package daemon

import (
	"context"
	"errors"
	"time"

	"copytaster/cmd/copytaster/ingest"
	"copytaster/cmd/copytaster/metrics"
	"copytaster/store"
)

// What could not be stored is tried again after a second, then after twice as long each time, but once a minute at least.
const (
	firstWait = time.Second
	lastWait  = time.Minute
)

// patience is for batches that found no room, or no leave, to be stored: the daemon goes on serving, polls wait for ingest, and when there is room again all goes on. Under
// ctx's end, and for all other errors, it gives up: what was not stored is asked for again at the next start, since the feeds' validators were not stored either.
func (d *Daemon) patience(ctx context.Context) func(error) error {
	wait := firstWait
	return func(err error) error {
		if !store.Full(err) || ctx.Err() != nil {
			return err
		}
		if d.trouble.Load() == nil {
			wait = firstWait
		}
		d.Metrics.Failed()
		words := err.Error()
		d.trouble.Store(&words)
		d.Log.Error("nothing can be stored; trying again", "err", err, "in", wait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
		wait = min(2*wait, lastWait)
		return nil
	}
}

// stored notes that a batch was stored.
func (d *Daemon) stored(r ingest.Detail) {
	d.Metrics.Committed(metrics.Commit{New: r.New, Updated: r.Updated, Folded: r.Folded, Stories: r.Sizes, Took: r.Took})
	d.last.Store(&r)
	if d.trouble.Swap(nil) != nil {
		d.Log.Info("the database can be written again")
	}
}

// Trouble says why nothing can be stored at present, "" while it can.
func (d *Daemon) Trouble() string {
	if words := d.trouble.Load(); words != nil {
		return *words
	}
	return ""
}

// alive reports why the database cannot be read, nil while it can.
func (d *Daemon) alive() error { return d.DB.View(func(*store.Tx) error { return nil }) }

// ready reports why news are not stored at present, nil while they are.
func (d *Daemon) ready() error {
	if words := d.Trouble(); words != "" {
		return errors.New("nothing can be stored: " + words)
	}
	return d.alive()
}

// Present is the state that the metrics show.
func (d *Daemon) Present() (p metrics.Present, err error) {
	p = metrics.Present{Now: d.Now(), Size: d.DB.Size(), Writable: d.Trouble() == ""}
	if r := d.last.Load(); r != nil {
		p.Indexed, p.Learned = r.Indexed, r.Learned
	}
	if q := d.queue.Load(); q != nil {
		p.Queue = len(*q)
	}
	if c := d.part.Present(); c != nil {
		p.Cluster = &metrics.Cluster{Leads: c.Leads, Led: c.Leader != "", Fetchers: len(c.Fetchers), Standby: len(c.Standby), Lag: c.Lag, Orders: c.Orders, Bytes: c.Bytes}
	}
	feeds, err := ReadHealth(d.DB, d.config().Feeds, p.Now)
	for _, h := range feeds {
		p.Feeds = append(p.Feeds, metrics.Feed{URL: h.URL, Health: h.Word, Success: h.Success})
		p.Items += h.Items
	}
	return p, err
}
