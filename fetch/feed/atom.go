package feed

import (
	"strings"

	"copytaster/fetch/feed/repair"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
)

// parseAtom reads Atom 0.3 and 1.0 with gofeed.
func parseAtom(fixed repair.Result) (*Document, error) {
	o, err := (&atom.Parser{}).Parse(strings.NewReader(fixed.XML))
	if err != nil {
		return nil, err
	}
	if err := restore(o.Entries, fixed.Items, unmarkAtom, putAtom); err != nil {
		return nil, err
	}
	f, err := (&gofeed.DefaultAtomTranslator{}).Translate(o)
	if err != nil {
		return nil, err
	}
	d := document(f)
	d.addAtom(o)
	for i, e := range o.Entries {
		d.Entries[i].addAtom(e)
	}
	return d, nil
}

// addAtom adds what gofeed reads of a feed but does not translate.
func (d *Document) addAtom(o *atom.Feed) {
	n := &d.Feed
	n.ID, n.Icon, n.Logo = o.ID, o.Icon, o.Logo
	for _, l := range o.Links {
		d.addLink(l.Rel, l.Href)
		n.Links = append(n.Links, l.Href)
	}
	n.Categories = categories(o.Categories)
	n.setPersons(persons(o.Authors))
	for _, t := range o.Extensions["media"]["thumbnail"] {
		n.Image = either(n.Image, t.Attrs["url"])
	}
}

// addAtom adds what gofeed reads of an entry but does not translate.
func (n *Node) addAtom(e *atom.Entry) {
	x := e.Extensions
	for _, l := range e.Links {
		n.Links = append(n.Links, l.Href)
		if l.Rel == "replies" && strings.Contains(l.Type, "html") {
			n.Comments = either(n.Comments, l.Href)
		}
	}
	n.Comments = either(n.Comments, atomReplies(e.Links))
	n.Published = either2(seconds(e.Published), seconds(value(x, "dcterms", "created"), value(x, "dc", "date")), n.Published)
	n.Rights = e.Rights
	n.Categories = categories(e.Categories)
	n.setPersons(persons(e.Authors))
	if s := e.Source; s != nil {
		n.SourceTitle, n.SourceID = s.Title, s.ID
		for _, l := range s.Links {
			n.SourceLink = either(n.SourceLink, l.Href)
		}
		n.setPersons(persons(s.Authors))
	}
	n.origin = value(x, "feedburner", "origLink")
	n.splitTitle()
	n.Link = either(n.Link, n.origin)
	if c := e.Content; c != nil {
		n.Link = either(n.Link, c.Src)
	}
	n.Link = either(n.Link, n.ID)
	if len(n.Authors) == 0 {
		for _, c := range x["dc"]["creator"] {
			n.setPersons([]person{parsePerson(c.Value)})
		}
	}
	n.addMedia(x["media"])
}

// atomReplies is where the discussion of an entry stands (RFC 4685 section 4).
func atomReplies(links []*atom.Link) string {
	for _, l := range links {
		if l.Rel == "replies" {
			return l.Href
		}
	}
	return ""
}

func persons(list []*atom.Person) (out []person) {
	for _, p := range list {
		if p.Email == "" && strings.Contains(p.Name, "@") {
			out = append(out, parsePerson(p.Name))
			continue
		}
		out = append(out, person{p.Name, p.Email})
	}
	return out
}

// categories gives the labels, which are for people, then the terms that say something else.
func categories(list []*atom.Category) (out []string) {
	for _, c := range list {
		out = appendNew(out, either(c.Label, c.Term))
	}
	for _, c := range list {
		out = appendNew(out, c.Term)
	}
	return out
}
