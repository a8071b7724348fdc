package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/metrics"
	"copytaster/cmd/copytaster/table"
	"copytaster/config"
	"copytaster/store"
)

func runCommand() *cobra.Command {
	var once bool
	var now string
	cmd := &cobra.Command{
		Use: "run", Short: "Poll, fold, export and serve until stopped",
		Long: `Run is the daemon: it polls the configured feeds as their servers wish, folds what comes into stories, writes the merged feeds to the
configured files and serves them, with pages, at the configured address. With nats in the configuration it schedules or stands by, and copytaster fetcher polls. It stops cleanly at SIGINT or SIGTERM. A feed that
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
			name, err := cmd.Flags().GetString("config")
			if err != nil {
				return err
			}
			d, err := newDaemon(name, at, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			defer collectGarbage()()
			if once && d.Config.NATS.URL != "" {
				err = usageError{errors.New("--once polls by itself: leave nats out of the configuration, or --once out of the call")}
			} else if once {
				err = runOnce(cmd.Context(), d, cmd.OutOrStdout())
			} else {
				err = runFor(cmd.Context(), d, cmd.OutOrStdout())
			}
			return errors.Join(err, d.DB.Close())
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "poll what is due, ingest, export and end")
	cmd.Flags().StringVar(&now, "now", "", "set the clock to `TIME` (RFC 3339), for tests and replays")
	return cmd
}

// newDaemon is the daemon as the configuration file says, on its database, which the caller closes.
func newDaemon(name string, now func() time.Time, stderr io.Writer) (*daemon.Daemon, error) {
	cfg, err := config.Load(name)
	if err != nil {
		return nil, err
	}
	db, err := openOrMake(cfg)
	if err != nil {
		return nil, err
	}
	level := new(slog.LevelVar)
	level.Set(cfg.Log.Level)
	return &daemon.Daemon{Config: cfg, File: name, DB: db, Now: now, Version: version(), Log: logTo(stderr, level, cfg.Log.JSON), Level: level,
		FirstFill: table.Progress(stderr, "first fill", "feeds")}, nil
}

// openOrMake opens the database, or makes it. Not the folder that it lies in: one that is gone may be a disk that is not there today.
func openOrMake(cfg *config.Config) (*store.DB, error) {
	return store.OpenWith(cfg.Database, store.Options{MaxSize: cfg.MaxSize})
}

// logTo is the daemon's log as configured; its level can change.
func logTo(w io.Writer, level slog.Leveler, asJSON bool) *slog.Logger {
	opt := &slog.HandlerOptions{Level: level}
	if asJSON {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}

// clockFrom is the clock that starts at the time now and then runs as usual; the system's if now is empty.
func clockFrom(now string) (func() time.Time, error) {
	if now == "" {
		return daemon.Clock, nil
	}
	start, err := time.Parse(time.RFC3339, now)
	if err != nil {
		return nil, fmt.Errorf("--now %q: want a time such as 2026-03-01T06:00:00Z", now)
	}
	began := time.Now()
	return func() time.Time { return start.Add(time.Since(began)).UTC().Truncate(time.Second) }, nil
}

func runOnce(ctx context.Context, d *daemon.Daemon, out io.Writer) error {
	total, err := d.Once(ctx)
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	_, err = fmt.Fprintf(out, "polled %d feeds: %d new items, of which %d are copies of others; %d changed ones\n",
		total.Deliveries, total.New, total.Folded, total.Updated)
	return err
}

func runFor(ctx context.Context, d *daemon.Daemon, out io.Writer) error {
	listener, err := daemon.Listen(d.Config)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "copytaster: %d feeds; pages and merged feeds at http://%s/\n", len(d.Config.Feeds), listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	d.Metrics = metrics.New(d.Version, d.Present)
	return d.Run(ctx, d.Serve(listener), d.Obey, d.Watch, d.Notify)
}
