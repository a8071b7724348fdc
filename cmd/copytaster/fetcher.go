package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/relay"
	"copytaster/cmd/copytaster/relay/fetcher"
	"copytaster/fetch"
)

func fetcherCommand() *cobra.Command {
	var o relay.Options
	var workers int
	cmd := &cobra.Command{
		Use: "fetcher --nats URL", Short: "Poll for a daemon on another machine",
		Long: `Fetcher takes orders over NATS JetStream from the copytaster run that leads there (nats in its configuration), polls, fetches article pages, and gives back what came.
It keeps nothing and needs no configuration: how to poll, the daemon says. Any number of them share the hosts among them, one host to one of them at a
time; what one that dies had not given back, another fetches. It stops cleanly at SIGINT or SIGTERM.`,
		Example: `  copytaster fetcher --nats nats://news.example.org:4222
  copytaster fetcher --nats nats://a:4222,nats://b:4222,nats://c:4222 --creds fetcher.creds --workers 64`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.URL == "" {
				return usageError{errors.New("--nats says where: nats://HOST:4222")}
			}
			if workers < 1 || workers > 10_000 {
				return usageError{errors.New("--workers lies between 1 and 10000")}
			}
			o.Log = logTo(cmd.ErrOrStderr(), slog.LevelInfo, false)
			err := runFetcher(cmd.Context(), o, workers)
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		},
	}
	cmd.Flags().StringVar(&o.URL, "nats", "", "`URL` of a NATS server, or of several with commas between")
	cmd.Flags().StringVar(&o.Creds, "creds", "", "`FILE` with the user's credentials")
	cmd.Flags().StringVar(&o.CA, "tls-ca", "", "`FILE` with the authority that the server's certificate is checked against")
	cmd.Flags().StringVar(&o.Cert, "tls-cert", "", "`FILE` with our certificate")
	cmd.Flags().StringVar(&o.Key, "tls-key", "", "`FILE` with its key")
	cmd.Flags().StringVar(&o.Stream, "stream", "copytaster", "`NAME` of the stream, as in the daemon's configuration")
	cmd.Flags().StringVar(&o.Name, "name", "", "`NAME` under which status shows this fetcher (default the machine's)")
	cmd.Flags().IntVar(&workers, "workers", 32, "polls at a time")
	return cmd
}

// runFetcher polls until ctx ends.
func runFetcher(ctx context.Context, o relay.Options, workers int) error {
	r, err := relay.Open(ctx, o)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := r.Find(ctx); err != nil {
		return err
	}
	f := fetcher.New(fetcher.Options{Relay: r, Workers: workers, Log: o.Log,
		Poll: fetch.Options{Version: version(), Now: daemon.Clock, Boilerplate: daemon.Boilerplate}})
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.Roles().Run(ctx) })
	g.Go(func() error { return f.Run(ctx) })
	return g.Wait()
}
