// Package demo shows the whole way on a made-up newsroom: it serves the newsroom on loopback, runs the real program over it, and prints what
// that found beside what the newsroom knows.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"copytaster"
	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/newsroom"
	"copytaster/cmd/copytaster/table"
	"copytaster/config"
	"copytaster/store"
)

// secondEdition is how long after the first the newsroom of the demo publishes its second edition; pollEvery how often it is polled.
const (
	secondEdition = 6 * time.Second
	pollEvery     = 3 * time.Second
)

// Options say how the demo runs.
type Options struct {
	Dir     string // for the database and the merged feeds; empty: a new temporary folder
	Listen  string // address of the pages
	Once    bool   // print what was found and end
	Version string
}

// Run serves the newsroom, polls it, prints what came of it and, unless once, stays up until ctx ends.
func Run(ctx context.Context, out io.Writer, o Options) error {
	dir, err := folder(o.Dir)
	if err != nil {
		return err
	}
	began := time.Now()
	room := newsroom.New(began)
	press, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return newsroom.Serve(ctx, press, room) })
	g.Go(func() error {
		defer cancel()
		return show(ctx, out, room, configuration(room.Feeds("http://"+press.Addr().String()), dir, o.Listen), began, o)
	})
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// folder makes the folder, a temporary one if none is named. A database from an earlier demo in it is an error: its newsroom
// had another address.
func folder(dir string) (string, error) {
	if dir == "" {
		return os.MkdirTemp("", "copytaster-demo-")
	}
	if _, err := os.Stat(filepath.Join(dir, "copytaster.db")); err == nil {
		return "", fmt.Errorf("%s holds a database already (a demo wants a folder of its own)", dir)
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// configuration is what a configuration file would say.
func configuration(feeds []copytaster.Feed, dir, addr string) *config.Config {
	return &config.Config{
		Database: filepath.Join(dir, "copytaster.db"), Listen: addr, Every: pollEvery, Retention: 30 * 24 * time.Hour,
		Fetch: config.Fetch{Contact: "https://example.org/copytaster-demo", Workers: 8, PerHost: 2, Timeout: 10 * time.Second, MaxBody: 16 << 20,
			AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, FullText: copytaster.FullTextAuto},
		Feeds:   feeds,
		Stories: config.Stories{Window: 72 * time.Hour},
		Exports: []config.Export{
			{Name: "front", Title: "Front page", Formats: []string{"rss", "atom", "json"}, File: filepath.Join(dir, "front"), Limit: 100, Updated: config.UpdatedText},
			{Name: "wire", Title: "Carried by two outlets or more", Formats: []string{"rss", "atom", "json"}, File: filepath.Join(dir, "wire"), Limit: 100, MinOutlets: 2, Updated: config.UpdatedText},
		},
	}
}

// show polls the newsroom once and prints what came of it; then, unless once, it stays up and a second edition appears.
func show(ctx context.Context, out io.Writer, room *newsroom.Room, cfg *config.Config, began time.Time, o Options) (err error) {
	db, err := store.Open(cfg.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	d := &daemon.Daemon{Config: cfg, DB: db, Now: daemon.Clock, Log: slog.New(slog.DiscardHandler), Version: o.Version}
	if _, err := d.Once(ctx); err != nil {
		return err
	}
	if err := showResult(out, d, room, began); err != nil || o.Once {
		return err
	}
	listener, err := daemon.Listen(cfg)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nPages and feeds: http://%s/  (Ctrl-C ends it; a second edition comes in %v)\n", listener.Addr(), secondEdition)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.Run(ctx, d.Serve(listener)) })
	g.Go(func() error {
		select {
		case <-time.After(secondEdition):
			room.Publish(2)
			fmt.Fprintln(out, "The newsroom has published its second edition: reload the front page.")
		case <-ctx.Done():
		}
		return nil
	})
	return g.Wait()
}

// showResult prints stories, troubled feeds, how it compares with what the newsroom knows, and where the merged feeds are.
func showResult(out io.Writer, d *daemon.Daemon, room *newsroom.Room, began time.Time) error {
	if err := showStories(out, d.Reader(), time.Time{}); err != nil {
		return err
	}
	feeds, err := daemon.ReadHealth(d.DB, d.Config.Feeds, d.Now())
	if err != nil {
		return err
	}
	fmt.Fprint(out, "\nFeeds in trouble (they never break or enter a merged feed)\n\n")
	for _, h := range feeds {
		if !h.Well {
			fmt.Fprintf(out, "%s  %s\n", table.Pad(h.Outlet, 22), h.Words)
		}
	}
	fmt.Fprint(out, "\nMerged feeds\n\n")
	for _, e := range d.Config.Exports {
		for _, format := range e.Formats {
			fmt.Fprintf(out, "%s.%s\n", e.File, format)
		}
	}
	wrong, err := AgainstTruth(d.Reader(), room)
	if err != nil {
		return err
	}
	for _, w := range wrong {
		fmt.Fprintln(out, "wrong:", w)
	}
	_, err = fmt.Fprintf(out, "\nBeside what the newsroom knows of its stories: %d wrong. %.1f seconds.\n", len(wrong), time.Since(began).Seconds())
	return err
}
