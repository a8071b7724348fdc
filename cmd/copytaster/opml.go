package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/edition"
	"copytaster/cmd/copytaster/keeper"
	"copytaster/cmd/copytaster/opml"
	"copytaster/config"
	"copytaster/export"
	"copytaster/store"
)

func opmlCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "opml", Short: "Take subscriptions over from other readers, or give them away",
		Example: "  copytaster opml import subscriptions.opml\n  copytaster opml export > subscriptions.opml",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(opmlImportCommand(), opmlExportCommand())
	return cmd
}

func opmlImportCommand() *cobra.Command {
	var show bool
	cmd := &cobra.Command{
		Use: "import [FILE]", Short: "Add the feeds of an OPML list to the configuration",
		Long: `Import reads an OPML list from FILE or standard input and adds its feeds to the configuration's: folders and categories become tags,
feeds that are there already are left out, as are those that cannot be asked (each with the reason), and every other line of the file stays
as it is. With --print the configuration is not looked at.`,
		Example: "  copytaster opml import subscriptions.opml\n  copytaster opml import --print subscriptions.opml",
		Args:    atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := readInput(cmd, args)
			if err != nil {
				return err
			}
			feeds, err := opml.Read(bytes.NewReader(body))
			if err != nil {
				return fmt.Errorf("%s: %w", inputName(args), err)
			}
			feeds, left, err := opml.Usable(feeds)
			if err != nil {
				return err
			}
			for _, l := range left {
				fmt.Fprintf(cmd.ErrOrStderr(), "left out %s: %s\n", l.URL, l.Why)
			}
			if show {
				list, err := opml.Entries(feeds)
				if err == nil {
					_, err = io.WriteString(cmd.OutOrStdout(), list)
				}
				return err
			}
			name, err := cmd.Flags().GetString("config")
			if err != nil {
				return err
			}
			old, err := os.ReadFile(name)
			if err != nil {
				return fmt.Errorf("%w (copytaster init writes one)", err)
			}
			out, added, err := opml.Add(old, feeds)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if _, err := edition.WriteFile(name, func(w io.Writer) error { _, err := w.Write(out); return err }); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "added %d feeds to %s, %d were there already\n", added, name, len(feeds)-added)
			return err
		},
	}
	cmd.Flags().BoolVar(&show, "print", false, "print the feeds as YAML, change nothing")
	return cmd
}

func opmlExportCommand() *cobra.Command {
	return &cobra.Command{
		Use: "export", Short: "Print the configured feeds as OPML", Args: noArgs,
		Example: "  copytaster opml export > subscriptions.opml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			return writeOPML(cmd.Context(), cmd.OutOrStdout(), cfg)
		},
	}
}

// writeOPML prints the configured feeds, by the names that are known of them once they were polled.
func writeOPML(ctx context.Context, w io.Writer, cfg *config.Config) error {
	feeds := slices.Clone(cfg.Feeds)
	if _, err := os.Stat(cfg.Database); err == nil {
		err := keeper.View(ctx, cfg.Database, func(db *store.DB) error {
			known, err := daemon.ReadHealth(db, feeds, daemon.Clock())
			for i, h := range known {
				feeds[i].Outlet = h.Outlet
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return export.OPML(w, "Copytaster's sources", feeds)
}
