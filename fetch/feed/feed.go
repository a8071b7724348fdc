// Package feed reads what outlets send as a feed: bytes in, a document with its entries out. It is pure, linear in its input
// and bounded; it stands in front of and behind gofeed, which gives up on a whole feed at the first XML error and loses items
// silently. It never fetches, never reads a clock and never changes a well-formed feed for the worse.
package feed

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"copytaster/fetch/feed/charset"
	"copytaster/fetch/feed/date"
	"copytaster/fetch/feed/repair"
)

// What is refused before gofeed sees it. A 225 KB feed of nested namespace declarations keeps gofeed busy for 4 to 16 s and 1.6 GB.
const (
	maxBody  = 16 << 20 // bytes, inflated
	maxItems = 2000     // the newest are kept
)

// Document is what a feed says. Its JSON form is the neutral document of `copytaster parse --batch`: dates are Unix seconds, titles keep
// their HTML, ids stand as the feed gives them and are empty where it gives none.
type Document struct {
	Feed    Node   `json:"feed"`
	Entries []Node `json:"entries"` // never nil, in the order of the feed

	TTL      time.Duration  `json:"-"` // RSS ttl; 0: none
	Period   time.Duration  `json:"-"` // RSS 1.0 syndication module: updatePeriod / updateFrequency; 0: none
	SkipHour []int          `json:"-"` // RSS skipHours, 0 to 23 in UTC
	SkipDay  []time.Weekday `json:"-"` // RSS skipDays
	Self     string         `json:"-"` // rel=self: where the feed says it lives
	Hub      string         `json:"-"` // rel=hub: WebSub
	Previous string         `json:"-"` // RFC 5005 prev-archive or next page, JSON Feed next_url

	// Spans are hashes of the feed's entries as they stand in it, in order; nil of a JSON feed and of one that is not sound. Those that ParseNews left
	// out are Known, the others are the Entries.
	Spans []uint64 `json:"-"`
	Known []bool   `json:"-"` // beside Spans
	Head  uint64   `json:"-"` // a hash of what stands around the entries, but for dates; 0 where Spans are nil
}

// Node is the feed itself or one entry of it; fields that the feed does not give are empty.
type Node struct {
	Title       string      `json:"title,omitempty"` // may hold HTML
	Link        string      `json:"link,omitempty"`
	Links       []string    `json:"links,omitempty"`
	ID          string      `json:"id,omitempty"`
	Description string      `json:"description,omitempty"` // feed only
	Summary     string      `json:"summary,omitempty"`     // entry only
	Content     string      `json:"content,omitempty"`     // entry only
	Author      string      `json:"author,omitempty"`
	AuthorEmail string      `json:"author_email,omitempty"`
	Authors     []string    `json:"authors,omitempty"`
	Published   *int64      `json:"published,omitempty"` // Unix seconds
	Updated     *int64      `json:"updated,omitempty"`   // Unix seconds
	Categories  []string    `json:"categories,omitempty"`
	Enclosures  []Enclosure `json:"enclosures,omitempty"`
	Image       string      `json:"image,omitempty"`
	Icon        string      `json:"icon,omitempty"`
	Logo        string      `json:"logo,omitempty"`
	Rights      string      `json:"rights,omitempty"`
	Language    string      `json:"language,omitempty"` // BCP 47
	TTL         string      `json:"ttl,omitempty"`      // minutes, as given
	Comments    string      `json:"comments,omitempty"` // address
	SourceTitle string      `json:"source_title,omitempty"`
	SourceLink  string      `json:"source_link,omitempty"`
	SourceID    string      `json:"source_id,omitempty"`

	origin    string // where the article stands, if Link leads through a counter
	textTitle bool   // the title is no HTML (Atom's type text)
}

// Enclosure is a media file of an entry, its length in bytes as the feed writes it.
type Enclosure struct {
	URL    string `json:"url,omitempty"`
	Type   string `json:"type,omitempty"`
	Length string `json:"length,omitempty"`
}

