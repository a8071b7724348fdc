package safe

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// HTML writes HTML anew as a row of paragraphs, headings, quotations and one-level lists with only emphasis and links in them:
// whatever came in, what goes out is harmless and valid, opens and closes every element in order, and links only to whole http and
// https addresses. Pictures, tables' lines and what nests deeper than 512 elements lose their markup; their text stays.
func HTML(s string) string {
	w := flattener{}
	for _, n := range parse(s) {
		w.node(n)
	}
	w.end()
	return w.b.String()
}

// TextOf is the text of HTML without its markup.
func TextOf(s string) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		} else if !inline(n) {
			b.WriteByte(' ')
		}
		for c := range n.ChildNodes() {
			if !hidden(c) {
				walk(c)
			}
		}
	}
	for _, n := range parse(s) {
		walk(n)
	}
	return b.String()
}

// parse reads a fragment as the content of a body.
func parse(s string) []*html.Node {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(Clean(s)), body)
	if err != nil { // nested too deeply
		return []*html.Node{{Type: html.TextNode, Data: bareText(s)}}
	}
	return nodes
}

// bareText is the text between the tags, for what is no tree.
func bareText(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			b.Write(z.Text())
		default:
			b.WriteByte(' ')
		}
	}
}

// flattener holds the output and what is open in it.
type flattener struct {
	b    strings.Builder
	tag  string // the open block: p, li, h3, pre; empty if none
	wrap string // what lies around the blocks: ul, ol, blockquote; empty if nothing
}

// start opens the block in which text may stand.
func (w *flattener) start() {
	if w.tag == "" {
		w.tag = "p"
		if w.wrap == "ul" || w.wrap == "ol" {
			w.tag = "li"
		}
		w.b.WriteString("<" + w.tag + ">")
	}
}

// end closes the open block.
func (w *flattener) end() {
	if w.tag != "" {
		w.b.WriteString("</" + w.tag + ">\n")
		w.tag = ""
	}
}

func (w *flattener) node(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		w.text(n.Data)
	case n.Type != html.ElementNode || hidden(n):
	case n.DataAtom == atom.Br && w.tag != "":
		w.b.WriteString("<br>")
	case inline(n) && !holdsBlock(n):
		w.inline(n)
	default:
		w.block(n)
	}
}

func (w *flattener) text(s string) {
	s = Clean(s) // again: character references may have brought control characters
	if strings.TrimSpace(s) == "" && w.tag == "" {
		return
	}
	w.start()
	w.b.WriteString(html.EscapeString(s))
}

// inline writes an element that holds only text and such as itself. Only emphasis and whole links keep their tags.
func (w *flattener) inline(n *html.Node) {
	open, end := "", ""
	switch n.DataAtom {
	case atom.Em, atom.Strong, atom.B, atom.I, atom.Code, atom.Sub, atom.Sup, atom.Cite, atom.Small:
		open, end = "<"+n.Data+">", "</"+n.Data+">"
	case atom.A:
		if href := Address(attr(n, "href")); href != "" {
			open, end = `<a href="`+html.EscapeString(href)+`">`, "</a>"
		}
	}
	if open != "" {
		w.start()
		w.b.WriteString(open)
	}
	for c := range n.ChildNodes() {
		w.node(c)
	}
	w.b.WriteString(end)
}

// block writes an element that stands for itself.
func (w *flattener) block(n *html.Node) {
	w.end()
	outer := w.wrap
	switch n.DataAtom {
	case atom.Ul, atom.Ol, atom.Blockquote:
		if w.wrap == "" {
			w.wrap = n.Data
			w.b.WriteString("<" + n.Data + ">\n")
		}
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		if w.wrap == "" {
			w.tag = "h4"
			w.b.WriteString("<h4>")
		}
	}
	for c := range n.ChildNodes() {
		w.node(c)
	}
	w.end()
	if w.wrap != outer {
		w.b.WriteString("</" + w.wrap + ">\n")
		w.wrap = outer
	}
}

// inline reports whether the element stands within a line.
func inline(n *html.Node) bool {
	return slices.Contains([]atom.Atom{atom.A, atom.Abbr, atom.B, atom.Bdi, atom.Bdo, atom.Cite, atom.Code, atom.Del, atom.Dfn, atom.Em,
		atom.Font, atom.I, atom.Ins, atom.Kbd, atom.Mark, atom.Q, atom.S, atom.Samp, atom.Small, atom.Span, atom.Strike, atom.Strong,
		atom.Sub, atom.Sup, atom.Time, atom.Tt, atom.U, atom.Var, atom.Wbr, atom.Br}, n.DataAtom)
}

// hidden reports whether the element's content is nothing to read.
func hidden(n *html.Node) bool {
	return slices.Contains([]atom.Atom{atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Svg, atom.Math, atom.Object,
		atom.Select, atom.Textarea, atom.Title, atom.Head, atom.Img}, n.DataAtom)
}

// holdsBlock reports whether an element that is not inline lies in n.
func holdsBlock(n *html.Node) bool {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && !inline(c) && !hidden(c) {
			return true
		}
	}
	return false
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
