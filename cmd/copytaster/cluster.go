package main

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/cluster"
)

func clusterCommand() *cobra.Command {
	return &cobra.Command{
		Use: "cluster", Short: "Fold a corpus of articles into stories",
		Long: `Cluster reads JSON lines {"id", "outlet", "url", "published", "title", "text"} from standard input and, when its input ends, prints
for each {"id", "story", "resemblance", "contained", "contains", "lead"}: articles with the same story were folded into one.`,
		Example: "  copytaster cluster < articles.jsonl > stories.jsonl",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			defer debug.SetGCPercent(debug.SetGCPercent(bulk))
			return cluster.Run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}
