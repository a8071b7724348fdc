package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"copytaster"
	"copytaster/export/safe"

	"github.com/mmcdole/gofeed"
)

// TestRoundTrip reads the feeds with a reader of another's making and holds them against the entries they were made of.
func TestRoundTrip(t *testing.T) {
	for _, name := range []string{"front.json", "hostile.json"} {
		list := entries(channel(), stories(t, name))
		for ext, f := range formats() {
			doc, err := gofeed.NewParser().Parse(bytes.NewReader(render(t, f, channel(), stories(t, name))))
			if err != nil {
				t.Fatalf("%s as %s: %v", name, ext, err)
			}
			if len(doc.Items) != len(list) {
				t.Fatalf("%s as %s: got %d items, want %d", name, ext, len(doc.Items), len(list))
			}
			for i, e := range list {
				same(t, fmt.Sprintf("%s as %s, item %d", name, ext, i), ext, doc.Items[i], e)
			}
		}
	}
}

func same(t *testing.T, where, ext string, got *gofeed.Item, e entry) {
	t.Helper()
	title := got.Title
	if ext != "jsonfeed" && safe.HasMarkup(e.title) {
		title = html.UnescapeString(title) // such titles go out as HTML
	}
	if title != e.title {
		t.Errorf("%s: got title %q, want %q", where, title, e.title)
	}
	if got.Link != e.url || got.GUID != e.id {
		t.Errorf("%s: got link %q and id %q, want %q and %q", where, got.Link, got.GUID, e.url, e.id)
	}
	if !got.PublishedParsed.Equal(e.published) || !got.UpdatedParsed.Truncate(time.Second).Equal(e.updated) {
		t.Errorf("%s: got times %v and %v, want %v and %v", where, got.PublishedParsed, got.UpdatedParsed, e.published, e.updated)
	}
	if strings.TrimSpace(got.Content) != strings.TrimSpace(e.body) {
		t.Errorf("%s: got content %q, want %q", where, got.Content, e.body)
	}
	authors := len(e.authors)
	if ext == "rss" {
		authors = 1 // gofeed takes the first of several dc:creator
	}
	if len(got.Authors) != authors || len(got.Categories) != len(e.categories) {
		t.Errorf("%s: got %d authors and categories %q, want %q and %q", where, len(got.Authors), got.Categories, e.authors, e.categories)
	}
}

// TestJSONFeed holds the output to what jsonfeed.org demands of version 1.1.
func TestJSONFeed(t *testing.T) {
	for _, name := range []string{"front.json", "hostile.json"} {
		var doc map[string]any
		if err := json.Unmarshal(render(t, JSON, channel(), stories(t, name)), &doc); err != nil {
			t.Fatal(err)
		}
		if doc["version"] != "https://jsonfeed.org/version/1.1" || doc["title"] == "" {
			t.Errorf("%s: got version %v, title %v", name, doc["version"], doc["title"])
		}
		seen := map[any]bool{}
		for i, v := range doc["items"].([]any) {
			item := v.(map[string]any)
			if id, ok := item["id"].(string); !ok || id == "" || seen[id] {
				t.Errorf("%s: item %d: id %v is missing or comes twice", name, i, item["id"])
			}
			seen[item["id"]] = true
			if html, ok := item["content_html"].(string); !ok || html == "" {
				t.Errorf("%s: item %d: has no content_html", name, i)
			}
			for _, key := range []string{"date_published", "date_modified"} {
				if _, err := time.Parse(time.RFC3339, item[key].(string)); err != nil {
					t.Errorf("%s: item %d: %s: %v", name, i, key, err)
				}
			}
			checkJSONAddresses(t, fmt.Sprintf("%s: item %d", name, i), item)
		}
	}
}

func checkJSONAddresses(t *testing.T, where string, item map[string]any) {
	t.Helper()
	for _, key := range []string{"url", "image"} {
		if s, ok := item[key].(string); ok {
			checkAddress(t, where+": "+key, s)
		}
	}
	extension := item["_copytaster"].(map[string]any)
	for _, key := range []string{"story", "agencies", "outlets"} {
		if _, ok := extension[key]; !ok {
			t.Errorf("%s: _copytaster has no %s", where, key)
		}
	}
}

// checkAddress fails the test if s is not a whole web address in ASCII.
func checkAddress(t *testing.T, where, s string) {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		t.Errorf("%s: %q is not an address: %v", where, s, err)
	}
}

