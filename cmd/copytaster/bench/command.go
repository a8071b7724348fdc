package bench

import (
	"errors"

	"github.com/spf13/cobra"
)

// Command is the command bench of the program in this version.
func Command(version string) *cobra.Command {
	o := Options{Version: version}
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure the whole program on this machine",
		Long: `Bench serves a made-up newsroom of any size on loopback, polls, cleans, folds, stores and exports it, and prints how fast that was, which
stage took the CPU, and what it took of memory and disk. It needs no configuration and touches no database but its own.`,
		Example: "  copytaster bench\n  copytaster bench --feeds 2000 --rounds 5",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 || o.Feeds < 1 || o.Rounds < 0 {
				return errors.New("bench takes --feeds of 1 or more and --rounds of 0 or more, nothing else")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return Run(cmd.Context(), cmd.OutOrStdout(), o) },
	}
	cmd.Flags().IntVar(&o.Feeds, "feeds", 200, "`NUMBER` of outlets, with a feed each")
	cmd.Flags().IntVar(&o.Rounds, "rounds", 3, "`NUMBER` of polls with two new items a feed, after the first")
	return cmd
}
