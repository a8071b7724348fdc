package feed

import (
	"strings"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/json"
)

// parseJSON reads JSON Feed 1.0 and 1.1 with gofeed.
func parseJSON(text string) (*Document, error) {
	o, err := (&json.Parser{}).Parse(strings.NewReader(text))
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
		d.Entries[i].addJSON(it)
	}
	return d, nil
}

func (n *Node) addJSON(it *json.Item) {
	n.Language = it.Language
	n.Link = either(n.Link, it.ExternalURL)
	if n.Link == "" && isLink(it.ID) {
		n.Link = it.ID
	}
	n.setPersons(jsonPersons(it.Authors, it.Author))
}

func jsonPersons(list []*json.Author, one *json.Author) (out []person) {
	for _, a := range append(list, one) {
		if a != nil && a.Name != "" {
			out = append(out, parsePerson(a.Name))
		}
	}
	return out
}
