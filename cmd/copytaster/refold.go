package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/ingest"
	"copytaster/cmd/copytaster/table"
)

func refoldCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use: "refold", Short: "Fold all stored items again with the present rules and corrections",
		Long: `Refold cleans and folds everything that is stored again: after an update of the program, or a change of outlets: or stories: in the
configuration. Stories keep their ids; it says which ones changed. With --dry-run nothing is written.`,
		Example: "  copytaster refold --dry-run\n  copytaster refold",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, db, err := openConfigured(cmd)
			if err != nil {
				return err
			}
			d := &daemon.Daemon{Config: cfg, DB: db, Now: daemon.Clock, Log: slog.New(slog.DiscardHandler), Version: version()}
			changes, err := d.Desk().Refold(daemon.Clock(), dry, table.Progress(cmd.ErrOrStderr(), "refold", "items"))
			if err == nil && !dry {
				err = d.Export()
			}
			return errors.Join(err, showChanges(cmd.OutOrStdout(), changes, dry), db.Close())
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would change, write nothing")
	return cmd
}

func showChanges(out io.Writer, changes []ingest.Change, dry bool) error {
	t := table.Table{Out: out}
	for _, c := range changes {
		what := "split off"
		if len(c.Before) > 1 {
			what = fmt.Sprintf("joined from %d stories", len(c.Before))
		}
		t.Printf("%s  %-24s %2d items  %s\n", c.Story, what, c.Items, table.Shorten(c.Title, 70))
	}
	verb := "changed"
	if dry {
		verb = "would change"
	}
	t.Printf("%d stories %s\n", len(changes), verb)
	return t.Err
}
