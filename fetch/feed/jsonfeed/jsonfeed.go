// Package jsonfeed mends JSON Feed 1.0 and 1.1 until gofeed's types can hold it, as repair does with XML: wrong kinds of values, input that ends
// in the middle, too many items. It is pure.
package jsonfeed

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mmcdole/gofeed/json"
)

// maxRead is how many items are looked at for the newest.
const maxRead = 100_000

// Read reads a feed item by item: one that cannot be read, or that the input ends in, costs no other. Of more than most items
// those are kept, in their order, whose dates rank highest.
func Read(text string, most int, rank func(date string) int64) (*json.Feed, error) {
	fields, items, err := split(text)
	if err != nil {
		return nil, err
	}
	o := &json.Feed{}
	if err := lenient(fields, o); err != nil {
		return nil, fmt.Errorf("JSON feed: %w", err)
	}
	for _, raw := range newest(items, most, rank) {
		var fields map[string]any
		it := &json.Item{}
		if stdjson.Unmarshal(raw, &fields) == nil && lenient(fields, it) == nil {
			o.Items = append(o.Items, it)
		}
	}
	return o, nil
}

// split reads the fields of the feed and its items apart. It stops at the first error and keeps what came before.
func split(text string) (fields map[string]any, items []stdjson.RawMessage, err error) {
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

// newest keeps the newest where there are more than most items, in their order.
func newest(items []stdjson.RawMessage, most int, rank func(date string) int64) []stdjson.RawMessage {
	if len(items) <= most {
		return items
	}
	ranks := make([]int64, len(items))
	for i, raw := range items {
		var at struct {
			Published any `json:"date_published"`
		}
		if stdjson.Unmarshal(raw, &at) == nil {
			ranks[i] = rank(fmt.Sprint(at.Published))
		}
	}
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(max(ranks[b]-ranks[a], -1), 1)) })
	order = order[:most]
	slices.Sort(order)
	kept := make([]stdjson.RawMessage, most)
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
