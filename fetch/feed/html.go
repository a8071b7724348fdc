package feed

import (
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// policy allows what a reader of articles needs and nothing that could run.
var policy = newPolicy()

func newPolicy() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.AllowElements("figure", "figcaption", "picture", "video", "audio", "source", "time", "mark")
	p.AllowAttrs("src", "type").OnElements("video", "audio", "source")
	p.AllowAttrs("controls").OnElements("video", "audio")
	p.AllowURLSchemes("http", "https", "mailto")
	return p
}

// Sanitise returns HTML that can be shown: no script, style, frame, form, event handler or address that could run code.
func Sanitise(html string) string {
	if !strings.ContainsAny(html, "<>&") {
		return html
	}
	return policy.Sanitize(html)
}

// Sanitise makes the HTML of all titles, summaries and contents safe to show.
func (d *Document) Sanitise() {
	for i := range d.Entries {
		n := &d.Entries[i]
		n.Title, n.Summary, n.Content = Sanitise(n.Title), Sanitise(n.Summary), Sanitise(n.Content)
	}
}

// plain is the text of HTML: tags that HTML knows go, entities are decoded once, blanks collapse.
func plain(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return strings.Join(strings.Fields(s), " ")
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(b.String()), " ")
		case html.TextToken:
			b.WriteString(html.UnescapeString(string(z.Raw())))
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			name, _ := z.TagName()
			if atom.Lookup(name) == 0 {
				b.WriteString(raw)
			} else if blockTag(atom.Lookup(name)) {
				b.WriteByte(' ')
			}
		}
	}
}

// blockTag reports whether the tag parts words.
func blockTag(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Br, atom.Div, atom.Li, atom.Td, atom.Th, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Hr, atom.Img, atom.Tr:
		return true
	}
	return false
}
