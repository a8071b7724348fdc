package main

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/control"
	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/keeper"
)

func resumeCommand() *cobra.Command {
	return &cobra.Command{
		Use: "resume URL", Short: "Ask a feed again that was suspended or gone",
		Long: `Resume has a feed asked again that is no longer polled: suspended, because it was not found (404) for a week, or gone for good (410).
URL is the feed's address in the configuration. A daemon that runs asks at once; without one the next run does.`,
		Example: "  copytaster resume https://news.example.org/feed.xml",
		Args:    one("URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			err = control.Ask(cmd.Context(), cfg.Database, "resume", url.Values{"url": args}, cmd.OutOrStdout())
			if !errors.Is(err, control.ErrNoDaemon) {
				return err
			}
			if cfg.NATS.URL != "" {
				return errors.New("no daemon runs that could tell those that stand by (copytaster run first)")
			}
			db, err := keeper.OpenExisting(cfg.Database)
			if err != nil {
				return err
			}
			s, err := daemon.Resume(db, cfg.Feeds, args[0], daemon.Clock())
			if err == nil {
				err = daemon.Put(db, args[0], s)
			}
			if err := errors.Join(err, db.Close()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is asked again at the next run\n", args[0])
			return err
		},
	}
}
