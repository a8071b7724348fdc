// Package export writes stories as feeds that any reader takes: RSS 2.0, Atom 1.0 and JSON Feed 1.1, and the list of sources
// as OPML 2.0. It never reads a clock, a file or the network: the same stories give the same bytes, and every time in the
// output is a story's own.
package export

import (
	"bytes"

	"copytaster/export/safe"
)

// Channel describes a feed as a whole. Texts are plain; addresses that no feed may hold are left out.
type Channel struct {
	Title       string // empty: "Copytaster"
	Description string // empty: the title
	Link        string // address of the HTML page of this view; empty: Self, then ID
	Self        string // the feed's own address; empty for a file that has none (validators then miss it)
	ID          string // what the feed is for ever: a tag: or http(s) address, or any name an id is made of; empty: Self, Link, Title
	Language    string // BCP 47; empty or unknown: none is named

	// Host is the domain name in the stories' ids, tag:HOST,YYYY:story/ID (RFC 4151). It says who mints the ids, not where the
	// feed lies, so it must stay as it is when an address or a port changes: readers show a story again under another id.
	// Empty or not a domain name: ids are urn:uuid: (RFC 9562, version 8) made of the story's id alone, which nothing changes.
	Host string

	// Renew says with what an entry's time of change moves: RenewText, RenewOutlets, or "" with every change of the story.
	Renew string

	// Stories is what stands before a story's id in the address of its page, the link of a story whose lead has no address. Empty:
	// stories have no page.
	Stories string

	Hub     string // WebSub hub; empty: none
	Prev    string // the feed document with the next older stories (RFC 5005 prev-archive); empty: none
	Next    string // the archive with the next newer stories (RFC 5005 next-archive); only with Current
	Current string // set on an archive page: the subscription document it belongs to (RFC 5005)
}

// What moves an entry's time of change.
const (
	RenewText    = "text"    // another version takes the lead, or its outlet says that it has changed
	RenewOutlets = "outlets" // also when so many outlets carry it that a reader may want to know
)

// page is the address of a story's page, empty if there is none.
func (c Channel) page(story string) string {
	if c.Stories == "" {
		return ""
	}
	return safe.Address(c.Stories + tagSpecific(story))
}

// history is the namespace of RFC 5005.
const history = "http://purl.org/syndication/history/1.0"

// generator is how a feed names its maker.
const generator = "Copytaster"

// title is the channel's title, never empty.
func (c Channel) title() string { return or(safe.Plain(c.Title), generator) }

// home is the address of the page that belongs to the feed, or the nearest thing to it.
func (c Channel) home() string { return or(safe.Address(c.Link), safe.Address(c.Self), c.id()) }

// id is the feed's id for Atom: canonical, as ids are compared character by character (RFC 4287, section 4.2.6.1).
func (c Channel) id() string {
	name := or(c.ID, c.Self, c.Link, c.Title)
	if safe.IsTag(name) || safe.IsCanonical(name) {
		return name
	}
	return mint(c.Host, feedYear, "feed", name)
}

// hexReferences is a document with &amp; and &lt; in their hexadecimal form: readers that take a title for HTML and readers that take it for
// text both show the character (RSS Best Practices Profile, "Character data").
func hexReferences(doc []byte) []byte {
	out := make([]byte, 0, len(doc)+len(doc)/16)
	for len(doc) > 0 {
		i := bytes.IndexByte(doc, '&')
		if i < 0 {
			return append(out, doc...)
		}
		out = append(out, doc[:i]...)
		doc = doc[i:]
		if rest, ok := bytes.CutPrefix(doc, []byte("&amp;")); ok {
			out, doc = append(out, "&#x26;"...), rest
		} else if rest, ok := bytes.CutPrefix(doc, []byte("&lt;")); ok {
			out, doc = append(out, "&#x3C;"...), rest
		} else {
			out, doc = append(out, '&'), doc[1:]
		}
	}
	return out
}

// link is an atom:link, in Atom and, prefixed, in RSS.
type link struct {
	Rel      string `xml:"rel,attr"`
	Type     string `xml:"type,attr,omitempty"`
	Href     string `xml:"href,attr"`
	Title    string `xml:"title,attr,omitempty"`
	Length   int64  `xml:"length,attr,omitempty"`
	HrefLang string `xml:"hreflang,attr,omitempty"`
}

// links are those of the feed itself, in a feed of the given media type.
func (c Channel) links(mediaType string) (list []link) {
	for _, l := range []link{
		{Rel: "self", Type: mediaType, Href: safe.Address(c.Self)},
		{Rel: "hub", Href: safe.Address(c.Hub)},
		{Rel: "prev-archive", Type: mediaType, Href: safe.Address(c.Prev)},
		{Rel: "next-archive", Type: mediaType, Href: safe.Address(c.Next)},
		{Rel: "current", Type: mediaType, Href: safe.Address(c.Current)},
	} {
		if l.Href != "" {
			list = append(list, l)
		}
	}
	return list
}

// media is an element of Media RSS with an address.
type media struct {
	URL      string `xml:"url,attr"`
	Type     string `xml:"type,attr,omitempty"`
	FileSize int64  `xml:"fileSize,attr,omitempty"`
}

// thumbnail is the entry's picture for Media RSS, nil if it has none.
func (e entry) thumbnail() *media {
	if e.image == "" {
		return nil
	}
	return &media{URL: e.image}
}

// or gives the first string that is not empty.
func or(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
