package feed

import (
	"slices"
	"strings"

	"copytaster/fetch/feed/date"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"
)

// document turns gofeed's view of a feed into ours and adds what gofeed reads but does not pass on.
func document(f *gofeed.Feed, base string) *Document {
	d := &Document{Feed: feedNode(f), Entries: make([]Node, len(f.Items))}
	for i, it := range f.Items {
		d.Entries[i] = entryNode(it)
	}
	return d
}

func feedNode(f *gofeed.Feed) Node {
	n := Node{Title: f.Title, Link: f.Link, Links: f.Links, Description: f.Description, Language: f.Language, Rights: f.Copyright,
		Categories: f.Categories, Published: seconds(f.Published), Updated: seconds(f.Updated)}
	if f.Image != nil {
		n.Image = f.Image.URL
	}
	n.setPersons(f.Authors)
	return n
}

func entryNode(it *gofeed.Item) Node {
	n := Node{Title: it.Title, Link: it.Link, Links: it.Links, ID: it.GUID, Summary: it.Description, Content: it.Content,
		Categories: it.Categories, Published: seconds(it.Published), Updated: seconds(it.Updated)}
	for _, e := range it.Enclosures {
		n.Enclosures = append(n.Enclosures, Enclosure{URL: e.URL, Type: e.Type, Length: e.Length})
	}
	if it.Image != nil {
		n.Image = it.Image.URL
	}
	n.setPersons(it.Authors)
	return n
}

// setPersons takes over the authors as gofeed split them.
func (n *Node) setPersons(persons []*gofeed.Person) {
	for i, p := range persons {
		if p == nil {
			continue
		}
		if i == 0 {
			n.Author, n.AuthorEmail = p.Name, p.Email
		}
		n.Authors = appendNew(n.Authors, either(p.Name, p.Email))
	}
}

func (d *Document) addRSS(o *rss.Feed) {
	d.Feed.TTL = o.TTL
	for _, l := range o.Extensions["atom"]["link"] {
		d.addLink(l.Attrs["rel"], l.Attrs["href"])
	}
	for i, it := range o.Items {
		n := &d.Entries[i]
		n.Comments = it.Comments
		if it.Source != nil {
			n.SourceTitle, n.SourceLink = it.Source.Title, it.Source.URL
		}
		n.addMedia(it.Extensions["media"])
	}
}

func (d *Document) addAtom(o *atom.Feed) {
	d.Feed.ID, d.Feed.Icon, d.Feed.Logo = o.ID, o.Icon, o.Logo
	for _, l := range o.Links {
		d.addLink(l.Rel, l.Href)
		d.Feed.Links = appendNew(d.Feed.Links, l.Href)
	}
	for i, e := range o.Entries {
		n := &d.Entries[i]
		for _, l := range e.Links {
			n.Links = appendNew(n.Links, l.Href)
		}
		if e.Source != nil {
			n.SourceTitle, n.SourceID = e.Source.Title, e.Source.ID
			if len(e.Source.Links) > 0 {
				n.SourceLink = e.Source.Links[0].Href
			}
		}
		n.addMedia(e.Extensions["media"])
	}
}

func (d *Document) addJSON(o *json.Feed) {
	d.Self, d.Previous = o.FeedURL, o.NextURL
	for i, it := range o.Items {
		d.Entries[i].Language = it.Language
	}
}

// addLink keeps the links of a feed that polling follows.
func (d *Document) addLink(rel, href string) {
	switch strings.ToLower(rel) {
	case "self":
		d.Self = either(d.Self, href)
	case "hub":
		d.Hub = either(d.Hub, href)
	case "prev-archive", "next":
		d.Previous = either(d.Previous, href)
	}
}

// addMedia takes an image from Media RSS where there is none yet.
func (n *Node) addMedia(media map[string][]ext.Extension) {
	for _, t := range media["thumbnail"] {
		n.Image = either(n.Image, t.Attrs["url"])
	}
}

// seconds is the date in Unix seconds, nil if there is none.
func seconds(s string) *int64 {
	t, ok := date.Parse(s)
	if !ok {
		return nil
	}
	u := t.Unix()
	return &u
}

// either is the first that is not empty.
func either(s ...string) string {
	for _, x := range s {
		if x != "" {
			return x
		}
	}
	return ""
}

// appendNew appends what is neither empty nor there.
func appendNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
