package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/archive"
	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/edition"
	"copytaster/cmd/copytaster/keeper"
	"copytaster/config"
	"copytaster/store"
)

var exportFormats = []string{"rss", "atom", "json", "opml", "jsonl"}

func exportCommand() *cobra.Command {
	var format, name string
	var everything bool
	cmd := &cobra.Command{
		Use: "export", Short: "Print a merged feed, the list of sources, or every item",
		Long: `Export prints to standard output, from what is stored: a merged feed (rss, atom, json) of the export named with --name, the first one
without it; the configured sources (opml); or every stored item, a JSON line each, with the id of its story (jsonl). If a daemon has the database
it is asked for a copy of its present state.`,
		Example: `  copytaster export --format atom --name front > front.atom
  copytaster export --format opml > sources.opml
  copytaster export --format jsonl > items.jsonl
  copytaster export --format jsonl --everything > all.jsonl`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(exportFormats, format) {
				return usageError{fmt.Errorf("--format %q: want %s", format, strings.Join(exportFormats, ", "))}
			}
			if everything && format != "jsonl" {
				return usageError{errors.New("--everything goes with --format jsonl")}
			}
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			return errors.Join(printExport(cmd.Context(), out, cfg, format, name, everything), out.Flush())
		},
	}
	cmd.Flags().StringVar(&format, "format", "rss", "`FORMAT`: "+strings.Join(exportFormats, ", "))
	cmd.Flags().BoolVar(&everything, "everything", false, "with jsonl: also what import needs to make the same database again")
	cmd.Flags().StringVar(&name, "name", "", "`EXPORT` of the configuration")
	return cmd
}

func printExport(ctx context.Context, w io.Writer, cfg *config.Config, format, name string, everything bool) error {
	if format == "opml" {
		return writeOPML(ctx, w, cfg)
	}
	e, err := chooseExport(cfg, name)
	if err != nil {
		return err
	}
	return keeper.View(ctx, cfg.Database, func(db *store.DB) error {
		if format == "jsonl" {
			return archive.Write(w, db, everything, nil)
		}
		stories, err := edition.Reader{DB: db, Priority: cfg.Stories.Lead}.Export(e)
		if err != nil {
			return err
		}
		p, err := daemon.Place(cfg, db)
		if err != nil {
			return err
		}
		return edition.Render(w, format, p.Channel(e, format, stories), stories)
	})
}

func chooseExport(cfg *config.Config, name string) (config.Export, error) {
	if name == "" {
		return cfg.Exports[0], nil
	}
	var names []string
	for _, e := range cfg.Exports {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return config.Export{}, fmt.Errorf("no export is named %q (there are: %s)", name, strings.Join(names, ", "))
}
