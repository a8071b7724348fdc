package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"copytaster"
	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/keeper"
	"copytaster/config"
	"copytaster/dedupe/clean"
	"copytaster/fetch/page"
	"copytaster/store"
)

// withStore runs f in a transaction that reads the configured database, or, where a daemon has it, a copy of its present state.
func withStore(cmd *cobra.Command, f func(*store.Tx) error) error {
	cfg, err := loadConfig(cmd)
	if err != nil {
		return err
	}
	return keeper.View(cmd.Context(), cfg.Database, func(db *store.DB) error { return db.View(f) })
}

// openConfigured reads the configuration and opens its database, which must be there already.
func openConfigured(cmd *cobra.Command) (*config.Config, *store.DB, error) {
	cfg, err := loadConfig(cmd)
	if err != nil {
		return nil, nil, err
	}
	db, err := keeper.OpenExisting(cfg.Database)
	return cfg, db, err
}

// lookUp finds a stored item by its id, the id of its story (then the story's first item) or its address.
func lookUp(tx *store.Tx, name string) (copytaster.Item, error) {
	ids := []string{name}
	if s, ok, err := tx.Story(name); err != nil {
		return copytaster.Item{}, err
	} else if ok {
		ids = s.Items
	}
	if strings.Contains(name, "://") {
		ids = tx.ByURL(copytaster.CanonicalURL(name))
	}
	for _, id := range ids {
		if it, ok, err := tx.Item(id); err == nil && ok {
			return it, nil
		}
	}
	return copytaster.Item{}, fmt.Errorf("no stored item has the id or address %q (export --format jsonl lists them)", name)
}

// readArticle makes an item of a file: an HTML page, or a text with a paragraph a line. false: there is no such file.
func readArticle(name string) (it copytaster.Item, ok bool, err error) {
	body, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return it, false, nil
	}
	if err != nil {
		return it, false, err
	}
	it = copytaster.Item{ID: name, Title: name}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		a, err := page.Extract(body, "text/html", "", page.Hint{Boilerplate: daemon.Boilerplate})
		if err != nil {
			return it, false, fmt.Errorf("%s: %w", name, err)
		}
		it.Title, it.Blocks = a.Title, a.Blocks
	} else {
		it.Blocks = copytaster.Paragraphs(string(body))
	}
	read := clean.Default().Read(it.Blocks, clean.Rules{Title: it.Title}, clean.Meta{})
	it.Blocks, it.Credits = read.Blocks, read.Credits
	return it, true, nil
}
