package feed

import (
	"encoding/json"
	"encoding/xml"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var seen = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// FuzzParse: any bytes give a document or an error, never a panic; what a document says is valid UTF-8; its items stand beside its
// entries, each with an id of its own and no date after it was seen.
func FuzzParse(f *testing.F) {
	f.Add([]byte(voyage), "text/xml; charset=koi8-r")
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":7,"tags":"a","author":"b"}]}`), "")
	f.Add([]byte("\xff\xfe<\x00r\x00s\x00s\x00>\x00"), "")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		d, err := Parse(body, contentType, "https://outlet.example/feed")
		if err != nil {
			return
		}
		visit(reflect.ValueOf(*d), func(s string) {
			if !utf8.ValidString(s) {
				t.Fatalf("not UTF-8: %q", s)
			}
		})
		items := d.Items(feedOf("https://outlet.example/feed"), seen)
		ids := map[string]bool{}
		for _, it := range items {
			if ids[it.ID] || it.GUID == "" || it.Published.After(seen) {
				t.Fatalf("%q in %+v", body, it)
			}
			ids[it.ID] = true
		}
		if len(items) != len(d.Entries) {
			t.Fatalf("%d items of %d entries", len(items), len(d.Entries))
		}
	})
}

// visit calls f with every string inside v.
func visit(v reflect.Value, f func(string)) {
	switch v.Kind() {
	case reflect.String:
		f(v.String())
	case reflect.Struct:
		for _, field := range v.Fields() {
			visit(field, f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), f)
		}
	}
}

// rssOf writes what a document says as RSS 2.0.
func rssOf(d *Document) string {
	var b strings.Builder
	element := func(name, text string) {
		if text != "" {
			b.WriteString("<" + name + ">")
			xml.EscapeText(&b, []byte(text))
			b.WriteString("</" + name + ">\n")
		}
	}
	b.WriteString(`<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>` + "\n")
	for _, n := range d.Entries {
		b.WriteString("<item>\n")
		element("title", n.Title)
		element("link", n.Link)
		element("guid", n.ID)
		element("description", n.Summary)
		element("content:encoded", n.Content)
		for _, c := range n.Categories {
			element("category", c)
		}
		if n.Published != nil {
			element("pubDate", time.Unix(*n.Published, 0).UTC().Format(time.RFC1123Z))
		}
		b.WriteString("</item>\n")
	}
	b.WriteString("</channel></rss>")
	return b.String()
}

// FuzzAgain: a feed written anew from what was read gives the same when it is read again.
func FuzzAgain(f *testing.F) {
	f.Add([]byte(voyage))
	f.Add([]byte(`<feed><entry><title type="xhtml"><div>a<br></title><link href="b"/><id>c</id><content>d &amp;amp; e</content></entry>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		first, err := Parse(body, "", "")
		if err != nil || len(first.Entries) == 0 {
			return
		}
		// Once through RSS settles what RSS cannot say (blanks around a text, a title of a title); from there on nothing may change.
		d, err := Parse([]byte(rssOf(first)), "", "")
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse([]byte(rssOf(d)), "", "")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := text(t, again), text(t, d); got != want {
			t.Fatalf("%q:\ngot  %s\nwant %s", body, got, want)
		}
	})
}

// text shows what of a document the test's RSS carries.
func text(t *testing.T, d *Document) string {
	t.Helper()
	var nodes []Node
	for _, n := range d.Entries {
		nodes = append(nodes, Node{Title: n.Title, Link: n.Link, ID: n.ID, Summary: n.Summary, Content: n.Content, Categories: n.Categories, Published: n.Published})
	}
	raw, err := json.Marshal(nodes)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// voyage is a sound feed to do damage to. Lines end only between elements.
const voyage = `<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>Voyages</title>
<link>https://outlet.example/</link>
<item>
<title>First leg &amp; more</title>
<link>https://outlet.example/1</link>
<guid isPermaLink="false">leg-one</guid>
<description><![CDATA[<p>Calm <b>sea</b></p>]]></description>
<pubDate>Sun, 01 Mar 2026 08:30:00 GMT</pubDate>
</item>
<item>
<title>Second leg</title>
<guid isPermaLink="false">leg-two</guid>
<description>&lt;p&gt;Fog&lt;/p&gt;</description>
<dc:creator>Ada Quill</dc:creator>
<link>https://outlet.example/2</link>
</item>
<item>
<description>Wind <i>from</i> the west</description>
<link>https://outlet.example/3</link>
<title>Third leg</title>
<enclosure url="https://outlet.example/3.mp3" type="audio/mpeg" length="12"/>
<guid isPermaLink="false">leg-three</guid>
</item>
</channel>
</rss>
`

// damage does one kind of harm at a place: cuts the feed off, drops or doubles a character of markup, or puts junk between elements.
func damage(s string, kind, place int) string {
	junk := []string{"<", "&", "]]>", "<![CDATA[", "<!--", "</b>", "<b>", "</item>", "<title>", "</guid>", "\x00", "<?", "<!x", "junk", "</channel>", "</rss>", "<br/>"}
	var marks, gaps []int
	for i, c := range s {
		if strings.ContainsRune(`<>/"=![]`, c) {
			marks = append(marks, i)
		}
		if c == '\n' {
			gaps = append(gaps, i)
		}
	}
	switch mark := marks[place%max(len(marks), 1)]; kind % 4 {
	case 0:
		return s[:place%len(s)]
	case 1:
		return s[:mark] + s[mark+1:]
	case 2:
		return s[:mark] + s[mark:mark+1] + s[mark:]
	}
	gap := gaps[place%len(gaps)]
	return s[:gap] + junk[place/len(gaps)%len(junk)] + s[gap:]
}

// FuzzDamage: a damaged copy never yields an item that the sound feed lacks, and never loses more than two items for one harm.
func FuzzDamage(f *testing.F) {
	for kind := range 4 {
		f.Add(kind, 300)
	}
	f.Fuzz(func(t *testing.T, kind, place int) {
		if kind < 0 || place < 0 {
			return
		}
		harm(t, kind, place)
	})
}

func harm(t *testing.T, kind, place int) {
	t.Helper()
	body := damage(voyage, kind, place)
	d, err := Parse([]byte(body), "", "")
	if err != nil {
		if kind%4 != 0 {
			t.Errorf("%s\n%v", body, err)
		}
		return
	}
	known := []string{"leg-one", "leg-two", "leg-three", "https://outlet.example/1", "https://outlet.example/2", "https://outlet.example/3"}
	for _, n := range d.Entries {
		if !slices.Contains(known, n.ID) && !slices.Contains(known, n.Link) {
			t.Errorf("%s\nhas an item %q, %q", body, n.ID, n.Title)
		}
	}
	if kind%4 != 0 && (len(d.Entries) < 2 || len(d.Entries) > 3) {
		t.Errorf("%s\ngives %d items", body, len(d.Entries))
	}
}

// TestDamage does every single harm that FuzzDamage knows.
func TestDamage(t *testing.T) {
	for kind := range 4 {
		for place := range 800 {
			harm(t, kind, place)
			if t.Failed() {
				t.Fatalf("kind %d at %d", kind, place)
			}
		}
	}
}
