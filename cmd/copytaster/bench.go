package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/bench"
)

func benchCommand() *cobra.Command {
	o := bench.Options{Version: version()}
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure the whole program on this machine",
		Long: `Bench serves a made-up newsroom of any size on loopback, polls, cleans, folds, stores and exports it, and prints how fast that was, which
stage took the CPU, and what it took of memory and disk. It needs no configuration and touches no database but its own.`,
		Example: "  copytaster bench\n  copytaster bench --feeds 2000 --rounds 5",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Feeds < 1 || o.Rounds < 0 {
				return usageError{fmt.Errorf("--feeds must be 1 or more and --rounds 0 or more")}
			}
			return bench.Run(cmd.Context(), cmd.OutOrStdout(), o)
		},
	}
	cmd.Flags().IntVar(&o.Feeds, "feeds", 200, "`NUMBER` of outlets, with a feed each")
	cmd.Flags().IntVar(&o.Rounds, "rounds", 3, "`NUMBER` of polls with two new items a feed, after the first")
	return cmd
}
