package page

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"copytaster"
)

// Caption is the Why of a block that is a figure's caption: it is no part of the story, but names the picture's agency.
const Caption = "caption"

// Link is the Why of a block that is nothing but links to other pages: a headline of another story, "read more", a list of topics.
const Link = "link"

// maxBlocks bounds the blocks of one page. The longest of 900 saved pages has 1,550.
const maxBlocks = 20000

// Blocks cuts HTML (of a feed's item or of an article) into paragraphs, headings, list entries and quotes, in order, with a
// tolerant tokeniser and in linear time: no tree is built, unclosed and stray tags are no error. Scripts, styles, forms and
// other furniture are left out. Every block is Kept, except captions of figures, which come with Why set to Caption.
// Text without any tag comes back as one block for each of its paragraphs.
func Blocks(source string) []copytaster.Block {
	var c cutter
	if !c.simple(source) {
		return tokenised(source)
	}
	c.end()
	return c.blocks
}

// tokenised is Blocks by a tokeniser.
func tokenised(source string) []copytaster.Block {
	c := cutter{z: html.NewTokenizer(strings.NewReader(source))}
	for c.next() {
	}
	c.end()
	return c.blocks
}

// blocksOf cuts elements, with what is in them, into blocks as Blocks does their HTML.
func blocksOf(nodes ...*html.Node) []copytaster.Block {
	var c cutter
	for _, n := range nodes {
		c.walk(n)
	}
	c.end()
	return c.blocks
}

// walk takes one node. Furniture is passed over: in a tree it has an end.
func (c *cutter) walk(n *html.Node) {
	a := atom.Lookup([]byte(n.Data)) // Readability gives elements other names, but not the atoms of these
	switch {
	case n.Type == html.TextNode:
		c.add(n.Data)
		return
	case n.Type == html.CommentNode || n.Type == html.DoctypeNode || len(c.blocks) > maxBlocks:
		return
	case isFurniture(a):
		c.end()
		return
	case a == atom.Br || a == atom.Hr:
		c.start(a)
		return
	}
	c.start(a)
	for child := range n.ChildNodes() {
		c.walk(child)
	}
	c.close(a)
}

// cutter gathers blocks from a stream of tokens.
type cutter struct {
	z       *html.Tokenizer
	blocks  []copytaster.Block
	text    strings.Builder
	space   bool // white space is due before the next word
	breaks  int  // line breaks since the last word
	quote   int  // open blockquotes
	caption int  // open captions
	mute    bool // inside the reading aid of a sign (ruby)
	link    bool // inside a link
	linked  int  // bytes of the block that are links
	listed  bool // the block is a list's entry, a table's row or a heading
	skip    atom.Atom
	depth   int                // open elements of the kind skip
	held    []copytaster.Block // what was found while skipping: wanted after all if the element never ends
}

// next handles one token and reports whether there may be more.
func (c *cutter) next() bool {
	if len(c.blocks)+len(c.held) > maxBlocks {
		return false
	}
	switch c.z.Next() {
	case html.ErrorToken:
		return false
	case html.TextToken:
		c.add(string(c.z.Text()))
	case html.StartTagToken:
		name, _ := c.z.TagName()
		c.start(atom.Lookup(name))
	case html.EndTagToken:
		name, _ := c.z.TagName()
		c.close(atom.Lookup(name))
	case html.SelfClosingTagToken:
		name, _ := c.z.TagName()
		if a := atom.Lookup(name); a == atom.Br || a == atom.Hr {
			c.start(a)
		}
	}
	return true
}

func (c *cutter) start(a atom.Atom) {
	switch {
	case a == atom.Br:
		c.lineBreak()
		return
	case isFurniture(a):
		c.end()
		if c.skip == 0 {
			c.skip = a
		}
		if c.skip == a {
			c.depth++
		}
	case isBlock(a):
		c.end()
		c.listed = isListed(a) || c.listed && a == atom.P
	}
	switch a {
	case atom.Blockquote, atom.Q:
		c.quote += btoi(a == atom.Blockquote)
	case atom.Figcaption:
		c.caption++
	case atom.Td, atom.Th:
		c.space = true
	case atom.A:
		c.link = true
	case atom.Rt, atom.Rp:
		c.mute = true
	}
}

