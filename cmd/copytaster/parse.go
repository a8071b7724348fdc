package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/table"
	"copytaster/fetch/feed"
)

type parseIn struct {
	Body        []byte `json:"body"`
	ContentType string `json:"content_type"`
	URL         string `json:"url"`
}

// parseOut is the neutral document: with OK false, Error says why and the rest is empty.
type parseOut struct {
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
	feed.Document
}

func parseCommand() *cobra.Command {
	var batch, safe bool
	var q parseIn
	cmd := &cobra.Command{
		Use: "parse [FILE]", Short: "Read a feed and show what is in it",
		Long: `Parse reads one feed from FILE or standard input and prints its entries. With --batch it reads JSON lines
{"body": base64, "content_type", "url"} and prints a JSON document for each.`,
		Example: `  copytaster parse saved.xml
  curl -s https://example.org/feed.xml | copytaster parse --url https://example.org/feed.xml
  copytaster parse --batch --safe < feeds.jsonl > documents.jsonl`,
		Args: fileOr(&batch),
		RunE: func(cmd *cobra.Command, args []string) error {
			if batch {
				return answer(cmd.InOrStdin(), cmd.OutOrStdout(), func(q parseIn) parseOut { return parse(q, safe) })
			}
			body, err := readInput(cmd, args)
			if err != nil {
				return err
			}
			q.Body = body
			d := parse(q, safe)
			if !d.OK {
				return fmt.Errorf("%s: %s", inputName(args), d.Error)
			}
			return showFeed(cmd.OutOrStdout(), d)
		},
	}
	cmd.Flags().BoolVar(&batch, "batch", false, "JSON lines in, JSON lines out")
	cmd.Flags().BoolVar(&safe, "safe", false, "sanitise HTML")
	cmd.Flags().StringVar(&q.URL, "url", "", "`ADDRESS` the feed came from, for relative links")
	cmd.Flags().StringVar(&q.ContentType, "content-type", "", "its Content-Type `HEADER`")
	return cmd
}

func parse(q parseIn, safe bool) parseOut {
	d, err := feed.Parse(q.Body, q.ContentType, q.URL)
	if err != nil {
		return parseOut{Error: err.Error()}
	}
	if safe {
		d.Sanitise()
	}
	return parseOut{OK: true, Document: *d}
}

func showFeed(out io.Writer, d parseOut) error {
	fmt.Fprintf(out, "%s\n%s\n%d entries\n\n", d.Feed.Title, d.Feed.Link, len(d.Entries))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, e := range d.Entries {
		when := "no date"
		if e.Published != nil {
			when = time.Unix(*e.Published, 0).UTC().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", when, table.Shorten(e.Title, 70), e.Link)
	}
	return w.Flush()
}

// readInput reads the file that the arguments name, or standard input. Nothing at all is an error.
func readInput(cmd *cobra.Command, args []string) (body []byte, err error) {
	if len(args) == 0 || args[0] == "-" {
		body, err = io.ReadAll(cmd.InOrStdin())
	} else {
		body, err = os.ReadFile(args[0])
	}
	if err == nil && len(body) == 0 {
		err = fmt.Errorf("%s is empty", inputName(args))
	}
	return body, err
}

func inputName(args []string) string {
	if len(args) == 0 || args[0] == "-" {
		return "standard input"
	}
	return args[0]
}
