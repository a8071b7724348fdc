package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/control"
)

func reloadCommand() *cobra.Command {
	return &cobra.Command{
		Use: "reload", Short: "Have a daemon that runs read its configuration again",
		Long: `Reload has the daemon read its configuration file again, as a change of the file and SIGHUP do by themselves, and prints what changed. If
the file has mistakes it prints them, and the daemon works on as before. Only database, listen, max_size and log.format wait
for the next start.`,
		Example: "  copytaster reload",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return fmt.Errorf("nothing is reloaded: %w", err)
			}
			return control.Ask(cmd.Context(), cfg.Database, "reload", nil, cmd.OutOrStdout())
		},
	}
}
