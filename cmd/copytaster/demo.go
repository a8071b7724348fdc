package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"copytaster"
	"copytaster/cmd/copytaster/newsroom"
	"copytaster/config"
	"copytaster/store"
)

// secondEdition is how long after the first the newsroom of the demo publishes its second edition; demoEvery how often it is polled.
const (
	secondEdition = 6 * time.Second
	demoEvery     = 3 * time.Second
)

func demoCommand() *cobra.Command {
	var once bool
	var dir, addr string
	cmd := &cobra.Command{
		Use: "demo", Short: "Show the whole way on a made-up newsroom",
		Long: `Demo serves a made-up newsroom on loopback, a dozen outlets in three languages that share, cut, extend and re-headline agency
copy, and runs the real thing over it. Without --once it stays up: the pages can be browsed, and a second edition comes after a few seconds.`,
		Example: "  copytaster demo --once\n  copytaster demo --listen 127.0.0.1:9000 --dir /tmp/demo",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return demo(cmd.Context(), cmd.OutOrStdout(), dir, addr, once)
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "print what was found and end")
	cmd.Flags().StringVar(&dir, "dir", "", "`DIR` for the database and the merged feeds (a new temporary folder)")
	cmd.Flags().StringVar(&addr, "listen", "127.0.0.1:8765", "`ADDR` of the pages")
	return cmd
}

func demo(ctx context.Context, out io.Writer, dir, addr string, once bool) error {
	dir, err := demoFolder(dir)
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
	g.Go(func() error { return servePress(ctx, press, room) })
	g.Go(func() error {
		defer cancel()
		return showDemo(ctx, out, room, demoConfig(room.Feeds("http://"+press.Addr().String()), dir, addr), began, once)
	})
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// servePress answers as the newsroom's outlets until ctx ends.
func servePress(ctx context.Context, l net.Listener, room *newsroom.Room) error {
	s := &http.Server{Handler: room, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// demoFolder makes the folder, a temporary one if none is named. A database from an earlier demo in it is an error: its newsroom
// had another address.
func demoFolder(dir string) (string, error) {
	if dir == "" {
		return os.MkdirTemp("", "copytaster-demo-")
	}
	if _, err := os.Stat(filepath.Join(dir, "copytaster.db")); err == nil {
		return "", fmt.Errorf("%s holds a database already (a demo wants a folder of its own)", dir)
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// demoConfig is what a configuration file would say.
func demoConfig(feeds []copytaster.Feed, dir, addr string) *config.Config {
	return &config.Config{
		Database: filepath.Join(dir, "copytaster.db"), Listen: addr, Every: demoEvery, Retention: 30 * 24 * time.Hour,
		Fetch: config.Fetch{Contact: "https://example.org/copytaster-demo", Workers: 8, PerHost: 2, Timeout: 10 * time.Second, MaxBody: 16 << 20,
			AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, FullText: copytaster.FullTextAuto},
		Feeds:   feeds,
		Stories: config.Stories{Window: 72 * time.Hour},
		Exports: []config.Export{
			{Name: "front", Title: "Front page", Formats: []string{"rss", "atom", "json"}, File: filepath.Join(dir, "front"), Limit: 100},
			{Name: "wire", Title: "Carried by two outlets or more", Formats: []string{"rss", "atom", "json"}, File: filepath.Join(dir, "wire"), Limit: 100, MinOutlets: 2},
		},
	}
}

// showDemo polls the newsroom once and prints what came of it; then, unless once, it stays up and a second edition appears.
func showDemo(ctx context.Context, out io.Writer, room *newsroom.Room, cfg *config.Config, began time.Time, once bool) (err error) {
	db, err := store.Open(cfg.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	d := &daemon{cfg: cfg, db: db, now: clock, log: slog.New(slog.DiscardHandler)}
	if _, err := d.once(ctx); err != nil {
		return err
	}
	if err := d.showResult(out, room, began); err != nil || once {
		return err
	}
	listener, err := listen(cfg)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nPages and feeds: http://%s/  (Ctrl-C ends it; a second edition comes in %v)\n", listener.Addr(), secondEdition)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.run(ctx, d.serve(listener)) })
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
func (d *daemon) showResult(out io.Writer, room *newsroom.Room, began time.Time) error {
	if err := showStories(out, d.reader(), time.Time{}); err != nil {
		return err
	}
	feeds, err := healthOf(d.db, d.cfg.Feeds, d.now())
	if err != nil {
		return err
	}
	fmt.Fprint(out, "\nFeeds in trouble (they never break or enter a merged feed)\n\n")
	for _, h := range feeds {
		if !h.Well {
			fmt.Fprintf(out, "%s  %s\n", pad(h.Outlet, 22), h.Words)
		}
	}
	fmt.Fprint(out, "\nMerged feeds\n\n")
	for _, e := range d.cfg.Exports {
		for _, format := range e.Formats {
			fmt.Fprintf(out, "%s.%s\n", e.File, format)
		}
	}
	wrong, err := d.againstTruth(room)
	if err != nil {
		return err
	}
	for _, w := range wrong {
		fmt.Fprintln(out, "wrong:", w)
	}
	_, err = fmt.Fprintf(out, "\nBeside what the newsroom knows of its stories: %d wrong. %.1f seconds.\n", len(wrong), time.Since(began).Seconds())
	return err
}
