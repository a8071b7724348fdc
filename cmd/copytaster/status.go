package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/table"
	"copytaster/config"
	"copytaster/store"
)

func statusCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status", Short: "Say how every feed is, in words",
		Example: "  copytaster status\n  copytaster status --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, db, err := openConfigured(cmd)
			if err != nil {
				return err
			}
			defer db.Close()
			feeds, err := daemon.ReadHealth(db, cfg.Feeds, daemon.Clock())
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(feeds)
			}
			return showStatus(cmd.OutOrStdout(), db, cfg, feeds)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func showStatus(out io.Writer, db *store.DB, cfg *config.Config, feeds []daemon.Health) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "OUTLET\tITEMS\tNEWS\tNEXT POLL\tHEALTH\tFEED")
	troubled, items := 0, 0
	for _, h := range feeds {
		if !h.Well {
			troubled++
		}
		items += h.Items
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\n", table.Shorten(h.Outlet, 30), h.Items, table.Minute(h.Changed), table.Minute(h.Next), h.Words, h.URL)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%d feeds, %d of them in trouble; %d items in %s (%.1f MiB)\n", len(feeds), troubled, items, cfg.Database, float64(db.Size())/(1<<20))
	return err
}
