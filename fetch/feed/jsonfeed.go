package feed

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"copytaster/fetch/feed/date"
	"copytaster/fetch/feed/markup"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/json"
)

// parseJSON reads JSON Feed 1.0 and 1.1 with gofeed, item by item: one that cannot be read, or that the input ends in, costs no other.
func parseJSON(text string) (*Document, error) {
	fields, items, err := readJSON(text)
	if err != nil {
		return nil, err
	}
	o := &json.Feed{}
	if err := lenient(fields, o); err != nil {
		return nil, fmt.Errorf("JSON feed: %w", err)
	}
	for _, raw := range newestJSON(items) {
		var fields map[string]any
		it := &json.Item{}
		if stdjson.Unmarshal(raw, &fields) == nil && lenient(fields, it) == nil {
			o.Items = append(o.Items, it)
		}
	}
	return fromJSON(o)
}

// readJSON reads the fields of the feed and its items apart. It stops at the first error and keeps what came before.
func readJSON(text string) (fields map[string]any, items []stdjson.RawMessage, err error) {
	dec := stdjson.NewDecoder(strings.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return nil, nil, fmt.Errorf("JSON feed: %w", err)
	}
	fields = map[string]any{}
	for dec.More() {
		key, err := dec.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			break
		}
		if name == "items" {
			if items, err = readItems(dec); err != nil {
				break
			}
			continue
		}
		var v any
		if dec.Decode(&v) != nil {
			break
		}
		fields[name] = v
	}
	if fields["version"] == nil && fields["title"] == nil && items == nil {
		return nil, nil, errors.New("JSON, but not a feed")
	}
	return fields, items, nil
}

// readItems reads the elements of an array; null is an empty one.
func readItems(dec *stdjson.Decoder) (items []stdjson.RawMessage, err error) {
	if t, err := dec.Token(); err != nil || t != stdjson.Delim('[') {
		return nil, err
	}
	for dec.More() && len(items) < maxRead {
		var raw stdjson.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return items, err
		}
		items = append(items, raw)
	}
	_, err = dec.Token()
	return items, err
}

// newestJSON keeps the newest where there are too many items, in their order.
func newestJSON(items []stdjson.RawMessage) []stdjson.RawMessage {
	if len(items) <= maxItems {
		return items
	}
	ranks := make([]int64, len(items))
	for i, raw := range items {
		var at struct {
			Published any `json:"date_published"`
		}
		if stdjson.Unmarshal(raw, &at) == nil {
			if t, ok := date.Parse(fmt.Sprint(at.Published)); ok {
				ranks[i] = t.Unix()
			}
		}
	}
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(max(ranks[b]-ranks[a], -1), 1)) })
	order = order[:maxItems]
	slices.Sort(order)
	kept := make([]stdjson.RawMessage, maxItems)
	for i, at := range order {
		kept[i] = items[at]
	}
	return kept
}

// lenient decodes fields into one of gofeed's types after giving every field the kind that the specification asks for.
func lenient(fields map[string]any, into any) error {
	for name, v := range fields {
		if v = coerce(name, v); v == nil {
			delete(fields, name)
		} else {
			fields[name] = v
		}
	}
	raw, err := stdjson.Marshal(fields)
	if err != nil {
		return err
	}
	return stdjson.Unmarshal(raw, into)
}

// coerce makes one value where a list stands and a list where one value stands; nil drops the field.
func coerce(name string, v any) any {
	switch name {
	case "authors":
		list, _ := asList(v).([]any)
		for i, a := range list {
			list[i] = author(a)
		}
		return slices.DeleteFunc(list, func(a any) bool { return a == nil })
	case "author":
		return author(v)
	case "tags":
		list, _ := asList(v).([]any)
		for i, t := range list {
			list[i] = asText(t)
		}
		return list
	case "attachments":
		list, _ := asList(v).([]any)
		return slices.DeleteFunc(list, func(a any) bool { m, ok := a.(map[string]any); return !ok || asText(m["url"]) == "" })
	case "expired", "id":
		return v
	case "hubs":
		return nil
	}
	if strings.HasPrefix(name, "_") {
		return nil
	}
	return asText(v)
}

// author gives the object that an author should be, nil for none.
func author(v any) any {
	switch v := v.(type) {
	case string:
		return map[string]any{"name": v}
	case []any:
		if len(v) > 0 {
			return author(v[0])
		}
	case map[string]any:
		return map[string]any{"name": asText(v["name"]), "url": asText(v["url"])}
	}
	return nil
}

func asList(v any) any {
	switch v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64, bool:
		return strings.Trim(fmt.Sprint(stdText(v)), `"`)
	case []any:
		if len(v) > 0 {
			return asText(v[0])
		}
	}
	return ""
}

func stdText(v any) string {
	raw, _ := stdjson.Marshal(v)
	return string(raw)
}

// fromJSON takes over what gofeed reads and adds what it does not translate.
func fromJSON(o *json.Feed) (*Document, error) {
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
