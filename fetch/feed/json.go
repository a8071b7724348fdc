package feed

import (
	"copytaster/fetch/feed/jsonfeed"
	"copytaster/fetch/feed/markup"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/json"
)

// parseJSON reads a JSON feed and adds what gofeed does not translate.
func parseJSON(text string) (*Document, error) {
	o, err := jsonfeed.Read(text, maxItems, rank)
	if err != nil {
		return nil, err
	}
	f, err := (&gofeed.DefaultJSONTranslator{}).Translate(o)
	if err != nil {
		return nil, err
	}
	d := document(f)
	d.Self, d.Previous = o.FeedURL, o.NextURL
	n := &d.Feed
	n.Icon, n.Link = o.Favicon, either(n.Link, o.FeedURL)
	n.Image = either(n.Image, o.Favicon)
	n.setPersons(jsonPersons(o.Authors, o.Author))
	for i, it := range o.Items {
		n := &d.Entries[i]
		n.Language = it.Language
		n.Link = either(n.Link, it.ExternalURL)
		if n.Link == "" && markup.IsLink(it.ID) {
			n.Link = it.ID
		}
		n.setPersons(jsonPersons(it.Authors, it.Author))
	}
	return d, nil
}

func jsonPersons(list []*json.Author, one *json.Author) (out []person) {
	for _, a := range append(list, one) {
		if a != nil && a.Name != "" {
			out = append(out, parsePerson(a.Name))
		}
	}
	return out
}