// TestIDs shows what the ids of entries hang on: the story's id, the host and the year, and nothing that may change.
func TestIDs(t *testing.T) {
	list := stories(t, "front.json")
	before := entries(channel(), list)
	c := channel()
	c.Self, c.Link, c.Title, c.Stories, c.ID = "https://elsewhere.example/f", "https://elsewhere.example/", "Other", "", ""
	list[0].Items = list[0].Items[1:]
	list[0].Updated = list[0].Updated.Add(time.Hour)
	after := entries(c, list)
	for i := range before {
		if before[i].id != after[i].id || !before[i].published.Equal(after[i].published) {
			t.Errorf("entry %d: id or time of publication changed: %s %v, then %s %v", i, before[i].id, before[i].published, after[i].id, after[i].published)
		}
	}
	if got, want := before[0].id, "tag:news.example,2026:story/5d1f0c8a9b3e7742"; got != want {
		t.Errorf("got id %s, want %s", got, want)
	}
	for _, host := range []string{"", "127.0.0.1:7777", "localhost", "exa mple.org", "ÄÖ.example"} {
		if got, want := mint(host, before[0].published, "story", "5d1f0c8a9b3e7742"), "urn:uuid:a5dcf6b3-"; got[:9] != want[:9] || got != mint("", unknown, "story", "5d1f0c8a9b3e7742") {
			t.Errorf("host %q: got id %s, want a UUID of the story's id alone", host, got)
		}
	}
}

// TestHugeTitle shows that one monstrous item does not make a monstrous feed.
func TestHugeTitle(t *testing.T) {
	list := stories(t, "front.json")
	list[0].Items[0].Title = strings.Repeat("Ferry é ", 10<<20/9)
	list[0].Items[0].Authors = []string{strings.Repeat("x", 1<<20)}
	list[0].Items[0].URL = "https://a.example/" + strings.Repeat("x", 1<<20)
	for ext, f := range formats() {
		if got := render(t, f, channel(), list); len(got) > 20_000 || !utf8.Valid(got) {
			t.Errorf("%s: got %d bytes", ext, len(got))
		}
	}
}

func FuzzFeeds(f *testing.F) {
	f.Add("Title & <b>", "Text", "https://a.example/x?y", "<p>html", "AFP", int64(0), true)
	f.Add("\x00\xff]]>", "\u0085", "http://[::1]/", "<table><a><b></table>&#x80;", "</b>&amp;", int64(1<<40), false)
	f.Fuzz(func(t *testing.T, title, text, address, markup, name string, seconds int64, quote bool) {
		it := copytaster.Item{ID: name, Feed: address, Outlet: name, URL: address, Title: title, Authors: []string{name, title}, Categories: []string{text, name},
			Language: name, Published: time.Unix(seconds, 0), HTML: markup, Image: address,
			Enclosures: []copytaster.Enclosure{{URL: address, Type: name, Length: seconds}}, Credits: []copytaster.Credit{{Agency: name, Role: copytaster.Full}}}
		full := it
		full.Blocks = []copytaster.Block{{Text: text, Kept: true, Quote: quote}, {Text: markup, Kept: true}}
		list := []copytaster.Story{
			{ID: name, Items: []copytaster.Item{it, full}, Shares: []copytaster.Share{{Kept: 1}, {Kept: float64(seconds)}}},
			{ID: "b" + text, Items: []copytaster.Item{full, it}, Published: time.Unix(seconds, 0)},
		}
		c := Channel{Title: title, Description: text, Link: address, Self: address, ID: name, Language: name, Host: name, Hub: address, Stories: address}
		want := len(entries(c, list))
		for ext, write := range formats() {
			out := render(t, write, c, list)
			if ext != "jsonfeed" {
				wellFormed(t, out)
			}
			if !utf8.Valid(out) || bytes.ContainsRune(out, utf8.RuneError) {
				t.Fatalf("%s: has broken characters", ext)
			}
			doc, err := gofeed.NewParser().Parse(bytes.NewReader(out))
			if err != nil || len(doc.Items) != want {
				t.Fatalf("%s: gofeed read %v, want %d items: %v\n%s", ext, doc, want, err, out)
			}
		}
	})
}

func BenchmarkFeeds(b *testing.B) {
	one := stories(b, "front.json")[0]
	for len(one.Items[0].Blocks) < 20 { // about 3,000 characters
		one.Items[0].Blocks = append(one.Items[0].Blocks, copytaster.Block{Text: strings.Repeat(" Ferries between the mainland and the islands.", 4)[1:], Kept: true})
	}
	var list []copytaster.Story
	for i := range 100 {
		one.ID = fmt.Sprint(i)
		list = append(list, one)
	}
	press := NewPress()
	b.Run("jsonfeed again", func(b *testing.B) {
		for b.Loop() {
			if err := press.JSON(io.Discard, channel(), list); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("atom again", func(b *testing.B) {
		for b.Loop() {
			if err := press.Atom(io.Discard, channel(), list); err != nil {
				b.Fatal(err)
			}
		}
	})
	for ext, f := range formats() {
		b.Run(ext, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(render(b, f, channel(), list))))
			for b.Loop() {
				if err := f(io.Discard, channel(), list); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
