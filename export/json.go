package export

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"time"

	"copytaster"
	"copytaster/export/safe"
)

// The shapes of JSON Feed 1.1 (jsonfeed.org/version/1.1).
type (
	jsonFeed struct {
		Version     string     `json:"version"`
		Title       string     `json:"title"`
		HomePage    string     `json:"home_page_url,omitempty"`
		FeedURL     string     `json:"feed_url,omitempty"`
		Next        string     `json:"next_url,omitempty"`
		Description string     `json:"description,omitempty"`
		Language    string     `json:"language,omitempty"`
		Authors     []jsonName `json:"authors"`
		Hubs        []jsonHub  `json:"hubs,omitempty"`
		Items       []jsonItem `json:"items"` // written without: the entries are put in as they were written
	}
	jsonItem struct {
		ID          string           `json:"id"`
		URL         string           `json:"url,omitempty"`
		Title       string           `json:"title"`
		HTML        string           `json:"content_html"`
		Summary     string           `json:"summary"`
		Image       string           `json:"image,omitempty"`
		Published   string           `json:"date_published"`
		Modified    string           `json:"date_modified"`
		Authors     []jsonName       `json:"authors"`
		Tags        []string         `json:"tags,omitempty"`
		Language    string           `json:"language,omitempty"`
		Attachments []jsonAttachment `json:"attachments,omitempty"`
		Copytaster  jsonStory        `json:"_copytaster"`
	}
	jsonName struct {
		Name string `json:"name"`
	}
	jsonHub struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	}
	jsonAttachment struct {
		URL  string `json:"url"`
		Type string `json:"mime_type"`
		Size int64  `json:"size_in_bytes,omitempty"`
	}
	jsonStory struct {
		Story    string       `json:"story"`
		Agencies []string     `json:"agencies"`
		Outlets  []jsonOutlet `json:"outlets"`
	}
	jsonOutlet struct {
		Outlet    string     `json:"outlet"`
		URL       string     `json:"url,omitempty"`
		Title     string     `json:"title"`
		Feed      string     `json:"feed,omitempty"`
		Published *time.Time `json:"published,omitempty"`
		Seen      *time.Time `json:"seen,omitempty"`
		Kept      *float64   `json:"kept,omitempty"`
		Added     *float64   `json:"added,omitempty"`
	}
)

// JSON writes the stories, each once and in the order given, as JSON Feed 1.1. Every item has an object _copytaster: story (the
// story's id), agencies (whose text it is or holds), and outlets, the lead first: outlet, url, title, feed, published and seen
// (RFC 3339) and, where measured, kept (the part of the lead's text that stands there) and added (the part of its own text that
// the lead has not), both from 0 to 1. Errors are those of w.
func JSON(w io.Writer, c Channel, stories []copytaster.Story) error {
	return (*Press)(nil).JSON(w, c, stories)
}

// JSON writes the stories as the function of the same name does.
func (p *Press) JSON(w io.Writer, c Channel, stories []copytaster.Story) error {
	list, err := p.fragments("json", c, stories, func(e entry) ([]byte, error) { return object(e.json()) })
	if err != nil {
		return err
	}
	doc := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: or(safe.OneLine(c.Title), generator), HomePage: safe.Address(c.Link),
		FeedURL: safe.Address(c.Self), Next: safe.Address(c.Prev), Description: safe.OneLine(c.Description), Language: safe.Language(c.Language),
		Authors: []jsonName{{generator}}, Items: []jsonItem{},
	}
	if hub := safe.Address(c.Hub); hub != "" {
		doc.Hubs = []jsonHub{{"WebSub", hub}}
	}
	head, err := object(doc)
	if err != nil {
		return err
	}
	const end = "]}"
	return writeAll(w, head[:len(head)-len(end)], list, "", ",", end+"\n")
}

// object writes v as JSON without escapes that only HTML wants.
func object(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func (e entry) json() jsonItem {
	it := jsonItem{
		ID: e.id, URL: e.url, Title: e.title, HTML: e.body, Summary: e.summary, Image: e.image,
		Published: rfc3339(e.published), Modified: rfc3339(e.updated), Tags: e.categories, Language: e.language,
		Copytaster: jsonStory{Story: safe.Clean(e.story.ID), Agencies: e.agencies},
	}
	if it.Copytaster.Agencies == nil {
		it.Copytaster.Agencies = []string{}
	}
	for _, a := range e.authors {
		it.Authors = append(it.Authors, jsonName{a})
	}
	for _, enc := range e.enclosures {
		it.Attachments = append(it.Attachments, jsonAttachment{enc.URL, enc.Type, enc.Length})
	}
	for i, item := range e.story.Items {
		o := jsonOutlet{Outlet: outlet(item), URL: safe.Address(item.URL), Title: headline(item), Feed: safe.Address(item.Feed),
			Published: moment(item.Published), Seen: moment(item.Seen)}
		if i < len(e.story.Shares) {
			o.Kept, o.Added = part(e.story.Shares[i].Kept), part(e.story.Shares[i].Added)
		}
		it.Copytaster.Outlets = append(it.Copytaster.Outlets, o)
	}
	return it
}

// moment is a time in UTC and whole seconds, nil where there is none that can be believed.
func moment(t time.Time) *time.Time {
	if !plausible(t) {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

// part is a share rounded to thousandths and held between 0 and 1; JSON has no word for what is not a number.
func part(x float64) *float64 {
	if math.IsNaN(x) {
		x = 0
	}
	x = math.Round(min(max(x, 0), 1)*1000) / 1000
	return &x
}
