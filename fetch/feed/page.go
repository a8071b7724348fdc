package feed

import (
	"errors"
	"regexp"
	"strings"

	"copytaster/fetch/feed/markup"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	itemTag = regexp.MustCompile(`(?i)<(?:item|entry)[\s>]`)
	pageTag = regexp.MustCompile(`(?i)<(?:!doctype\s+html|html|head|body|meta|title|div|p|h1)[\s>/]`)
)

// split cuts the text before the root element, which may be a declaration, a DTD, blank lines, warnings of a program or junk. A
// JSON object has no prolog.
func split(text, base string) (prolog, root string, err error) {
	text = strings.TrimLeft(text, " \t\r\n\x00\uFEFF")
	if at := strings.IndexByte(text, '{'); at == 0 || at > 0 && at < 20 && !strings.Contains(text[:at], "<") { // )]}' and the like
		return "", text[at:], nil
	}
	if at := rootAt(text); at >= 0 {
		return text[:at], text[at:], nil
	}
	onPage := pageTag.FindStringIndex(text)
	if at := itemTag.FindStringIndex(text); at != nil && (onPage == nil || at[0] < onPage[0]) {
		return "", text[at[0]:], nil
	}
	if onPage != nil {
		return "", "", page(text, base)
	}
	return "", "", errors.New("neither RSS, Atom nor JSON Feed")
}

// rootAt is where the root element begins, outside of comments and instructions; -1 if there is none.
func rootAt(text string) int {
	open := map[string]bool{} // marks that never come
	for i := 0; ; {
		next := strings.IndexByte(text[i:], '<')
		if next < 0 {
			return -1
		}
		i += next
		if isRoot(text[i+1 : min(len(text), i+80)]) {
			return i
		}
		step := 1
		for _, m := range [][2]string{{"<!--", "-->"}, {"<?", "?>"}} {
			if !strings.HasPrefix(text[i:], m[0]) || open[m[1]] {
				continue
			}
			if end := strings.Index(text[i:], m[1]); end >= 0 {
				step = end + len(m[1])
			} else {
				open[m[1]] = true
			}
		}
		i += step
	}
}

// isRoot reports whether a tag's text, behind its <, names a root element.
func isRoot(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n")
	end := strings.IndexAny(s, " \t\r\n/>")
	if end < 0 {
		return false
	}
	name := s[:end]
	if colon := strings.IndexByte(name, ':'); colon > 0 {
		name = name[colon+1:]
	}
	for _, root := range [...]string{"rss", "rdf", "feed", "channel"} {
		if strings.EqualFold(name, root) {
			return true
		}
	}
	return false
}

// page reads the title and the feed links of a web page.
func page(text, base string) *PageError {
	e := &PageError{}
	z := html.NewTokenizer(strings.NewReader(text))
	for title := false; ; {
		switch z.Next() {
		case html.ErrorToken:
			return e
		case html.TextToken:
			if title && e.Title == "" {
				e.Title = strings.Join(strings.Fields(string(z.Text())), " ")
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			title = t.DataAtom == atom.Title
			if href := feedLink(t); href != "" && len(e.Feeds) < 20 {
				e.Feeds = append(e.Feeds, markup.Resolve(parseBase(base), href))
			}
		case html.EndTagToken:
			title = false
		}
	}
}

// feedLink is the address in a link element that announces a feed, else empty.
func feedLink(t html.Token) string {
	at := map[string]string{}
	for _, a := range t.Attr {
		at[a.Key] = a.Val
	}
	kind := strings.ToLower(at["type"])
	if t.DataAtom != atom.Link || !strings.Contains(" "+strings.ToLower(at["rel"])+" ", " alternate ") {
		return ""
	}
	for _, k := range []string{"rss", "atom", "rdf+xml", "feed+json"} {
		if strings.Contains(kind, k) {
			return strings.TrimSpace(at["href"])
		}
	}
	return ""
}
