package fetch

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"copytaster"
	"copytaster/fetch/feed"
	"copytaster/fetch/guard"
	"copytaster/fetch/page"
)

// read turns an answer into a response and the items in it that are new or changed.
func (c *Client) read(f copytaster.Feed, s State, a guard.Answer, now time.Time) (response, []copytaster.Item) {
	r := response{outcome: Failed, status: a.Status, header: a.Header, floor: c.opt.Floor, pushed: c.opt.Push.Holds(s.Push), final: a.Final, moved: a.Permanent, local: guard.Local(a.Final)}
	r.unasked = guard.Unasked(a.Err)
	r.refused = errors.Is(a.Err, guard.ErrPrivate) && a.Final == cmp.Or(s.Address, f.URL)
	if r.trouble = trouble(a, s); r.trouble != "" {
		return r, nil
	}
	if a.Status == http.StatusNotModified {
		r.outcome = NotModified
		return r, nil
	}
	r.size, r.hash, r.outcome = len(a.Body), xxhash.Sum64(a.Body), Unchanged
	if r.hash == s.Hash {
		return r, nil
	}
	var news []copytaster.Item
	err := caught(func() (err error) {
		if err = r.parse(a, s); err == nil {
			news = fresh(r.doc, r.entries(s.Known.missing(r.known)), f, now)
		}
		return err
	})
	if err != nil {
		r.trouble, r.outcome = err.Error(), Failed
		return r, nil
	}
	if len(news) > 0 {
		r.outcome = Fresh
	}
	for _, it := range news {
		r.newest = later(r.newest, it.Published)
	}
	return r, news
}

// parse reads what the feed did not show the last time, or all of it if a new item has the guid of one that it did: guids of one body are
// told apart together.
func (r *response) parse(a guard.Answer, s State) (err error) {
	seen := s.seen()
	var known func(uint64) bool
	if len(seen) > 0 {
		known = func(span uint64) bool { _, ok := seen[span]; return ok }
	}
	if r.doc, err = feed.ParseNews(a.Body, a.Header.Get("Content-Type"), a.Final, known); err != nil {
		return err
	}
	if !r.mark(seen) {
		if r.doc, err = feed.Parse(a.Body, a.Header.Get("Content-Type"), a.Final); err != nil {
			return err
		}
		r.mark(nil)
	}
	return nil
}

// seen are the marks of the items that the feed showed the last time, by span. There are none if two of them had one guid.
func (s State) seen() map[uint64]Mark {
	if len(s.Spans) > len(s.Known) {
		return nil
	}
	seen, guids := make(map[uint64]Mark, len(s.Spans)), make(map[uint64]bool, len(s.Spans))
	for i, span := range s.Spans {
		seen[span], guids[s.Known[i].GUID] = s.Known[i], true
	}
	if len(guids) < len(s.Spans) {
		return nil
	}
	return seen
}

// mark takes the marks of all items of the body, of those that were left out the ones seen before. It reports false if a new item has the guid
// of one of those.
func (r *response) mark(seen map[uint64]Mark) bool {
	entries := marks(r.doc)
	if r.spans = r.doc.Spans; r.spans == nil {
		r.known = entries
		return true
	}
	fresh := entries
	r.known = make(Known, len(r.spans))
	old := map[uint64]bool{}
	for i, span := range r.spans {
		if r.doc.Known[i] {
			r.known[i] = seen[span]
			old[r.known[i].GUID] = true
			continue
		}
		r.known[i], fresh = fresh[0], fresh[1:]
	}
	return !slices.ContainsFunc(entries, func(m Mark) bool { return old[m.GUID] })
}

// entries are the places among the document's entries of items at the places in the body. What was left out is none.
func (r *response) entries(places []int) (at []int) {
	if r.spans == nil {
		return places
	}
	entry := make([]int, len(r.spans))
	n := 0
	for i, known := range r.doc.Known {
		if entry[i] = n; !known {
			n++
		}
	}
	for _, p := range places {
		if !r.doc.Known[p] {
			at = append(at, entry[p])
		}
	}
	return at
}

