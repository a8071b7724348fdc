package main

import (
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"copytaster"
	"copytaster/cmd/copytaster/table"
	"copytaster/store"
)

// membership is an item of a story with why it is there.
type membership struct {
	side
	Published time.Time   `json:"published"`
	Fold      *store.Fold `json:"fold,omitempty"` // nil: the story began with it
	With      string      `json:"with,omitempty"` // the outlet of Fold.With
}

func whyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "why STORY|URL", Short: "Say why the items of a story were folded",
		Long: `Why lists the items of a stored story, named by its id, or by the id or address of one of its items, each with the rule that
folded it, the figures of that moment, and the words that name an agency.`,
		Example: "  copytaster why https://a.example/story\n  copytaster why 0123456789abcdef --json",
		Args:    one("STORY or URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, func(tx *store.Tx) error {
				it, err := lookUp(tx, args[0])
				if err != nil {
					return err
				}
				story, members, err := whyTogether(tx, tx.StoryOf(it.ID))
				if err != nil {
					return err
				}
				if asJSON {
					enc := json.NewEncoder(cmd.OutOrStdout())
					enc.SetIndent("", "  ")
					return enc.Encode(map[string]any{"story": story.ID, "published": story.Published, "items": members})
				}
				return showWhy(cmd.OutOrStdout(), story, members)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// whyTogether reads the members of a story with the folds that were recorded.
func whyTogether(tx *store.Tx, id string) (story store.Story, members []membership, err error) {
	story, ok, err := tx.Story(id)
	if err == nil && !ok {
		err = errors.New("it is in no story")
	}
	if err != nil {
		return story, nil, err
	}
	outlets := map[string]string{}
	for _, item := range story.Items {
		it, ok, err := tx.Item(item)
		if err != nil {
			return story, nil, err
		}
		if ok {
			outlets[item] = it.Outlet
			members = append(members, membership{side: about(it), Published: it.Time()})
		}
	}
	for i := range members {
		for _, f := range story.Folds {
			if f.Item == members[i].ID {
				members[i].Fold, members[i].With = &f, outlets[f.With]
			}
		}
	}
	return story, members, nil
}

func showWhy(out io.Writer, story store.Story, members []membership) error {
	t := table.Table{Out: out}
	t.Printf("story %s, published %s, %d items\n", story.ID, table.Minute(story.Published), len(members))
	for _, m := range members {
		t.Printf("\n%s  %s  %s\n", m.Outlet, table.Minute(m.Published), m.Title)
		if m.Fold == nil {
			t.Printf("   the story began here\n")
		} else {
			t.Printf("   %s, with %s: %d %% of this stands there, %d %% of that one here; resemblance %.2f; %d shingles shared\n",
				m.Fold.Rule, m.With, table.Percent(m.Fold.Contained), table.Percent(m.Fold.Contains), m.Fold.Resemblance, m.Fold.Shared)
		}
		for _, c := range m.Credits {
			if c.Role != copytaster.Photo {
				t.Printf("   %s, %s: %q\n", c.Agency, c.Role, c.Evidence)
			}
		}
	}
	return t.Err
}
