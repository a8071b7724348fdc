package export

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"html"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/export/safe"
)

// TestFormatsAgree shows that the three formats say the same of every story, in the same order.
func TestFormatsAgree(t *testing.T) {
	for _, name := range []string{"front.json", "hostile.json"} {
		list := stories(t, name)
		items := tree(t, render(t, RSS, channel(), list)).Children[0].all("item")
		entries := tree(t, render(t, Atom, channel(), list)).all("entry")
		var doc jsonFeed
		if err := json.Unmarshal(render(t, JSON, channel(), list), &doc); err != nil {
			t.Fatal(err)
		}
		if len(items) != len(entries) || len(items) != len(doc.Items) {
			t.Fatalf("%s: got %d, %d and %d entries", name, len(items), len(entries), len(doc.Items))
		}
		for i, j := range doc.Items {
			r, a := items[i], entries[i]
			for _, c := range []struct{ what, rss, atom, json string }{
				{"id", r.text("guid"), a.text("id"), j.ID},
				{"body", r.text("content:encoded"), a.text("content"), j.HTML},
				{"title", bare(r.text("title"), j.Title), bare(a.text("title"), j.Title), j.Title},
				{"summary", html.UnescapeString(r.text("description")), bare(a.text("summary"), j.Summary), j.Summary},
				{"updated", r.text("updated"), a.text("updated"), r.text("updated")},
				{"authors", r.text("dc:creator"), a.Children[4].text("name"), j.Authors[0].Name},
			} {
				if c.rss != c.json || c.atom != c.json {
					t.Errorf("%s, entry %d: %s is %q in RSS, %q in Atom, %q in JSON", name, i, c.what, c.rss, c.atom, c.json)
				}
			}
			if modified := a.text("updated")[:19] + "Z"; modified != j.Modified {
				t.Errorf("%s, entry %d: changed at %s in Atom, %s in JSON", name, i, modified, j.Modified)
			}
		}
	}
}

// bare undoes the escaping of a title that went out as HTML.
func bare(s, want string) string {
	if safe.HasMarkup(want) {
		return html.UnescapeString(s)
	}
	return s
}

// TestOnce shows that a story stands in a feed once, however often it is given, and one without items not at all.
func TestOnce(t *testing.T) {
	one := stories(t, "front.json")[0]
	list := []copytaster.Story{one, {ID: "empty"}, one, stories(t, "front.json")[1], one}
	if got := entries(channel(), list); len(got) != 2 || got[0].story.ID != one.ID {
		t.Errorf("got %d entries, want 2", len(got))
	}
}

// TestUntouched shows that writing a feed changes nothing of the stories, which others read at the same time.
func TestUntouched(t *testing.T) {
	list := stories(t, "hostile.json")
	before, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range formats() {
		render(t, f, channel(), list)
	}
	if after, err := json.Marshal(list); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the stories are not what they were: %v", err)
	}
}

// FuzzHexReferences shows that the hexadecimal references read as what they stand for.
func FuzzHexReferences(f *testing.F) {
	f.Add("a & b < c > d \" e ' f")
	f.Add("&amp;&lt;&#x26;amp;")
	f.Fuzz(func(t *testing.T, s string) {
		type doc struct {
			Attr string `xml:"attr,attr"`
			Text string `xml:",chardata"`
		}
		want := doc{safe.Clean(s), safe.Clean(s)}
		plain, err := xml.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		out := hexReferences(plain)
		var got doc
		if err := xml.Unmarshal(out, &got); err != nil || got != want {
			t.Errorf("%q: got %q, %v", s, got, err)
		}
		if strings.Contains(string(out), "&amp;") || strings.Contains(string(out), "&lt;") {
			t.Errorf("%q: got %s", s, out)
		}
	})
}

func TestDates(t *testing.T) {
	when := time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", -5*3600))
	if got, want := rfc822(when), "Wed, 04 Mar 2026 10:06:07 GMT"; got != want {
		t.Errorf("RFC 822: got %s, want %s", got, want)
	}
	if got, want := rfc3339(when), "2026-03-04T10:06:07Z"; got != want {
		t.Errorf("RFC 3339: got %s, want %s", got, want)
	}
	if got := rfc822(time.Time{}); got != "" {
		t.Errorf("no time in RFC 822: got %s", got)
	}
	if got, want := rfc3339(time.Time{}), "2000-01-01T00:00:00Z"; got != want {
		t.Errorf("no time in RFC 3339: got %s, want %s", got, want)
	}
}

// TestMedia shows where a story's pictures and recordings go in each format.
func TestMedia(t *testing.T) {
	list := stories(t, "front.json")[:1]
	item := tree(t, render(t, RSS, channel(), list)).Children[0].all("item")[0]
	if e, m := item.all("enclosure"), item.all("media:content"); len(e) != 1 || e[0].Attr["length"] != "481516" || len(m) != 1 || m[0].Attr["url"] != "https://media.harbour.example/ferry.mp4" {
		t.Errorf("RSS: got enclosures %v, further media %v", e, m)
	}
	if th := item.all("media:thumbnail"); len(th) != 1 || th[0].Attr["url"] != "https://harbour.example/i/ferry.jpg" {
		t.Errorf("RSS: got thumbnails %v", th)
	}
	enclosures := 0
	for _, l := range tree(t, render(t, Atom, channel(), list)).all("entry")[0].all("link") {
		if l.Attr["rel"] == "enclosure" {
			enclosures++
		}
	}
	if enclosures != 2 {
		t.Errorf("Atom: got %d enclosures, want 2", enclosures)
	}
	var doc jsonFeed
	if err := json.Unmarshal(render(t, JSON, channel(), list), &doc); err != nil || len(doc.Items[0].Attachments) != 2 || doc.Items[0].Image == "" || doc.Items[0].Attachments[1].Size != 0 {
		t.Errorf("JSON: got %+v, %v", doc.Items, err)
	}
}

// TestExtension shows what the JSON Feed tells of the outlets.
func TestExtension(t *testing.T) {
	var doc jsonFeed
	if err := json.Unmarshal(render(t, JSON, channel(), stories(t, "front.json")), &doc); err != nil {
		t.Fatal(err)
	}
	x := doc.Items[0].Copytaster
	if x.Story != "5d1f0c8a9b3e7742" || len(x.Agencies) != 1 || x.Agencies[0] != "AFP" || len(x.Outlets) != 3 {
		t.Fatalf("got %+v", x)
	}
	if o := x.Outlets[1]; o.Outlet != "Inselblatt" || o.URL != "https://inselblatt.example/2026/f%C3%A4hren?a=1&b=2" || *o.Kept != .834 || *o.Added != .121 || o.Published.Hour() != 7 {
		t.Errorf("got %+v", o)
	}
	if o := x.Outlets[2]; o.Published != nil || o.Seen.Hour() != 9 || *o.Added != 0 {
		t.Errorf("an item without a date: got %+v", o)
	}
	if o := doc.Items[1].Copytaster.Outlets[0]; o.Kept != nil || o.Added != nil {
		t.Errorf("a story that was not measured: got %+v", o)
	}
}
