package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"copytaster"
	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/table"
	"copytaster/dedupe"
	"copytaster/dedupe/clean"
	"copytaster/store"
)

func explainCommand() *cobra.Command {
	var asJSON bool
	var colour string
	cmd := &cobra.Command{
		Use: "explain A B", Short: "Show what two articles share, and whether they fold",
		Long: `Explain compares two articles, each named by a file (a page, or a text with a paragraph a line), by the address or the id of a stored
item, and shows the rule that decides, its figures, and both texts aligned: "=" stands in both, "-" only in A, "+" only in B.`,
		Example: `  copytaster explain one.txt two.txt
  copytaster explain https://a.example/story https://b.example/copy`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{fmt.Errorf("want two articles, got %d", len(args))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			a, b, o, err := twoArticles(cmd, args)
			if err != nil {
				return err
			}
			x := dedupe.Explain(o, comparable(a), comparable(b), clean.Body(a.Blocks), clean.Body(b.Blocks))
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(explanation{about(a), about(b), x.Match, x.Folds, x.Rule, x.A, x.B})
			}
			return showExplanation(cmd.OutOrStdout(), a, b, x, paints(colour, cmd.OutOrStdout()))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&colour, "color", "auto", "`WHEN` to colour: auto, always, never")
	return cmd
}

// explanation is what --json prints.
type explanation struct {
	A         side             `json:"a"`
	B         side             `json:"b"`
	Match     dedupe.Match     `json:"match"`
	Folds     bool             `json:"folds"`
	Rule      string           `json:"rule"`
	PassagesA []dedupe.Passage `json:"passages_a"`
	PassagesB []dedupe.Passage `json:"passages_b"`
}

// side names one of the articles.
type side struct {
	ID      string              `json:"id"`
	Outlet  string              `json:"outlet,omitempty"`
	Title   string              `json:"title"`
	URL     string              `json:"url,omitempty"`
	Credits []copytaster.Credit `json:"credits,omitempty"`
}

func about(it copytaster.Item) side { return side{it.ID, it.Outlet, it.Title, it.URL, it.Credits} }

// comparable is the item as the rules see it, without its set.
func comparable(it copytaster.Item) dedupe.Article {
	return dedupe.Article{ID: it.ID, Outlet: it.Outlet, URL: it.URL, Title: it.Title, Published: it.Time(), Keys: it.Keys}
}

// twoArticles reads the files that the arguments name; what is no file is looked up in the configured database.
func twoArticles(cmd *cobra.Command, args []string) (a, b copytaster.Item, o dedupe.Options, err error) {
	var items [2]copytaster.Item
	var missing []int
	for i, name := range args {
		it, ok, err := readArticle(name)
		if err != nil {
			return a, b, o, err
		}
		if !ok {
			missing = append(missing, i)
		}
		items[i] = it
	}
	if len(missing) > 0 {
		if o, err = configuredFold(cmd); err != nil {
			return a, b, o, fmt.Errorf("%s is no file, and it cannot be looked up: %w", args[missing[0]], err)
		}
		err = withStore(cmd, func(tx *store.Tx) (err error) {
			for _, i := range missing {
				if items[i], err = lookUp(tx, args[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return items[0], items[1], o, err
}

func configuredFold(cmd *cobra.Command) (dedupe.Options, error) {
	cfg, err := loadConfig(cmd)
	if err != nil {
		return dedupe.Options{}, err
	}
	return daemon.FoldOptions(cfg), nil
}

// paint colours a text for a terminal, or leaves it.
type paint struct{ same, onlyA, onlyB, end string }

// paints gives the colours, none where the output is no terminal or NO_COLOR is set, unless they are wanted always.
func paints(when string, out io.Writer) paint {
	if when == "never" || when != "always" && (!table.IsTerminal(out) || os.Getenv("NO_COLOR") != "") {
		return paint{}
	}
	return paint{same: "\x1b[2m", onlyA: "\x1b[31m", onlyB: "\x1b[32m", end: "\x1b[0m"}
}

func showExplanation(out io.Writer, a, b copytaster.Item, x dedupe.Explanation, p paint) error {
	t := table.Table{Out: out}
	for _, s := range []struct {
		name string
		it   copytaster.Item
	}{{"A", a}, {"B", b}} {
		t.Printf("%s  %s  %s  %s\n", s.name, s.it.Outlet, table.Minute(s.it.Published), s.it.Title)
		for _, c := range s.it.Credits {
			t.Printf("   %s, %s: %q\n", c.Agency, c.Role, c.Evidence)
		}
	}
	verdict := "They do not fold"
	if x.Folds {
		verdict = "They fold"
	}
	t.Printf("\n%s: %s.\n", verdict, x.Rule)
	t.Printf("%d %% of A stands in B, %d %% of B in A; resemblance %.2f; %d shingles shared outside of quotations.\n\n",
		table.Percent(x.Match.ContainsA), table.Percent(x.Match.ContainsB), x.Match.Resemblance, x.Match.Shared)
	for _, l := range aligned(x) {
		colour := map[byte]string{'=': p.same, '-': p.onlyA, '+': p.onlyB}[l.sign]
		t.Printf("%s%c %s%s\n", colour, l.sign, l.text, p.end)
	}
	return t.Err
}

// aligned is both texts as one: what they share once, in the order of A, and before it what of B stands before it there.
func aligned(x dedupe.Explanation) (lines []signed) {
	next := 0
	ownUpTo := func(end int) {
		for ; next < end; next++ {
			if x.B[next].With < 0 {
				lines = append(lines, signed{'+', x.B[next].Text})
			}
		}
	}
	for _, p := range x.A {
		if p.With < 0 {
			lines = append(lines, signed{'-', p.Text})
			continue
		}
		ownUpTo(p.With)
		lines = append(lines, signed{'=', p.Text})
	}
	ownUpTo(len(x.B))
	return lines
}

// signed is a passage with where it stands: '=' in both, '-' in A only, '+' in B only.
type signed struct {
	sign byte
	text string
}
