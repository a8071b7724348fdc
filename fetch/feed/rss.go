package feed

import (
	"strconv"
	"strings"
	"time"

	"copytaster/fetch/feed/repair"

	"github.com/mmcdole/gofeed"
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"
)

// parseRSS reads RSS of any version with gofeed, past its entry, which would look for the root in the first 4 KB only.
func parseRSS(fixed repair.Result) (*Document, error) {
	o, err := (&rss.Parser{}).Parse(strings.NewReader(fixed.XML))
	if err != nil {
		return nil, err
	}
	if err := restore(o.Items, fixed.Items, unmarkRSS, putRSS); err != nil {
		return nil, err
	}
	f, err := (&gofeed.DefaultRSSTranslator{DisableContentImageScan: true}).Translate(o)
	if err != nil {
		return nil, err
	}
	d := document(f)
	d.addChannel(o)
	for i, it := range o.Items {
		d.Entries[i].addRSS(it)
	}
	return d, nil
}

// addChannel adds what gofeed reads of a channel but does not translate.
func (d *Document) addChannel(o *rss.Feed) {
	n, x := &d.Feed, o.Extensions
	n.TTL = o.TTL
	if minutes, err := strconv.Atoi(strings.TrimSpace(o.TTL)); err == nil && minutes > 0 && minutes < 1<<20 {
		d.TTL = time.Duration(minutes) * time.Minute
	}
	d.Period = period(value(x, "sy", "updatePeriod"), value(x, "sy", "updateFrequency"))
	d.SkipHour, d.SkipDay = skipHours(o.SkipHours), skipDays(o.SkipDays)
	for _, l := range append(x["atom"]["link"], x["atom10"]["link"]...) {
		d.addLink(l.Attrs["rel"], l.Attrs["href"])
	}
	n.ID = value(x, "atom", "id")
	n.Published = either2(n.Published, seconds(value(x, "dcterms", "issued"), value(x, "dcterms", "created")))
	n.Updated = either2(n.Updated, seconds(value(x, "dcterms", "modified"), value(x, "atom", "updated")))
	for _, i := range x["itunes"]["image"] {
		n.Image = either(n.Image, i.Attrs["href"], i.Attrs["url"], i.Value)
	}
	for _, t := range x["media"]["thumbnail"] {
		n.Image = either(n.Image, t.Attrs["url"])
	}
	n.setPersons(channelPersons(o))
}

// channelPersons lists who answers for the feed, the one responsible for its content first.
func channelPersons(o *rss.Feed) (list []person) {
	x := o.Extensions
	for _, s := range []string{o.ManagingEditor, value(x, "dc", "creator"), value(x, "dc", "author"), value(x, "itunes", "author"), value(x, "googleplay", "author"), o.WebMaster} {
		if s != "" {
			list = append(list, parsePerson(s))
		}
	}
	list = append(list, atomPersons(x["atom"]["author"])...)
	for _, owner := range x["itunes"]["owner"] {
		list = append(list, person{child(owner, "name"), child(owner, "email")})
	}
	return list[:min(len(list), 1)]
}

// addRSS adds what gofeed reads of an item but does not translate.
func (n *Node) addRSS(it *rss.Item) {
	x := it.Extensions
	n.Comments = it.Comments
	if it.Source != nil {
		n.SourceTitle, n.SourceLink = it.Source.Title, it.Source.URL
	}
	n.ID = either(n.ID, value(x, "atom", "id"))
	n.Published = either2(n.Published, seconds(value(x, "dcterms", "issued"), value(x, "dcterms", "created"), it.Custom["published"]))
	n.Updated = either2(seconds(value(x, "dcterms", "modified")), n.Updated, seconds(it.Custom["updated"]))
	n.Content = either(n.Content, it.Custom["content"])
	n.Summary = either(n.Summary, it.Custom["summary"])
	for _, i := range x["itunes"]["image"] {
		n.Image = either(n.Image, i.Attrs["href"], i.Attrs["url"], i.Value)
	}
	n.origin = value(x, "feedburner", "origLink")
	n.addLinks(x)
	if g := it.GUID; g != nil && n.Link == "" && !strings.EqualFold(g.IsPermalink, "false") {
		n.Link = g.Value
	}
	if file := value(x, "feedburner", "origEnclosureLink"); file != "" && len(n.Enclosures) > 0 {
		n.Enclosures[0].URL = file
	}
	for k := range strings.SplitSeq(value(x, "itunes", "keywords"), ",") {
		n.Categories = appendNew(n.Categories, strings.TrimSpace(k))
	}
	n.setPersons(itemPersons(it))
	n.addMedia(x["media"])
	n.Language = value(x, "dc", "language")
}

// addLinks takes over the links of Atom inside an item.
func (n *Node) addLinks(x ext.Extensions) {
	for _, l := range x["atom"]["link"] {
		href := l.Attrs["href"]
		switch strings.ToLower(l.Attrs["rel"]) {
		case "", "alternate":
			n.Link = either(n.Link, href)
		case "enclosure":
			n.addEnclosure(Enclosure{URL: href, Type: l.Attrs["type"], Length: l.Attrs["length"]})
		case "image":
			n.Image = either(n.Image, href)
		case "replies":
			n.Comments = either(n.Comments, href)
		}
		n.Links = appendNew(n.Links, href)
	}
	for _, l := range x["itunes"]["link"] {
		if strings.EqualFold(l.Attrs["rel"], "image") {
			n.Image = either(n.Image, l.Attrs["href"])
		}
	}
	n.Link = either(n.Link, n.origin)
}

// itemPersons lists the authors by the first element that names any.
func itemPersons(it *rss.Item) (list []person) {
	x := it.Extensions
	if it.Author != "" {
		list = append(list, parsePerson(it.Author))
	}
	for _, from := range [][]ext.Extension{x["dc"]["creator"], x["dc"]["author"], x["itunes"]["author"], x["googleplay"]["author"], x["media"]["credit"]} {
		for _, e := range from {
			if role := e.Attrs["role"]; e.Value != "" && (role == "" || role == "author") {
				list = append(list, parsePerson(e.Value))
			}
		}
		if len(list) > 0 {
			return list
		}
	}
	return atomPersons(x["atom"]["author"])
}

func atomPersons(authors []ext.Extension) (list []person) {
	for _, a := range authors {
		list = append(list, person{child(a, "name"), child(a, "email")})
	}
	return list
}

// child is the text of the first child of this name.
func child(e ext.Extension, name string) string {
	for _, c := range e.Children[name] {
		return c.Value
	}
	return ""
}

// period is how often a feed says that it changes (RSS 1.0 syndication module).
func period(every, times string) time.Duration {
	hours := map[string]int{"hourly": 1, "daily": 24, "weekly": 7 * 24, "monthly": 30 * 24, "yearly": 365 * 24}[strings.ToLower(strings.TrimSpace(every))]
	n, err := strconv.Atoi(strings.TrimSpace(times))
	if err != nil || n < 1 {
		n = 1
	}
	return time.Duration(hours) * time.Hour / time.Duration(n)
}

func skipHours(list []string) (hours []int) {
	for _, s := range list {
		if h, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && h >= 0 && h <= 24 {
			hours = append(hours, h%24)
		}
	}
	return hours
}

func skipDays(list []string) (days []time.Weekday) {
	for _, s := range list {
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.EqualFold(strings.TrimSpace(s), d.String()) {
				days = append(days, d)
			}
		}
	}
	return days
}

// either2 is the first date that is there.
func either2(dates ...*int64) *int64 {
	for _, d := range dates {
		if d != nil {
			return d
		}
	}
	return nil
}
