package jsonfeed

import (
	"reflect"
	"testing"
	"time"

	"github.com/mmcdole/gofeed/json"
)

// day ranks dates of ISO 8601.
func day(date string) int64 {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	return t.Unix()
}

func ids(items []*json.Item) (list []string) {
	for _, it := range items {
		list = append(list, it.ID)
	}
	return list
}

// TestRead: values of the wrong kind are mended, items that are none or cut short cost no other, and the newest are kept.
func TestRead(t *testing.T) {
	const dated = `{"version":"1","items":[{"id":"a","date_published":"2026-03-01"},{"id":"b","date_published":"2026-03-03"},` +
		`{"id":"c"},{"id":"d","date_published":"2026-03-02"}]}`
	for text, want := range map[string][]string{
		`{"title":["Harbour Post"],"items":[{"id":"a","tags":"coast","author":"Ada Quill"},7,{"id":"b","url":["https://outlet.example/b"]}]}`: {"a", "b"},
		`{"title":"Harbour Post","items":[{"id":"a"},{"id":"b"`:                                                                               {"a"},
		`{"title":"Harbour Post","items":null}`:                                                                                               nil,
		dated:                                                                                                                                 {"a", "b", "d"},
	} {
		o, err := Read(text, 3, day)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := ids(o.Items); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"", "[]", "{}", `{"name":"copytaster"}`} {
		if o, err := Read(text, 3, day); err == nil {
			t.Errorf("%q: got %+v, want an error", text, o)
		}
	}
}

// FuzzRead: any text gives a feed or an error, and of a feed no more items than asked for, which are some of all, in their order.
func FuzzRead(f *testing.F) {
	f.Add(`{"version":"1","items":[{"id":1},{"id":"b","date_published":"2026-03-03"},{"id":"c","author":["Ada"]},{"id":"d"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		some, err := Read(text, 2, day)
		all, errAll := Read(text, maxRead, day)
		if (err == nil) != (errAll == nil) {
			t.Fatalf("%q: %v and %v", text, err, errAll)
		}
		if err != nil {
			return
		}
		if len(some.Items) > 2 {
			t.Fatalf("%q: %d items", text, len(some.Items))
		}
		rest := all.Items
		for _, it := range some.Items {
			for len(rest) > 0 && !reflect.DeepEqual(rest[0], it) {
				rest = rest[1:]
			}
			if len(rest) == 0 {
				t.Fatalf("%q: %+v is not in its place", text, it)
			}
			rest = rest[1:]
		}
	})
}