func (c *cutter) close(a atom.Atom) {
	if isBlock(a) || isFurniture(a) {
		c.end()
	}
	switch {
	case a == atom.A:
		c.link = false
	case a == atom.Rt || a == atom.Rp || a == atom.Ruby:
		c.mute = false
	case a == atom.Blockquote:
		c.quote = max(0, c.quote-1)
	case a == atom.Figcaption || a == atom.Figure:
		c.caption = max(0, c.caption-1)
	case c.skip != 0 && a == c.skip:
		if c.depth--; c.depth == 0 {
			c.skip, c.held = 0, nil
		}
	}
}

// lineBreak ends the block at the second break in a row; a single one is white space.
func (c *cutter) lineBreak() {
	c.space = true
	if c.breaks++; c.breaks > 1 {
		c.end()
	}
}

// add appends text with its white space collapsed.
func (c *cutter) add(text string) {
	if c.mute {
		return
	}
	if c.text.Len() == 0 {
		c.text.Grow(len(text))
	}
	for i := 0; i < len(text); {
		n := 1
		switch b := text[i]; {
		case b > ' ' && b < 0x7F:
			n = plainRun(text[i:], !c.link)
			c.write(text[i : i+n])
		case b < utf8.RuneSelf:
			c.space = c.space || unicode.IsSpace(rune(b))
		default:
			var r rune
			if r, n = utf8.DecodeRuneInString(text[i:]); unicode.IsSpace(r) {
				c.space = true
			} else if r != '\u00ad' && r != '\u200b' && r != '\ufeff' && !unicode.IsControl(r) {
				c.write(string(r))
			}
		}
		i += n
	}
}

// plainRun is how many bytes of visible ASCII begin the text, and with them, if they may be, single spaces between words of it.
func plainRun(text string, spaces bool) int {
	n := 1
	for n < len(text) && text[n] < 0x7F && (text[n] > ' ' || spaces && text[n] == ' ' && n+1 < len(text) && text[n+1] > ' ' && text[n+1] < 0x7F) {
		n++
	}
	return n
}

// write appends what is no white space.
func (c *cutter) write(s string) {
	if c.space && c.text.Len() > 0 {
		c.text.WriteByte(' ')
	}
	c.text.WriteString(s)
	if c.link {
		c.linked += len(s)
	}
	c.space, c.breaks = false, 0
}

// end closes the block under way, if it holds a letter or digit.
func (c *cutter) end() {
	defer c.reset()
	text := c.text.String()
	if strings.IndexFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
		return
	}
	b := copytaster.Block{Text: text, Quote: c.quote > 0, Kept: true}
	switch {
	case c.caption > 0:
		b.Kept, b.Why = false, Caption
	case !c.listed && c.linked > 0 && c.linked*10 >= (len(text)-strings.Count(text, " "))*9:
		b.Kept, b.Why = false, Link
	}
	if c.skip != 0 {
		c.held = append(c.held, b)
		return
	}
	c.blocks = append(c.blocks, b)
}

func (c *cutter) reset() {
	c.text.Reset()
	c.space, c.breaks, c.linked, c.mute = false, 0, 0, false
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// isFurniture tells the elements whose text is never part of a story.
func isFurniture(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Head, atom.Title, atom.Iframe, atom.Object, atom.Audio, atom.Video, atom.Svg,
		atom.Button, atom.Select, atom.Textarea, atom.Nav, atom.Form, atom.Dialog:
		return true
	}
	return false
}

// isListed tells the elements whose text may well be a link and yet belong to the story.
func isListed(a atom.Atom) bool {
	switch a {
	case atom.Li, atom.Dd, atom.Dt, atom.Tr, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// isBlock tells the elements that begin and end a block of text.
func isBlock(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Dt, atom.Dd,
		atom.Blockquote, atom.Pre, atom.Table, atom.Tr, atom.Caption, atom.Article, atom.Section, atom.Aside, atom.Header, atom.Footer,
		atom.Main, atom.Figure, atom.Figcaption, atom.Hr, atom.Address, atom.Details, atom.Summary, atom.Center, atom.Body, atom.Html:
		return true
	}
	return false
}
