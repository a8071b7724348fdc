package export

import (
	"encoding/xml"
	"html"
	"io"
	"time"

	"copytaster"
	"copytaster/export/safe"
)

// The shapes of RSS 2.0 (rssboard.org/rss-specification, with the RSS Best Practices Profile) and the modules used in it.
type (
	rssDoc struct {
		XMLName xml.Name   `xml:"rss"`
		Version string     `xml:"version,attr"`
		Atom    string     `xml:"xmlns:atom,attr"`
		Content string     `xml:"xmlns:content,attr"`
		DC      string     `xml:"xmlns:dc,attr"`
		Media   string     `xml:"xmlns:media,attr"`
		History string     `xml:"xmlns:fh,attr,omitempty"`
		Channel rssChannel `xml:"channel"`
	}
	rssChannel struct {
		Title       string    `xml:"title"`
		Link        string    `xml:"link"`
		Description string    `xml:"description"`
		Language    string    `xml:"language,omitempty"`
		LastBuild   string    `xml:"lastBuildDate,omitempty"`
		Generator   string    `xml:"generator"`
		Docs        string    `xml:"docs"`
		Links       []link    `xml:"atom:link"`
		Archive     *struct{} `xml:"fh:archive"`
	}
	rssItem struct {
		Title        string        `xml:"title"`
		Link         string        `xml:"link,omitempty"`
		GUID         rssGUID       `xml:"guid"`
		PubDate      string        `xml:"pubDate,omitempty"`
		Updated      string        `xml:"atom:updated,omitempty"`
		Creators     []string      `xml:"dc:creator"`
		Contributors []string      `xml:"dc:contributor"`
		Language     string        `xml:"dc:language,omitempty"`
		Categories   []string      `xml:"category"`
		Description  string        `xml:"description"`
		Content      string        `xml:"content:encoded"`
		Source       *rssSource    `xml:"source"`
		Enclosure    *rssEnclosure `xml:"enclosure"`
		Media        []media       `xml:"media:content"`
		Thumbnail    *media        `xml:"media:thumbnail"`
		Links        []link        `xml:"atom:link"`
	}
	rssGUID struct {
		PermaLink bool   `xml:"isPermaLink,attr"`
		ID        string `xml:",chardata"`
	}
	rssSource struct {
		URL  string `xml:"url,attr"`
		Name string `xml:",chardata"`
	}
	rssEnclosure struct {
		URL    string `xml:"url,attr"`
		Length int64  `xml:"length,attr"`
		Type   string `xml:"type,attr"`
	}
)

// RSS writes the stories, each once and in the order given, as RSS 2.0 with the content, dc, media and atom modules. The first
// item of a story is its lead. Errors are those of w.
func RSS(w io.Writer, c Channel, stories []copytaster.Story) error {
	return (*Press)(nil).RSS(w, c, stories)
}

// RSS writes the stories as the function of the same name does.
func (p *Press) RSS(w io.Writer, c Channel, stories []copytaster.Story) error {
	list, err := p.fragments("rss", c, stories, func(e entry) ([]byte, error) { return written("item", 2, e.rss()) })
	if err != nil {
		return err
	}
	doc := rssDoc{
		Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Content: "http://purl.org/rss/1.0/modules/content/",
		DC: "http://purl.org/dc/elements/1.1/", Media: "http://search.yahoo.com/mrss/",
		Channel: rssChannel{
			Title: c.title(), Link: c.home(), Description: or(safe.Plain(c.Description), c.title()), Language: safe.Language(c.Language),
			LastBuild: rfc822(newest(list)), Generator: generator, Docs: "http://www.rssboard.org/rss-specification",
			Links: c.links("application/rss+xml"),
		},
	}
	if c.Current != "" {
		doc.History, doc.Channel.Archive = history, &struct{}{}
	}
	return writeXML(w, "rss", doc, list, "\n  </channel>\n</rss>")
}

func (e entry) rss() rssItem {
	it := rssItem{
		Title: e.rssTitle(), Link: e.url, GUID: rssGUID{ID: e.id}, PubDate: rfc822(e.published),
		Updated: e.stamp().Format(time.RFC3339Nano), Creators: e.authors, Contributors: e.agencies, Language: e.language,
		Categories: e.categories, Description: html.EscapeString(e.summary), Content: e.body,
		Thumbnail: e.thumbnail(), Links: e.related(),
	}
	if e.feed != "" {
		it.Source = &rssSource{URL: e.feed, Name: e.outlet}
	}
	for i, enc := range e.enclosures {
		if i == 0 {
			it.Enclosure = &rssEnclosure{enc.URL, enc.Length, enc.Type}
			continue
		}
		it.Media = append(it.Media, media{URL: enc.URL, Type: enc.Type, FileSize: enc.Length})
	}
	return it
}

// rssTitle is the title as text. RSS cannot say whether a title is text or HTML, and most readers take it for HTML: a title with
// anything like a tag or a character reference in it goes out escaped once more, or they would lose that.
func (e entry) rssTitle() string {
	if safe.HasMarkup(e.title) {
		return html.EscapeString(e.title)
	}
	return e.title
}

// rfc822 writes a time as RSS wants it, "" for none.
func rfc822(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
}
