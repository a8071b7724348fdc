// Package opml takes subscriptions over from other readers: it reads their OPML lists (OPML 2.0, and what programs make of it) and adds
// the feeds to a configuration, of which it leaves every other line as it is. It never writes a file.
package opml

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"copytaster"
)

// maxDepth bounds how deep outlines may be nested; deeper ones count as lying at this depth.
const maxDepth = 64

// Read lists the feeds of an OPML document in its order, each address once. The names of the outlines around a feed, and its categories, become its
// tags. It reads what it can of a broken document: tags and attributes in any case, missing end tags, bare ampersands. A document
// without any feed is an error.
func Read(r io.Reader) (feeds []copytaster.Feed, err error) {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(1 << 20)
	var folders []string
	for {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return feeds, err
			}
			if len(feeds) == 0 {
				return nil, errors.New("no feed in it: want OPML, outlines with an xmlUrl")
			}
			return feeds, nil
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data != "outline" {
				continue
			}
			o := attributes(t)
			if f, ok := o.feed(folders); ok && !slices.ContainsFunc(feeds, func(g copytaster.Feed) bool { return g.URL == f.URL }) {
				feeds = append(feeds, f)
			}
			if t.Type == html.StartTagToken && len(folders) < maxDepth {
				folders = append(folders, o.folder())
			}
		case html.EndTagToken:
			if t := z.Token(); t.Data == "outline" && len(folders) > 0 {
				folders = folders[:len(folders)-1]
			}
		}
	}
}

// outline holds the attributes of an outline by their names in lower case.
type outline map[string]string

func attributes(t html.Token) outline {
	o := outline{}
	for _, a := range t.Attr {
		o[strings.ToLower(a.Key)] = strings.TrimSpace(a.Val)
	}
	return o
}

// feed is what the outline subscribes to, false if it is a folder or no address that can be polled.
func (o outline) feed(folders []string) (copytaster.Feed, bool) {
	address := cmp.Or(o["xmlurl"], o["url"])
	if rest, ok := strings.CutPrefix(address, "feed:"); ok {
		address = rest
		if strings.HasPrefix(rest, "//") {
			address = "http:" + rest
		}
	}
	if !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") {
		return copytaster.Feed{}, false
	}
	return copytaster.Feed{URL: address, Outlet: cmp.Or(o["title"], o["text"]), Tags: o.tags(folders), Language: o["language"]}, true
}

// folder is the name of an outline that has others in it; empty for a feed, whose name is no tag.
func (o outline) folder() string {
	if o["xmlurl"] != "" {
		return ""
	}
	return cmp.Or(o["title"], o["text"])
}

// tags are the folders around a feed and its categories: comma-separated, each a word or a path with slashes.
func (o outline) tags(folders []string) (tags []string) {
	names := slices.Clone(folders)
	for c := range strings.SplitSeq(o["category"], ",") {
		names = append(names, strings.Split(c, "/")...)
	}
	for _, n := range names {
		if n = strings.TrimSpace(n); n != "" && !slices.Contains(tags, n) {
			tags = append(tags, n)
		}
	}
	return tags
}