// PageError says that the body is a web page, not a feed.
type PageError struct {
	Title string   // of the page
	Feeds []string // absolute addresses of the feeds that the page links to, in its order
}

// Error names the feeds found, which is what a reader needs next.
func (e *PageError) Error() string {
	if len(e.Feeds) == 0 {
		return fmt.Sprintf("this is a web page (%q), not a feed, and it links to none", e.Title)
	}
	return fmt.Sprintf("this is a web page (%q), not a feed; it links to %s", e.Title, strings.Join(e.Feeds, ", "))
}

// Parse reads an RSS 0.9x, 1.0 or 2.0, Atom 0.3 or 1.0 or JSON feed, damaged or not. contentType is the HTTP header, base the
// address it finally came from, against which relative ones are resolved. A web page gives a *PageError.
func Parse(body []byte, contentType, base string) (*Document, error) {
	return ParseNews(body, contentType, base, Last{})
}

// Last is what is known of a feed from the last time. The zero Last is nothing.
type Last struct {
	Spans []uint64               // Document.Spans
	Head  uint64                 // Document.Head
	Known func(span uint64) bool // which entries may be left out; nil: none
}

// ErrSame is returned for a feed that says what it said the last time: only dates around its entries differ.
var ErrSame = errors.New("nothing but dates around its entries changed")

// ParseNews is Parse for a caller that has read the feed before: entries whose span is known are left out of Entries, which costs hardly more than
// finding them.
func ParseNews(body []byte, contentType, base string, last Last) (*Document, error) {
	body, err := inflate(body)
	if err != nil {
		return nil, err
	}
	list := spans(body)
	head := headOf(body, list)
	if head != 0 && head == last.Head && slices.EqualFunc(list, last.Spans, func(s span, hash uint64) bool { return s.hash == hash }) {
		return nil, ErrSame
	}
	old, left := make([]bool, len(list)), len(list)
	for i, s := range list {
		if old[i] = last.Known != nil && last.Known(s.hash); old[i] {
			left--
		}
	}
	if left < len(list) {
		if d, err := parse(without(body, list, old), contentType, base); err == nil && len(d.Entries) == left {
			d.note(list, old, head)
			return d, nil
		}
	}
	d, err := parse(body, contentType, base)
	if err == nil && len(d.Entries) == len(list) {
		d.note(list, make([]bool, len(list)), head)
	}
	return d, err
}

// note keeps the spans of the entries, which of them were left out, and the hash of what is around them.
func (d *Document) note(list []span, known []bool, head uint64) {
	d.Known, d.Head = known, head
	for _, s := range list {
		d.Spans = append(d.Spans, s.hash)
	}
}

// parse reads a body that is not compressed.
func parse(body []byte, contentType, base string) (*Document, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, errors.New("the body is empty")
	}
	text := charset.Decode(body, contentType)
	prolog, root, err := split(text, base)
	if err != nil {
		return nil, err
	}
	var d *Document
	var fixed repair.Result
	switch {
	case strings.HasPrefix(root, "{"):
		d, err = parseJSON(root)
	default:
		if d, fixed, err = parseXML(repair.Slim(prolog, root, maxItems, newest)); err != nil {
			d, fixed, err = parseXML(repair.XML(prolog, root, maxItems, newest))
		}
	}
	if err != nil {
		return nil, err
	}
	d.settle(fixed, base)
	return d, nil
}

// parseXML reads what was mended with gofeed.
func parseXML(fixed repair.Result) (d *Document, _ repair.Result, err error) {
	if fixed.Root == "feed" {
		d, err = parseAtom(fixed)
	} else {
		d, err = parseRSS(fixed)
	}
	return d, fixed, err
}

// newest ranks an item by its date.
func newest(it repair.Item) int64 { return rank(it.Date) }

// rank orders dates; what is none counts as old.
func rank(s string) int64 {
	t, ok := date.Parse(s)
	if !ok {
		return 0
	}
	return t.Unix()
}
