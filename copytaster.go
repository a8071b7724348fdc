// Package copytaster is the vocabulary of the program: feeds, items and their blocks, wire credits and stories. It never
// does I/O, reads no clock and starts no goroutine; every other package speaks in these words.
package copytaster

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// FullText says when the page of an article is fetched beside the feed.
type FullText string

// The three ways of fetching article pages; the zero value means FullTextAuto.
const (
	FullTextAuto   FullText = "auto"   // only where the feed gives less than a story
	FullTextAlways FullText = "always" // for every new item
	FullTextNever  FullText = "never"  // never: the feed's own text is all there is
)

// Feed is one subscription as the configuration gives it. The zero Every and an empty Schedule mean the program's default.
type Feed struct {
	URL      string        // the key: state and items hang on the address as configured
	Outlet   string        // shown name; empty: the feed's own title, else its host
	Every    time.Duration // shortest time between polls
	Schedule string        // cron expression instead of Every
	FullText FullText
	Tags     []string
	Language string // BCP 47; empty: what the feed says
	Selector string // CSS selector of the article on the outlet's pages; empty: found by measure
	Disabled bool   // kept with its history, but not polled
}

// Item is one entry of one feed, as last seen. Facts only: what can be computed again from it is stored nowhere.
type Item struct {
	ID         string   `json:"id"`   // from ItemID, never changes
	Feed       string   `json:"feed"` // Feed.URL
	Outlet     string   `json:"outlet"`
	GUID       string   `json:"guid"`
	URL        string   `json:"url"` // canonical: no tracking parameters
	Title      string   `json:"title"`
	Authors    []string `json:"authors,omitempty"`
	Publisher  string   `json:"publisher,omitempty"` // who made it, where the feed or page says so (RSS source, JSON-LD publisher)
	Keys       []string `json:"keys,omitempty"`      // agency ids found in the page, such as urn:newsml:dpa.com:…
	Tags       []string `json:"tags,omitempty"`      // the feed's tags
	Categories []string `json:"categories,omitempty"`
	Language   string   `json:"language,omitempty"`

	Published time.Time `json:"published,omitzero"` // zero: the outlet gave none
	Updated   time.Time `json:"updated,omitzero"`
	Seen      time.Time `json:"seen"` // when it was first fetched, never zero once stored

	Enclosures []Enclosure `json:"enclosures,omitempty"`
	Image      string      `json:"image,omitempty"`
	HTML       string      `json:"html,omitempty"` // sanitised; none where Blocks have kept text
	Blocks     []Block     `json:"blocks,omitempty"`
	Credits    []Credit    `json:"credits,omitempty"`
	Place      string      `json:"place,omitempty"` // where it was filed, by its dateline
	Notes      []string    `json:"notes,omitempty"` // corrections and stamps of time that stood in the text
}

// Enclosure is a media file that belongs to an item (RSS 2.0 enclosure, Atom link rel=enclosure). Length is in bytes, 0 if unknown.
type Enclosure struct {
	URL    string `json:"url"`
	Type   string `json:"type,omitempty"`
	Length int64  `json:"length,omitempty"`
}

// Block is one paragraph, heading or list entry of an item, raw as it came. Stripping marks it; nothing deletes it.
type Block struct {
	Text  string `json:"text"`
	Quote bool   `json:"quote,omitempty"` // a quotation as a whole (blockquote)
	Kept  bool   `json:"kept"`
	Why   string `json:"why,omitempty"` // why it was not kept: the lexicon's kind, "tail", "head", "learned" …
}

// Role is the part that an agency had in an item.
type Role string

// The roles of a Credit.
const (
	Full    Role = "full"    // the item is the agency's copy
	Partial Role = "partial" // the outlet worked the agency's copy in
	Photo   Role = "photo"   // a picture only
	Cited   Role = "cited"   // reported on by the outlet; no copy
)

// Credit says what an agency had to do with an item, and by which words.
type Credit struct {
	Agency   string `json:"agency"` // short form: AP, Reuters, dpa …
	Role     Role   `json:"role"`
	Where    string `json:"where,omitempty"`    // dateline, byline, footer, photo, text, meta
	Evidence string `json:"evidence,omitempty"` // the words that gave it
	StoryID  string `json:"story_id,omitempty"` // the agency's own id, if one was found
}

// ItemID mints the id of an item from the feed's address and the guid with which it was first seen: 16 hexadecimal digits
// (64 bits of SHA-256; at 10 million items one collision in 370,000 such stores).
func ItemID(feed, guid string) string {
	sum := sha256.Sum256([]byte(feed + "\x00" + guid))
	return hex.EncodeToString(sum[:8])
}

// Time is when the item counts as published: the outlet's own time, or when it was first seen.
func (it Item) Time() time.Time {
	if it.Published.IsZero() {
		return it.Seen
	}
	return it.Published
}

// size is the length of the kept text in bytes.
func (it Item) size() int {
	n := 0
	for _, b := range it.Blocks {
		if b.Kept {
			n += len(b.Text)
		}
	}
	return n
}
