package main

import (
	"github.com/spf13/cobra"

	"copytaster"
	"copytaster/dedupe/clean"
)

type cleanIn struct {
	ID      string   `json:"id"`
	Outlet  string   `json:"outlet"`
	URL     string   `json:"url"`
	Authors []string `json:"authors"`
	Blocks  []string `json:"blocks"`
}

type cleanOut struct {
	ID      string   `json:"id"`
	Kept    []bool   `json:"kept"`
	Why     []string `json:"why"`
	Credits []credit `json:"credits"`
	Place   string   `json:"place,omitempty"`
	Notes   []string `json:"notes,omitempty"`
}

func cleanCommand() *cobra.Command {
	var batch bool
	cmd := &cobra.Command{
		Use: "clean [FILE]", Short: "Strip boilerplate lines from a text and find its agency credits",
		Long: `Clean reads a text from FILE or standard input, a paragraph a line, and prints it with what was stripped marked by the
reason. With --batch it reads JSON lines {"id", "outlet", "url", "authors", "blocks": [text…]} and prints a JSON line for each.`,
		Example: `  copytaster clean article.txt
  copytaster clean --batch < articles.jsonl > cleaned.jsonl`,
		Args: fileOr(&batch),
		RunE: func(cmd *cobra.Command, args []string) error {
			lexicon := clean.Default()
			if batch {
				return answer(cmd.InOrStdin(), cmd.OutOrStdout(), func(q cleanIn) cleanOut {
					read := cleanBlocks(lexicon, q)
					a := cleanOut{ID: q.ID, Kept: []bool{}, Why: []string{}, Credits: shown(read.Credits), Place: read.Place, Notes: read.Notes}
					for _, b := range read.Blocks {
						a.Kept, a.Why = append(a.Kept, b.Kept), append(a.Why, b.Why)
					}
					return a
				})
			}
			body, err := readInput(cmd, args)
			if err != nil {
				return err
			}
			read := lexicon.Read(copytaster.Paragraphs(string(body)), clean.Rules{}, clean.Meta{})
			return showBlocks(cmd, read.Blocks, shown(read.Credits), read.Place)
		},
	}
	cmd.Flags().BoolVar(&batch, "batch", false, "JSON lines in, JSON lines out")
	return cmd
}

func cleanBlocks(lexicon *clean.Lexicon, q cleanIn) clean.Reading {
	blocks := make([]copytaster.Block, len(q.Blocks))
	for i, text := range q.Blocks {
		blocks[i] = copytaster.Block{Text: text, Kept: true}
	}
	return lexicon.Read(blocks, clean.Rules{}, clean.Meta{Outlet: q.Outlet, URL: q.URL, Authors: q.Authors})
}
