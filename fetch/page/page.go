// Package page finds the article in an HTML page and cuts it into blocks. It never fetches, keeps no state and reads no clock; it
// marks only captions, all other stripping is done on its blocks by package clean.
package page

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"copytaster"
)

// maxBody is the largest page that is read, in bytes; the longest of 900 saved pages has 2.2 MB.
const maxBody = 5 << 20

// ErrNoArticle is returned for a page in which no text was found.
var ErrNoArticle = errors.New("no article in the page")

// Hint is what the caller knows of the page beforehand. The zero Hint is fine.
type Hint struct {
	Selector    string                 // CSS selector of the article; what it selects wins over every other candidate
	Title       string                 // the feed's own title
	Description string                 // the feed's own summary, plain or HTML
	Content     string                 // the feed's full HTML, a candidate
	Language    string                 // BCP 47
	Boilerplate func(line string) bool // whether a block is an outlet's standing line (a lexicon); nil: none is
}

// Article is what a page holds. Times are zero and strings empty where the page says nothing.
type Article struct {
	Title       string
	Canonical   string // address, as the page gives it
	Image       string // address of the picture that stands for the article
	Language    string // BCP 47 as a rule
	Publisher   string
	Description string
	Authors     []string
	Keys        []string // agency ids: urn:newsml:dpa.com:…, dpa:…, urn:publicid:ap.org:…
	Published   time.Time
	Updated     time.Time
	Paywalled   bool
	Blocks      []copytaster.Block // the chosen candidate's
	Engine      string             // which candidate was chosen: selector, readability, json-ld, feed, blocks
}

// Extract finds the article of a page: it decodes the body, reads what the page says of itself, gathers candidates for the text
// and chooses one of them whole. An error means that no text was found; the Article then still holds the evidence. Bodies are cut off at 5 MB.
func Extract(body []byte, contentType, address string, hint Hint) (Article, error) {
	source := decode(body[:min(len(body), maxBody)], contentType)
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		a := Article{Keys: keys(source)}
		return a.with(plain(source))
	}
	e := read(doc)
	a := e.article()
	a.Keys = keys(source)
	if hint.Selector != "" {
		if c, ok := selected(doc, hint.Selector); ok {
			return a.with(c)
		}
	}
	base, err := url.Parse(address)
	if err != nil {
		base = &url.URL{}
	}
	hint.Title, hint.Description = first(hint.Title, a.Title), first(hint.Description, a.Description)
	return a.with(best(doc, source, base, e, hint))
}

// with completes the article by the candidate.
func (a Article) with(c candidate) (Article, error) {
	a.Engine = c.engine
	for _, b := range c.captions {
		if !slices.ContainsFunc(c.blocks, func(o copytaster.Block) bool { return o.Text == b.Text }) {
			a.Blocks = append(a.Blocks, b) // before the text: where in it the picture stood is lost
		}
	}
	a.Blocks = append(a.Blocks, c.blocks...)
	if len(c.blocks) == 0 {
		return a, ErrNoArticle
	}
	return a, nil
}

// selected is what the selector selects; not ok if that is nothing, or the selector has mistakes.
func selected(doc *html.Node, selector string) (candidate, bool) {
	sel, err := cascadia.ParseGroup(selector)
	if err != nil {
		return candidate{}, false
	}
	c := candidateOf("selector", blocksOf(cascadia.QueryAll(doc, sel)...))
	return c, len(c.blocks) > 0
}

// CheckSelector says whether a CSS selector can be understood, so that a configuration can be checked before it is used.
func CheckSelector(selector string) error {
	if _, err := cascadia.ParseGroup(selector); err != nil {
		return fmt.Errorf("selector %q: %w", selector, err)
	}
	return nil
}
