package feed

import (
	"errors"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	rootTag = regexp.MustCompile(`^(?i)<\s*(?:[a-z_][\w.-]*:)?(?:rss|rdf|feed|channel)[\s>/]`)
	itemTag = regexp.MustCompile(`(?i)<(?:item|entry)[\s>]`)
	pageTag = regexp.MustCompile(`(?i)<(?:!doctype\s+html|html|head|body|meta|title|div|p|h1)[\s>/]`)
)

// split cuts the text before the root element, which may be a declaration, a DTD, blank lines, warnings of a program or junk. A
// JSON object has no prolog.
func split(text, base string) (prolog, root string, err error) {
	text = strings.TrimLeft(text, " \t\r\n\x00\uFEFF")
	if strings.HasPrefix(text, "{") {
		return "", text, nil
	}
	if at := rootAt(text); at >= 0 {
		return text[:at], text[at:], nil
	}
	page1 := pageTag.FindStringIndex(text)
	if at := itemTag.FindStringIndex(text); at != nil && page1 == nil {
		return "", text[at[0]:], nil
	}
	if page1 != nil {
		return "", "", page(text, base)
	}
	return "", "", errors.New("neither RSS, Atom nor JSON Feed")
}

// rootAt is where the root element begins, outside of comments and instructions; -1 if there is none.
func rootAt(text string) int {
	for i := 0; ; {
		next := strings.IndexByte(text[i:], '<')
		if next < 0 {
			return -1
		}
		i += next
		if rootTag.MatchString(text[i:min(len(text), i+80)]) {
			return i
		}
		step := 1
		for _, m := range [][2]string{{"<!--", "-->"}, {"<?", "?>"}} {
			if strings.HasPrefix(text[i:], m[0]) {
				if end := strings.Index(text[i:], m[1]); end >= 0 {
					step = end + len(m[1])
				}
			}
		}
		i += step
	}
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
				e.Feeds = append(e.Feeds, resolve(base, href))
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
