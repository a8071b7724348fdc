package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/control"
	"copytaster/fetch"
	"copytaster/store"
)

// calls are what the daemon answers other commands, which find the database taken. Each runs beside polls and ingest.
func (d *Daemon) calls() control.Calls {
	return control.Calls{
		"reload":   d.answerReload,
		"resume":   d.answerResume,
		"snapshot": d.answerSnapshot,
		"compact":  d.answerCompact,
		"status":   d.answerStatus,
	}
}

// Obey is a side of Run that answers calls until ctx ends. Without a socket the daemon works on: it says so, and only other commands miss it.
func (d *Daemon) Obey(ctx context.Context) error {
	l, err := control.Listen(d.config().Database)
	if err != nil {
		d.Log.Warn("no control socket: other commands cannot ask this daemon", "err", err)
		return nil
	}
	return serveUntil(ctx, l, &http.Server{Handler: control.Handler(d.calls()), ReadHeaderTimeout: 5 * time.Second})
}

// answerSnapshot gives the name of a copy of the database, which the caller removes.
func (d *Daemon) answerSnapshot(_ context.Context, _ url.Values, out io.Writer) error {
	name, err := d.DB.Snapshot()
	if err != nil {
		return err
	}
	if name, err = filepath.Abs(name); err == nil {
		_, err = fmt.Fprintln(out, name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

func (d *Daemon) answerCompact(_ context.Context, _ url.Values, out io.Writer) error {
	before := d.DB.Size()
	if err := d.DB.Compact(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%.1f MiB before, %.1f MiB now\n", float64(before)/(1<<20), float64(d.DB.Size())/(1<<20))
	return err
}

func (d *Daemon) answerStatus(_ context.Context, _ url.Values, out io.Writer) error {
	r, err := ReadReport(d.DB, d.config().Feeds, d.Now())
	if err != nil {
		return err
	}
	r.Running, r.Trouble, r.Cluster = true, d.Trouble(), d.part.Present()
	return json.NewEncoder(out).Encode(r)
}

func (d *Daemon) answerResume(ctx context.Context, args url.Values, out io.Writer) error {
	address := args.Get("url")
	s, err := Resume(d.DB, d.config().Feeds, address, d.Now())
	if err == nil && d.Config.NATS.URL != "" {
		err = d.part.Put(ctx, address, s, d.Now())
	} else if err == nil {
		err = Put(d.DB, address, s)
	}
	if err != nil {
		return err
	}
	if err := d.tell(ctx, fetch.Change{Resume: address}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s is asked again now; copytaster status says how it went\n", address)
	return err
}

// Put stores the state of a feed that was changed by hand.
func Put(db *store.DB, feed string, s fetch.State) error {
	b, err := s.Encode()
	if err != nil {
		return err
	}
	return db.Update(func(tx *store.Tx) error { return tx.SetState(feed, b) })
}

// Resume is the state of a configured feed that was suspended or gone when it is due at once. Of any other it says why there is nothing to resume.
func Resume(db *store.DB, feeds []copytaster.Feed, address string, now time.Time) (s fetch.State, err error) {
	i := slices.IndexFunc(feeds, func(f copytaster.Feed) bool { return f.URL == address })
	if i < 0 {
		return s, fmt.Errorf("no feed %s in the configuration (copytaster status lists them)", address)
	}
	if feeds[i].Disabled {
		return s, fmt.Errorf("%s is disabled in the configuration (enabled: true has it polled)", address)
	}
	states, err := states(db)
	if s = states[address]; err == nil && !s.Stopped() {
		err = fmt.Errorf("%s is neither suspended nor gone: %s", address, s.Words(now))
	}
	return s.Resume(), err
}
