package feed

import (
	"html"
	"regexp"
	"slices"
	"strings"

	"copytaster/fetch/feed/charset"
	"copytaster/fetch/feed/date"
	"copytaster/fetch/feed/markup"

	"github.com/mmcdole/gofeed"
	ext "github.com/mmcdole/gofeed/extensions"
)

// document takes over what gofeed makes of every format.
func document(f *gofeed.Feed) *Document {
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
	return n
}

// person is an author; either part may be empty.
type person struct{ name, mail string }

// parsePerson parts "Name <mail>", "Name (mail)", "mail (Name)" and either of them alone.
func parsePerson(s string) person {
	s = strings.Join(strings.Fields(s), " ")
	if !strings.Contains(s, "@") {
		return person{name: s}
	}
	open := strings.IndexAny(s, "<(")
	if open < 0 {
		if strings.Contains(s, " ") {
			return person{name: s}
		}
		return person{mail: strings.TrimPrefix(s, "mailto:")}
	}
	a := strings.TrimSpace(s[:open])
	b := strings.TrimSpace(strings.TrimRight(s[open+1:], ">) "))
	if strings.Contains(a, "@") && !strings.Contains(b, "@") {
		a, b = b, a
	}
	return person{name: strings.Trim(a, `" `), mail: strings.TrimPrefix(b, "mailto:")}
}

// setPersons sets the authors; the first is the author.
func (n *Node) setPersons(list []person) {
	for _, p := range list {
		p.name, p.mail = markup.Text(p.name), strings.TrimSpace(p.mail)
		if p == (person{}) {
			continue
		}
		if n.Author+n.AuthorEmail == "" {
			n.Author, n.AuthorEmail = p.name, p.mail
		}
		n.Authors = appendNew(n.Authors, either(p.name, p.mail))
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

// addMedia takes images, files, categories and texts of Media RSS where the entry has none.
func (n *Node) addMedia(media map[string][]ext.Extension) {
	n.addMediaLevel(media)
	for _, name := range []string{"group", "content"} {
		for _, g := range media[name] {
			n.addMediaLevel(g.Children)
		}
	}
}

func (n *Node) addMediaLevel(media map[string][]ext.Extension) {
	for _, c := range media["content"] {
		if strings.HasPrefix(c.Attrs["type"], "image") || c.Attrs["medium"] == "image" {
			n.Image = either(n.Image, c.Attrs["url"])
		}
		n.addEnclosure(Enclosure{URL: c.Attrs["url"], Type: either(c.Attrs["type"], c.Attrs["medium"]), Length: c.Attrs["fileSize"]})
	}
	for _, t := range media["thumbnail"] {
		n.Image = either(n.Image, t.Attrs["url"])
		n.addEnclosure(Enclosure{URL: t.Attrs["url"], Type: thumbnail})
	}
	for _, p := range media["peerLink"] {
		n.addEnclosure(Enclosure{URL: p.Attrs["href"], Type: p.Attrs["type"]})
	}
	for _, t := range media["title"] {
		n.Title = either(n.Title, t.Value)
	}
	for _, c := range media["category"] {
		n.Categories = appendNew(n.Categories, either(c.Attrs["label"], c.Value))
	}
	for _, c := range media["description"] {
		n.Summary = either(n.Summary, c.Value)
	}
}

// thumbnail is the type of an enclosure that is the entry's picture in small.
const thumbnail = "image/*"

var linkTitle = regexp.MustCompile(`^\s*<a\s[^<>]*href="(https?://[^"<>]+)"[^<>]*>([^<>]+)</a>\s*$`)

// splitTitle parts a title that is nothing but a link, where the entry has no other one.
func (n *Node) splitTitle() {
	if n.Link != "" {
		return
	}
	if m := linkTitle.FindStringSubmatch(n.Title); m != nil {
		n.Link, n.Title = html.UnescapeString(m[1]), m[2]
	}
}

// addEnclosure appends a file that has an address and is not there yet.
func (n *Node) addEnclosure(e Enclosure) {
	if e.URL = strings.TrimSpace(e.URL); e.URL == "" || slices.ContainsFunc(n.Enclosures, func(x Enclosure) bool { return x.URL == e.URL }) {
		return
	}
	n.Enclosures = append(n.Enclosures, e)
}

// tidy drops what is empty or doubled in the lists.
func (n *Node) tidy() {
	var categories, links []string
	for _, c := range n.Categories {
		categories = appendNew(categories, strings.TrimSpace(c))
	}
	for _, l := range n.Links {
		links = appendNew(links, strings.TrimSpace(l))
	}
	files := n.Enclosures
	n.Enclosures = nil
	for _, e := range files {
		n.addEnclosure(e)
	}
	n.Categories, n.Links = categories, links
	n.Link, n.ID = strings.TrimSpace(n.Link), strings.TrimSpace(n.ID)
}

// undouble undoes, field by field, text that was encoded twice.
func (n *Node) undouble() {
	for _, s := range []*string{&n.Title, &n.Description, &n.Summary, &n.Content, &n.Author, &n.Rights, &n.SourceTitle} {
		*s = charset.Undouble(*s)
	}
	for _, list := range [][]string{n.Authors, n.Categories} {
		for i, s := range list {
			list[i] = charset.Undouble(s)
		}
	}
}

// seconds is the first that is a date, in Unix seconds; nil if none is.
func seconds(dates ...string) *int64 {
	for _, s := range dates {
		if t, ok := date.Parse(s); ok {
			u := t.Unix()
			return &u
		}
	}
	return nil
}

// value is the text of the first element of an extension.
func value(x ext.Extensions, prefix, name string) string {
	for _, e := range x[prefix][name] {
		if e.Value != "" {
			return e.Value
		}
	}
	return ""
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
