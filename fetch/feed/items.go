package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"copytaster"
	"copytaster/fetch/feed/markup"
)

// Items turns the entries into items, one for each in the same order. Titles are plain text, HTML is sanitised and absolute, addresses
// are canonical. An entry without a guid gets its link, else a hash of its content; a guid that came before in the document gets the
// link or content of its entry added. Published stays zero where the feed gives none; a date after seen becomes seen. Blocks and
// Credits stay nil, and HTML is as the feed has it: to be sanitised before it is kept or shown.
func (d *Document) Items(f copytaster.Feed, seen time.Time) []copytaster.Item {
	guids, outlet := d.guids(), d.outlet(f)
	items := make([]copytaster.Item, len(d.Entries))
	for i, n := range d.Entries {
		body, image := either(n.Content, n.Summary), n.Image
		if image == "" {
			image = markup.Image(body)
		}
		items[i] = copytaster.Item{
			ID:         copytaster.ItemID(f.URL, guids[i]),
			Feed:       f.URL,
			Outlet:     outlet,
			GUID:       guids[i],
			URL:        n.address(),
			Title:      n.headline(),
			Authors:    texts(n.Authors),
			Publisher:  markup.Text(n.SourceTitle),
			Tags:       f.Tags,
			Categories: texts(n.Categories),
			Language:   either(f.Language, n.Language, d.Feed.Language),
			Published:  clamp(n.Published, seen),
			Updated:    clamp(n.Updated, seen),
			Seen:       seen,
			Enclosures: enclosures(n.Enclosures),
			Image:      image,
			HTML:       body,
		}
	}
	return items
}

// maxHeadline is how many letters of the text stand for a title that is missing.
const maxHeadline = 80

// headline is the title as plain text, decoded once; without one the beginning of the text, to the end of a word.
func (n Node) headline() string {
	title := markup.Text(n.Title)
	if n.textTitle {
		title = markup.Decode(n.Title)
	}
	if title != "" {
		return title
	}
	text := markup.Text(either(n.Summary, n.Content))
	letters := []rune(text)
	if len(letters) <= maxHeadline {
		return text
	}
	text = string(letters[:maxHeadline])
	if blank := strings.LastIndexByte(text, ' '); blank > 0 {
		text = text[:blank]
	}
	return text + " …"
}

// address is where the article stands; empty if the entry says only which one it is.
func (n Node) address() string {
	link := either(n.origin, n.Link)
	if !markup.IsLink(link) {
		return ""
	}
	return copytaster.CanonicalURL(link)
}

// outlet is the name under which the feed's items are shown.
func (d *Document) outlet(f copytaster.Feed) string {
	if name := either(f.Outlet, markup.Text(d.Feed.Title)); name != "" {
		return name
	}
	u, err := url.Parse(f.URL)
	if err != nil {
		return f.URL
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// guids gives every entry an id that no other entry of the document has and that the next fetch gives again, wherever the entry then
// stands: of several with one guid all are told apart by their links.
func (d *Document) guids() []string {
	out := make([]string, len(d.Entries))
	used, holders := make(map[string]bool, len(out)), make(map[string]int, len(out))
	for i, n := range d.Entries {
		out[i] = n.guid()
		holders[out[i]]++
	}
	for i, n := range d.Entries {
		id := out[i]
		if holders[id] > 1 && id != n.hash() {
			id += " " + either(other(n.Link, id), n.hash())
		}
		for k, first := 2, id; used[id]; k++ {
			id = fmt.Sprintf("%s %d", first, k)
		}
		used[id] = true
		out[i] = id
	}
	return out
}

// guid is what names the entry: its id, else its link, else what it says.
func (n Node) guid() string {
	if id := either(strings.TrimSpace(n.ID), n.Link); id != "" {
		return id
	}
	return n.hash()
}

// other is s unless it is the same as id.
func other(s, id string) string {
	if s == id {
		return ""
	}
	return s
}

// hash names an entry by what it says.
func (n Node) hash() string {
	sum := sha256.Sum256([]byte(n.Title + "\x00" + n.Summary + "\x00" + n.Content))
	return "sha256:" + hex.EncodeToString(sum[:12])
}

// clamp is the time of a date, never after seen; zero if there is none.
func clamp(date *int64, seen time.Time) time.Time {
	if date == nil {
		return time.Time{}
	}
	if t := time.Unix(*date, 0).UTC(); t.Before(seen) {
		return t
	}
	return seen
}

func enclosures(list []Enclosure) (out []copytaster.Enclosure) {
	for _, e := range list {
		if e.Type == thumbnail {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(e.Length), 10, 64)
		if err != nil || n < 0 {
			n = 0
		}
		out = append(out, copytaster.Enclosure{URL: e.URL, Type: e.Type, Length: n})
	}
	return out
}

// texts gives names as plain text, each once.
func texts(list []string) (out []string) {
	for _, s := range list {
		out = appendNew(out, markup.Text(s))
	}
	return out
}

// Sanitise makes the HTML of all titles, summaries and contents safe to show.
func (d *Document) Sanitise() {
	for i := range d.Entries {
		n := &d.Entries[i]
		n.Title, n.Summary, n.Content = markup.Sanitise(n.Title), markup.Sanitise(n.Summary), markup.Sanitise(n.Content)
	}
}
