package page

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"

	"copytaster"
)

// candidate is one possible text of an article.
type candidate struct {
	engine string
	html   string
	blocks []copytaster.Block
	size   int // runes of the kept blocks
}

// cut makes a candidate from HTML.
func cut(engine, source string) candidate {
	c := candidate{engine: engine, html: source, blocks: Blocks(source)}
	for _, b := range c.blocks {
		if b.Kept {
			c.size += utf8.RuneCountInString(b.Text)
		}
	}
	return c
}

// gather makes the candidates of a page. It changes the tree.
func gather(doc *html.Node, base *url.URL, e evidence, hint Hint) []candidate {
	list := []candidate{
		cut("feed", hint.Content),
		cut("json-ld", paragraphs(e.ld.body)),
		readable(doc, base),
	}
	return list
}

// readable is the article as Mozilla's Readability finds it. It changes the tree.
func readable(doc *html.Node, base *url.URL) candidate {
	p := readability.NewParser()
	p.DisableJSONLD = true
	art, err := p.ParseAndMutate(doc, base)
	if err != nil || art.Node == nil {
		return candidate{}
	}
	var b strings.Builder
	if err := html.Render(&b, art.Node); err != nil {
		return candidate{}
	}
	return cut("readability", b.String())
}

// paragraphs wraps the lines of plain text into paragraphs; text with tags is left alone.
func paragraphs(text string) string {
	if strings.Contains(text, "</p>") || text == "" {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("<p>" + html.EscapeString(strings.TrimSpace(line)) + "</p>\n")
	}
	return b.String()
}

// plain is the text of a page that could not be parsed: every block long enough to be prose.
func plain(source string) candidate {
	c := cut("blocks", source)
	var kept []copytaster.Block
	for _, b := range c.blocks {
		if utf8.RuneCountInString(b.Text) >= 80 {
			kept = append(kept, b)
		}
	}
	c.blocks = kept
	return c
}

// choose takes one candidate whole.
func choose(list []candidate, hint Hint) candidate {
	best := candidate{}
	for _, c := range list {
		if c.engine == "readability" && c.size > 0 {
			return c
		}
		if c.size > best.size {
			best = c
		}
	}
	return best
}
