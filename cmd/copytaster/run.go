package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"copytaster/config"
	"copytaster/store"
	"copytaster/web"
)

func runCommand() *cobra.Command {
	var once bool
	var now string
	cmd := &cobra.Command{
		Use: "run", Short: "Poll, fold, export and serve until stopped",
		Long: `Run is the daemon: it polls the configured feeds as their servers wish, folds what comes into stories, writes the merged feeds to the
configured files and serves them, with pages, at the configured address. It stops cleanly at SIGINT or SIGTERM. A feed that
fails is no trouble of the program: copytaster status tells of it, and the exit status stays 0.`,
		Example: `  copytaster run
  copytaster run --once                             poll what is due, export, end (for cron)
  copytaster run --once --now 2026-03-01T06:00:00Z  the same as if it were that time`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := clockFrom(now)
			if err != nil {
				return usageError{err}
			}
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			db, err := openOrMake(cfg.Database)
			if err != nil {
				return err
			}
			d := &daemon{cfg: cfg, db: db, now: at, log: slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))}
			if once {
				err = d.runOnce(cmd.Context(), cmd.OutOrStdout())
			} else {
				err = d.runFor(cmd.Context(), cmd.OutOrStdout())
			}
			return errors.Join(err, db.Close())
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "poll what is due, ingest, export and end")
	cmd.Flags().StringVar(&now, "now", "", "set the clock to `TIME` (RFC 3339), for tests and replays")
	return cmd
}

// openOrMake opens the database, or makes it and the folder that it lies in.
func openOrMake(name string) (*store.DB, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, err
	}
	return store.Open(name)
}

// clock is the system's, in whole seconds: feeds have no finer times, and what is stored and shown needs none.
func clock() time.Time { return time.Now().UTC().Truncate(time.Second) }

// clockFrom is the clock that starts at the time now and then runs as usual; the system's if now is empty.
func clockFrom(now string) (func() time.Time, error) {
	if now == "" {
		return clock, nil
	}
	start, err := time.Parse(time.RFC3339, now)
	if err != nil {
		return nil, fmt.Errorf("--now %q: want a time such as 2026-03-01T06:00:00Z", now)
	}
	began := time.Now()
	return func() time.Time { return start.Add(time.Since(began)).UTC().Truncate(time.Second) }, nil
}

func (d *daemon) runOnce(ctx context.Context, out io.Writer) error {
	total, err := d.once(ctx)
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	_, err = fmt.Fprintf(out, "polled %d feeds: %d new items, %d updated, %d of the new ones copies in %d stories that changed\n",
		total.Deliveries, total.New, total.Updated, total.Folded, total.Stories)
	return err
}

func (d *daemon) runFor(ctx context.Context, out io.Writer) error {
	listener, err := listen(d.cfg)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "copytaster: %d feeds; pages and merged feeds at http://%s/\n", len(d.cfg.Feeds), listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	return d.run(ctx, d.serve(listener))
}

// listen opens the configured address, and notes in the configuration which port it got if any would do (port 0).
func listen(cfg *config.Config) (net.Listener, error) {
	l, err := net.Listen("tcp", cfg.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen: %s is taken (by another copytaster? give another address)", cfg.Listen)
	}
	if err == nil && strings.HasSuffix(cfg.Listen, ":0") {
		cfg.Listen = l.Addr().String()
	}
	return l, err
}

// serve answers on the listener until ctx ends, then lets running answers finish for two seconds.
func (d *daemon) serve(l net.Listener) func(context.Context) error {
	s := web.Server(d.handler())
	return func(ctx context.Context) error { return serveUntil(ctx, l, s) }
}

func serveUntil(ctx context.Context, l net.Listener, s *http.Server) error {
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := s.Shutdown(patience); err != nil {
		return s.Close()
	}
	return nil
}
