package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/ingest"
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
			d := &daemon{cfg: cfg, db: db, now: clock, log: slog.New(slog.DiscardHandler)}
			changes, err := d.desk().Refold(clock(), dry, progress(cmd.ErrOrStderr(), "refold"))
			if err == nil && !dry && len(changes) > 0 {
				err = d.export()
			}
			return errors.Join(err, showChanges(cmd.OutOrStdout(), changes, dry), db.Close())
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would change, write nothing")
	return cmd
}

func showChanges(out io.Writer, changes []ingest.Change, dry bool) error {
	t := table{out: out}
	for _, c := range changes {
		what := "split off"
		if len(c.Before) > 1 {
			what = fmt.Sprintf("joined from %d stories", len(c.Before))
		}
		t.printf("%s  %-24s %2d items  %s\n", c.Story, what, c.Items, shorten(c.Title, 70))
	}
	verb := "changed"
	if dry {
		verb = "would change"
	}
	t.printf("%d stories %s\n", len(changes), verb)
	return t.err
}

// progress shows how far long work is: a bar on a terminal, a line every tenth otherwise.
func progress(out io.Writer, what string) func(done, total int) {
	terminal := false
	if f, ok := out.(*os.File); ok {
		info, err := f.Stat()
		terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	last := -1
	return func(done, total int) {
		tenth := done * 10 / max(total, 1)
		switch {
		case terminal:
			fmt.Fprintf(out, "\r%s [%-20s] %d of %d", what, strings.Repeat("#", done*20/max(total, 1)), done, total)
			if done == total {
				fmt.Fprintln(out)
			}
		case tenth > last:
			fmt.Fprintf(out, "%s: %d of %d items\n", what, done, total)
		}
		last = tenth
	}
}