// caught turns a panic into an error. Feeds and pages are read by four libraries, and one of them that stumbles over one outlet must not end
// the daemon for all.
func caught(read func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it makes this program stumble: %v", p)
		}
	}()
	return read()
}

// fresh are the items of the entries at the places. The text of all other entries is left out before where nothing hangs on it.
func fresh(doc *feed.Document, places []int, f copytaster.Feed, now time.Time) []copytaster.Item {
	if len(places) == 0 {
		return nil
	}
	d := *doc
	d.Entries = slices.Clone(doc.Entries)
	for i, n := range d.Entries {
		if _, ok := slices.BinarySearch(places, i); !ok && (n.ID != "" || n.Link != "") {
			d.Entries[i].Content, d.Entries[i].Summary = "", ""
		}
	}
	all := d.Items(f, now)
	items := make([]copytaster.Item, len(places))
	for i, place := range places {
		items[i] = all[place]
		items[i].Blocks = page.Blocks(items[i].HTML)
	}
	return items
}

// marks are those of all entries, in their order.
func marks(doc *feed.Document) Known {
	k := make(Known, len(doc.Entries))
	for i, n := range doc.Entries {
		k[i] = mark(n)
	}
	return k
}

// mark hashes what names an entry and what it says. Dates and markup are left out: outlets change them for nothing, and an item that
// comes again costs the fetch of its page.
func mark(n feed.Node) Mark {
	h := sha256.New()
	write(h, n.Title)
	write(h, n.Link)
	for _, a := range n.Authors {
		write(h, a)
	}
	for _, e := range n.Enclosures {
		write(h, e.Type)
	}
	writeText(h, n.Summary)
	writeText(h, n.Content)
	text := first8(h)
	if n.ID == "" && n.Link == "" {
		return Mark{text, text}
	}
	if n.ID == "" {
		return Mark{sum(n.Link), text}
	}
	return Mark{sum(strings.TrimSpace(n.ID)), text} // as feed.Items makes the guid of it
}

// write hashes a field and its end.
func write(h hash.Hash, s string) {
	io.WriteString(h, s)
	h.Write([]byte{0})
}

// writeText hashes the words of HTML without its tags and spaces.
func writeText(h hash.Hash, s string) {
	for s != "" {
		text, rest, _ := strings.Cut(s, "<")
		for word := range strings.FieldsSeq(text) {
			io.WriteString(h, word)
		}
		_, s, _ = strings.Cut(rest, ">")
	}
	h.Write([]byte{0})
}

func first8(h hash.Hash) uint64 { return binary.LittleEndian.Uint64(h.Sum(nil)) }

// sum is 64 bits of SHA-256.
func sum(s string) uint64 {
	h := sha256.Sum256([]byte(s))
	return binary.LittleEndian.Uint64(h[:])
}

// missing are the places in now of marks that are not in k. The newest come first, as feeds have them.
func (k Known) missing(now Known) (at []int) {
	old := make(map[Mark]bool, len(k))
	for _, m := range k {
		old[m] = true
	}
	for i, m := range now {
		if !old[m] {
			at = append(at, i)
			old[m] = true
		}
	}
	return at
}

// follow is what is known after a body with the marks now. Items that are not in it are kept for a while, as many again as it has, for
// outlets whose servers do not all show the same feed; of a body that is only a part (status 226), 256.
func (k Known) follow(now Known, partial bool) Known {
	keep := len(now)
	if partial {
		keep = max(keep, 256)
	}
	have := make(map[uint64]bool, len(now))
	for _, m := range now {
		have[m.GUID] = true
	}
	out := slices.Clone(now)
	for _, m := range k {
		if len(out)-len(now) < keep && !have[m.GUID] {
			out = append(out, m)
		}
	}
	return out
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
