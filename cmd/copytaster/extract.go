package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"copytaster"
	"copytaster/cmd/copytaster/daemon"
	"copytaster/dedupe/clean"
	"copytaster/fetch/page"
)

type extractIn struct {
	ID          string `json:"id"`
	URL         string `json:"url"`
	ContentType string `json:"content_type"`
	HTML        []byte `json:"html"`
}

type extractOut struct {
	ID      string             `json:"id"`
	Title   string             `json:"title"`
	Text    string             `json:"text"` // kept blocks, one a line
	Blocks  []copytaster.Block `json:"blocks"`
	Credits []credit           `json:"credits"`
	Place   string             `json:"place,omitempty"` // where it was filed, by its dateline
	Notes   []string           `json:"notes,omitempty"` // corrections and stamps of time, cut from the text
	Engine  string             `json:"engine"`
	Error   string             `json:"error,omitempty"`
}

// credit is a copytaster.Credit as the pipes print it.
type credit struct {
	Agency   string          `json:"agency"`
	Role     copytaster.Role `json:"role"`
	Evidence string          `json:"evidence,omitempty"`
}

func extractCommand() *cobra.Command {
	var batch bool
	var q extractIn
	cmd := &cobra.Command{
		Use: "extract [FILE]", Short: "Find the article on a web page",
		Long: `Extract reads one HTML page from FILE or standard input and prints the article without what the outlet put around it. With
--batch it reads JSON lines {"id", "url", "content_type", "html": base64} and prints a JSON line for each.`,
		Example: `  copytaster extract --url https://example.org/story saved.html
  copytaster extract --batch < pages.jsonl > articles.jsonl`,
		Args: fileOr(&batch),
		RunE: func(cmd *cobra.Command, args []string) error {
			lexicon := clean.Default()
			if batch {
				return answer(cmd.InOrStdin(), cmd.OutOrStdout(), func(q extractIn) extractOut { return extract(lexicon, q) })
			}
			body, err := readInput(cmd, args)
			if err != nil {
				return err
			}
			q.HTML = body
			a := extract(lexicon, q)
			if a.Error != "" {
				return fmt.Errorf("%s: %s", inputName(args), a.Error)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s\n", a.Title)
			return showBlocks(cmd, a.Blocks, a.Credits, a.Place)
		},
	}
	cmd.Flags().BoolVar(&batch, "batch", false, "JSON lines in, JSON lines out")
	cmd.Flags().StringVar(&q.URL, "url", "", "`ADDRESS` of the page")
	cmd.Flags().StringVar(&q.ContentType, "content-type", "text/html", "its Content-Type `HEADER`")
	return cmd
}

func extract(lexicon *clean.Lexicon, q extractIn) extractOut {
	a, err := page.Extract(q.HTML, q.ContentType, q.URL, page.Hint{Boilerplate: daemon.Boilerplate})
	if err != nil {
		return extractOut{ID: q.ID, Error: err.Error()}
	}
	read := lexicon.Read(a.Blocks, clean.Rules{Title: a.Title}, clean.Meta{URL: q.URL, Publisher: a.Publisher, Authors: a.Authors, Keys: a.Keys})
	return extractOut{ID: q.ID, Title: a.Title, Text: keptText(read.Blocks), Blocks: read.Blocks, Credits: shown(read.Credits),
		Place: read.Place, Notes: read.Notes, Engine: a.Engine}
}

func shown(credits []copytaster.Credit) []credit {
	out := make([]credit, 0, len(credits))
	for _, c := range credits {
		out = append(out, credit{c.Agency, c.Role, c.Evidence})
	}
	return out
}

func keptText(blocks []copytaster.Block) string {
	var kept []string
	for _, b := range blocks {
		if b.Kept {
			kept = append(kept, b.Text)
		}
	}
	return strings.Join(kept, "\n")
}

// showBlocks prints the story, what was stripped with its reason at the left, whose copy it is and where it was filed.
func showBlocks(cmd *cobra.Command, blocks []copytaster.Block, credits []credit, place string) error {
	out := cmd.OutOrStdout()
	for _, b := range blocks {
		mark := ""
		if !b.Kept {
			mark = "[" + b.Why + "] "
		}
		fmt.Fprintf(out, "\n%s%s\n", mark, b.Text)
	}
	for _, c := range credits {
		fmt.Fprintf(out, "\n%s: %s (%q)", c.Agency, c.Role, c.Evidence)
	}
	if place != "" {
		fmt.Fprintf(out, "\nfiled in %s", place)
	}
	_, err := fmt.Fprintln(out)
	return err
}
