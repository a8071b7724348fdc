package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"copytaster"
	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/edition"
	"copytaster/config"
	"copytaster/export"
	"copytaster/store"
)

var exportFormats = []string{"rss", "atom", "json", "opml", "jsonl"}

func exportCommand() *cobra.Command {
	var format, name string
	cmd := &cobra.Command{
		Use: "export", Short: "Print a merged feed, the list of sources, or every item",
		Long: `Export prints to standard output, from what is stored: a merged feed (rss, atom, json) of the export named with --name, the first one
without it; the configured sources (opml); or every stored item, a JSON line each, with the id of its story (jsonl).`,
		Example: `  copytaster export --format atom --name front > front.atom
  copytaster export --format opml > sources.opml
  copytaster export --format jsonl > items.jsonl`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(exportFormats, format) {
				return usageError{fmt.Errorf("--format %q: want %s", format, strings.Join(exportFormats, ", "))}
			}
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			return errors.Join(printExport(out, cfg, format, name), out.Flush())
		},
	}
	cmd.Flags().StringVar(&format, "format", "rss", "`FORMAT`: "+strings.Join(exportFormats, ", "))
	cmd.Flags().StringVar(&name, "name", "", "`EXPORT` of the configuration")
	return cmd
}

func printExport(w io.Writer, cfg *config.Config, format, name string) error {
	if format == "opml" {
		return export.OPML(w, "Copytaster's sources", cfg.Feeds)
	}
	e, err := chooseExport(cfg, name)
	if err != nil {
		return err
	}
	db, err := openExisting(cfg.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	if format == "jsonl" {
		return printItems(w, db)
	}
	stories, err := edition.Reader{DB: db, Priority: cfg.Stories.Lead}.Export(e)
	if err != nil {
		return err
	}
	return edition.Render(w, format, edition.Channel(e, daemon.Home(cfg), format), stories)
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

// openExisting opens a database that must be there already.
func openExisting(name string) (*store.DB, error) {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database %s yet (copytaster run makes it)", name)
	}
	return store.Open(name)
}

// printItems writes every item as a JSON line with its story's id.
func printItems(w io.Writer, db *store.DB) error {
	type line struct {
		Story string `json:"story"`
		copytaster.Item
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return db.View(func(tx *store.Tx) error {
		for it, err := range tx.Items(time.Time{}) {
			if err != nil {
				return err
			}
			if err := enc.Encode(line{tx.StoryOf(it.ID), it}); err != nil {
				return err
			}
		}
		return nil
	})
}
