package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"copytaster"
	"copytaster/config"
	"copytaster/fetch"
	"copytaster/store"
)

// health is a feed as status shows it.
type health struct {
	Outlet  string    `json:"outlet"`
	URL     string    `json:"url"`
	Words   string    `json:"words"`
	Well    bool      `json:"well"`
	Success time.Time `json:"last_success,omitzero"`
	Changed time.Time `json:"last_news,omitzero"`
	Next    time.Time `json:"next_poll,omitzero"`
	Items   int       `json:"items"` // stored
}

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
			feeds, err := healthOf(db, cfg.Feeds, clock())
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

// healthOf reads how the configured feeds are.
func healthOf(db *store.DB, feeds []copytaster.Feed, now time.Time) (list []health, err error) {
	states, err := loadStates(db)
	if err != nil {
		return nil, err
	}
	var counts map[string]int
	if err := db.View(func(tx *store.Tx) error { counts = tx.Counts(); return nil }); err != nil {
		return nil, err
	}
	for _, f := range feeds {
		s := states[f.URL]
		h := health{Outlet: outletName(f, s), URL: f.URL, Words: s.Words(now), Well: s.Failures == 0 && !s.Gone && !s.Suspended,
			Success: s.Success, Changed: s.Changed, Next: s.Next, Items: counts[f.URL]}
		if f.Disabled {
			h.Words, h.Next = "disabled in the configuration", time.Time{}
		}
		list = append(list, h)
	}
	return list, nil
}

// loadStates reads the states of all feeds, by address.
func loadStates(db *store.DB) (map[string]fetch.State, error) {
	states := map[string]fetch.State{}
	return states, db.View(func(tx *store.Tx) error {
		for url, b := range tx.States() {
			var s fetch.State
			if err := json.Unmarshal(b, &s); err != nil {
				return fmt.Errorf("state of %s: %w", url, err)
			}
			states[url] = s
		}
		return nil
	})
}

func outletName(f copytaster.Feed, s fetch.State) string {
	switch {
	case f.Outlet != "":
		return f.Outlet
	case s.Title != "":
		return s.Title
	}
	return f.URL
}

func showStatus(out io.Writer, db *store.DB, cfg *config.Config, feeds []health) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "OUTLET\tITEMS\tNEWS\tNEXT POLL\tHEALTH\tFEED")
	troubled, items := 0, 0
	for _, h := range feeds {
		if !h.Well {
			troubled++
		}
		items += h.Items
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\n", shorten(h.Outlet, 30), h.Items, minute(h.Changed), minute(h.Next), h.Words, h.URL)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%d feeds, %d of them in trouble; %d items in %s (%.1f MiB)\n", len(feeds), troubled, items, cfg.Database, float64(db.Size())/(1<<20))
	return err
}

// minute is a time as a table shows it.
func minute(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04")
}
