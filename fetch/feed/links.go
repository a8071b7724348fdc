package feed

import (
	"net/url"
	"strings"

	"copytaster/fetch/feed/markup"
	"copytaster/fetch/feed/repair"
)

// settle makes the addresses of a document absolute against xml:base and the address it came from (RFC 3986 section 5.1), and adds
// what repair noted.
func (d *Document) settle(fixed repair.Result, from string) {
	base := parseBase(from)
	d.Feed.settle(fixed.Feed, base)
	d.Self, d.Hub, d.Previous = markup.Resolve(base, d.Self), markup.Resolve(base, d.Hub), markup.Resolve(base, d.Previous)
	for i := range d.Entries {
		var note repair.Note
		if len(fixed.Items) == len(d.Entries) {
			note = fixed.Items[i].Note
		}
		n := &d.Entries[i]
		n.settle(note, base)
		title := note.Fields["title"].Type
		n.textTitle = fixed.Root == "feed" && (title == "" || title == "text")
		if len(n.Authors) == 0 {
			n.Authors = d.Feed.Authors
		}
		if len(n.Categories) == 0 {
			n.Categories = d.Feed.Categories
		}
	}
}

// settle does so for one node.
func (n *Node) settle(note repair.Note, base *url.URL) {
	n.undouble()
	n.tidy()
	n.ID = either(note.Fields["id"].Text, n.ID, note.About)
	n.Language = strings.ReplaceAll(either(n.Language, note.Lang), "_", "-")
	if note.Base != "" {
		for b := range strings.SplitSeq(note.Base, "\n") {
			base = within(base, b)
		}
	}
	of := func(names ...string) *url.URL {
		for _, name := range names {
			if b := note.Fields[name].Base; b != "" {
				return within(base, b)
			}
		}
		return base
	}
	n.settleLinks(base, of("link"), of("id"))
	n.Title = markup.Absolute(n.Title, of("title"))
	n.Rights = markup.Absolute(n.Rights, of("rights", "copyright"))
	n.Description = markup.Absolute(n.Description, of("subtitle", "tagline", "description"))
	n.Summary = markup.Absolute(n.Summary, of("summary", "description"))
	n.Content = markup.Absolute(n.Content, of("content", "encoded"))
}

// settleLinks resolves the addresses; links and the id may have a base of their own.
func (n *Node) settleLinks(base, link, id *url.URL) {
	n.Link = markup.Resolve(link, n.Link)
	for i, l := range n.Links {
		n.Links[i] = markup.Resolve(link, l)
	}
	if !markup.IsLink(n.Comments) && (strings.ContainsAny(n.Comments, " \t\n") || strings.Contains(n.Comments, "%20")) {
		n.Comments = "" // a remark, no address
	}
	if n.ID = either(n.ID, n.Link); isRelative(n.ID) {
		n.ID = markup.Resolve(id, n.ID)
	}
	for _, address := range []*string{&n.Image, &n.Icon, &n.Logo, &n.Comments, &n.SourceLink, &n.origin} {
		*address = markup.Resolve(base, *address)
	}
	for i := range n.Enclosures {
		n.Enclosures[i].URL = markup.Resolve(base, n.Enclosures[i].URL)
	}
}

// isRelative reports whether an id is a path and nothing else.
func isRelative(id string) bool {
	return strings.HasPrefix(id, "/") && !strings.ContainsAny(id, " \t\n")
}

// parseBase reads an absolute address; nil stands for none.
func parseBase(s string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme == "" && u.Host == "" {
		return nil
	}
	return u
}

// within is the base that a nested xml:base gives.
func within(base *url.URL, s string) *url.URL {
	if base == nil {
		return parseBase(s)
	}
	u, err := base.Parse(strings.TrimSpace(s))
	if err != nil {
		return base
	}
	return u
}
