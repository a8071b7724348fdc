package export

import (
	"encoding/xml"
	"html"
	"io"
	"time"

	"copytaster"
	"copytaster/export/safe"
)

// The shapes of Atom 1.0 (RFC 4287).
type (
	atomFeed struct {
		XMLName   xml.Name   `xml:"feed"`
		NS        string     `xml:"xmlns,attr"`
		Media     string     `xml:"xmlns:media,attr"`
		History   string     `xml:"xmlns:fh,attr,omitempty"`
		Lang      string     `xml:"xml:lang,attr,omitempty"`
		ID        string     `xml:"id"`
		Title     string     `xml:"title"`
		Subtitle  string     `xml:"subtitle,omitempty"`
		Updated   string     `xml:"updated"`
		Author    atomPerson `xml:"author"`
		Generator string     `xml:"generator"`
		Archive   *struct{}  `xml:"fh:archive"`
		Links     []link     `xml:"link"`
	}
	atomEntry struct {
		Lang         string         `xml:"xml:lang,attr,omitempty"`
		ID           string         `xml:"id"`
		Title        atomText       `xml:"title"`
		Published    string         `xml:"published"`
		Updated      string         `xml:"updated"`
		Authors      []atomPerson   `xml:"author"`
		Contributors []atomPerson   `xml:"contributor"`
		Categories   []atomCategory `xml:"category"`
		Links        []link         `xml:"link"`
		Thumbnail    *media         `xml:"media:thumbnail"`
		Summary      atomText       `xml:"summary"`
		Content      atomText       `xml:"content"`
		Source       atomSource     `xml:"source"`
	}
	atomSource struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Links   []link `xml:"link"`
	}
	atomPerson struct {
		Name string `xml:"name"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
	atomText struct {
		Type string `xml:"type,attr,omitempty"`
		Text string `xml:",chardata"`
	}
)

// Atom writes the stories, each once and in the order given, as Atom 1.0. atom:source names the lead's feed, rel=related the
// other outlets' items, rel=via the feed that the lead came with, contributor the agencies. Errors are those of w.
func Atom(w io.Writer, c Channel, stories []copytaster.Story) error {
	return (*Press)(nil).Atom(w, c, stories)
}

// Atom writes the stories as the function of the same name does.
func (p *Press) Atom(w io.Writer, c Channel, stories []copytaster.Story) error {
	list, err := p.fragments("atom", c, stories, func(e entry) ([]byte, error) { return written("entry", 1, e.atom(c)) })
	if err != nil {
		return err
	}
	doc := atomFeed{
		NS: "http://www.w3.org/2005/Atom", Media: "http://search.yahoo.com/mrss/", Lang: safe.Language(c.Language),
		ID: c.id(), Title: c.title(), Subtitle: safe.Plain(c.Description), Updated: rfc3339(newest(list)),
		Author: atomPerson{generator}, Generator: generator, Links: c.links("application/atom+xml"),
	}
	if home := safe.Address(c.Link); home != "" {
		doc.Links = append(doc.Links, link{Rel: "alternate", Type: "text/html", Href: home})
	}
	if c.Current != "" {
		doc.History, doc.Archive = history, &struct{}{}
	}
	return writeXML(w, "feed", doc, list, "\n</feed>")
}

func (e entry) atom(c Channel) atomEntry {
	a := atomEntry{
		Lang: e.language, ID: e.id, Title: textConstruct(e.title), Published: rfc3339(e.published), Updated: rfc3339(e.stamp()),
		Authors: people(e.authors), Contributors: people(e.agencies), Thumbnail: e.thumbnail(),
		Summary: textConstruct(e.summary), Content: atomText{"html", e.body}, Source: e.source(c),
	}
	for _, name := range e.categories {
		a.Categories = append(a.Categories, atomCategory{name})
	}
	if e.url != "" {
		a.Links = append(a.Links, link{Rel: "alternate", Type: "text/html", Href: e.url})
	}
	for _, enc := range e.enclosures {
		a.Links = append(a.Links, link{Rel: "enclosure", Type: enc.Type, Href: enc.URL, Length: enc.Length})
	}
	a.Links = append(a.Links, e.related()...)
	if e.feed != "" {
		a.Links = append(a.Links, link{Rel: "via", Href: e.feed, Title: e.outlet})
	}
	return a
}

// related links to the other outlets' items that have an address.
func (e entry) related() (list []link) {
	for _, o := range e.others {
		if o.url != "" && len(list) < maxRelated {
			list = append(list, link{Rel: "related", Type: "text/html", Href: o.url, Title: o.outlet + ": " + safe.Plain(o.title), HrefLang: o.language})
		}
	}
	return list
}

// source is the feed that the lead came with. Its updated is the story's: what the feed said of itself is not kept.
func (e entry) source(c Channel) atomSource {
	s := atomSource{ID: e.feed, Title: e.outlet, Updated: rfc3339(e.updated)}
	if !safe.IsCanonical(s.ID) {
		s.ID = mint(c.Host, feedYear, "feed", e.story.Items[0].Feed)
	}
	if e.feed != "" {
		s.Links = []link{{Rel: "self", Href: e.feed}}
	}
	return s
}

func people(list []string) (out []atomPerson) {
	for _, name := range list {
		out = append(out, atomPerson{name})
	}
	return out
}

// textConstruct is text for readers; where it holds anything like a tag or a character reference it goes out as HTML that says so,
// as validators and some readers take such text for HTML whatever it says it is.
func textConstruct(s string) atomText {
	if safe.HasMarkup(s) {
		return atomText{"html", html.EscapeString(s)}
	}
	return atomText{Text: s}
}

// rfc3339 writes a time as Atom and JSON Feed want it.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		t = unknown
	}
	return t.UTC().Format(time.RFC3339Nano)
}
