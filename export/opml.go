package export

import (
	"encoding/xml"
	"io"
	"strings"

	"copytaster"
	"copytaster/export/safe"
)

// The shapes of OPML 2.0 (opml.org/spec2.opml).
type (
	opmlDoc struct {
		XMLName xml.Name  `xml:"opml"`
		Version string    `xml:"version,attr"`
		Title   string    `xml:"head>title"`
		Body    []outline `xml:"body>outline"`
	}
	outline struct {
		Type     string `xml:"type,attr,omitempty"`
		Text     string `xml:"text,attr"`
		Title    string `xml:"title,attr,omitempty"`
		XMLURL   string `xml:"xmlUrl,attr,omitempty"`
		Language string `xml:"language,attr,omitempty"`
		Category string `xml:"category,attr,omitempty"`
		Comment  bool   `xml:"isComment,attr,omitempty"`
	}
)

// OPML writes the feeds as a subscription list, OPML 2.0: tags as categories, a disabled feed as a comment. Errors are those of w.
func OPML(w io.Writer, title string, feeds []copytaster.Feed) error {
	doc := opmlDoc{Version: "2.0", Title: or(safe.Plain(title), generator)}
	for _, f := range feeds {
		name := or(safe.Plain(f.Outlet), outlet(copytaster.Item{Feed: f.URL}))
		doc.Body = append(doc.Body, outline{Type: "rss", Text: name, Title: name, XMLURL: safe.OneLine(f.URL),
			Language: safe.Language(f.Language), Category: category(f.Tags), Comment: f.Disabled})
	}
	if len(feeds) == 0 {
		doc.Body = []outline{{Text: "No feeds"}} // OPML wants at least one
	}
	return writeXML(w, "opml", doc, nil, "\n</opml>")
}

// category writes tags as OPML's category list; commas and slashes have a meaning there.
func category(tags []string) string {
	var list []string
	for _, t := range safe.Names(tags, maxCategories) {
		list = append(list, strings.NewReplacer(",", " ", "/", " ").Replace(t))
	}
	return strings.Join(list, ",")
}
