package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/ingest"
	"copytaster/cmd/copytaster/table"
	"copytaster/dedupe/clean"
	"copytaster/store"
)

func boilerplateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "boilerplate OUTLET", Short: "List the standing lines learned of an outlet",
		Long: `Boilerplate lists the paragraphs that an outlet puts around its articles, as learned from them: in how many independent stories each
stood, since when, until when. Pin one with keep: or strip: under outlets: in the configuration, then run copytaster refold.`,
		Example: `  copytaster boilerplate "Example Herald"`,
		Args:    one("OUTLET"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, func(tx *store.Tx) error {
				learner := ingest.ReadLearner(tx)
				if !learner.Knows(args[0]) {
					return fmt.Errorf("no article of %q was seen yet (copytaster status names the outlets)", args[0])
				}
				return showLearned(cmd.OutOrStdout(), args[0], learner.Learned(args[0]))
			})
		},
	}
}

func showLearned(out io.Writer, outlet string, lines []clean.Line) error {
	t := table.Table{Out: out}
	t.Printf("%s: %d standing lines\n", outlet, len(lines))
	for _, l := range lines {
		t.Printf("%4.0f stories, %s to %s  %s\n", l.Stories, l.First.Format("2006-01-02"), l.Last.Format("2006-01-02"), l.Text)
	}
	return t.Err
}
