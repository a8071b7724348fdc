package export

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"copytaster/export/safe"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// element is any XML element as a tree; Name is prefixed by the namespace's last part where it is not the document's own.
type element struct {
	Name     string
	Attr     map[string]string
	Text     string
	Children []*element
	Line     int
}

// tree reads a document.
func tree(t testing.TB, data []byte) *element {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(data))
	root := &element{}
	stack := []*element{root}
	for {
		tok, err := d.Token()
		if err != nil {
			break
		}
		top := stack[len(stack)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			line, _ := d.InputPos()
			e := &element{Name: short(tok.Name), Attr: map[string]string{}, Line: line}
			for _, a := range tok.Attr {
				e.Attr[short(a.Name)] = a.Value
			}
			top.Children = append(top.Children, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.Text += string(tok)
		}
	}
	return root.Children[0]
}

// short names the modules' elements as their specifications do.
func short(n xml.Name) string {
	prefix := map[string]string{
		"http://purl.org/rss/1.0/modules/content/": "content:", "http://purl.org/dc/elements/1.1/": "dc:", "http://search.yahoo.com/mrss/": "media:",
		"http://purl.org/syndication/history/1.0": "fh:", "xmlns": "xmlns:", "http://www.w3.org/XML/1998/namespace": "xml:",
	}
	return prefix[n.Space] + n.Local
}

// all gives the children of the name; text that of the first.
func (e *element) all(name string) (list []*element) {
	for _, c := range e.Children {
		if c.Name == name {
			list = append(list, c)
		}
	}
	return list
}

func (e *element) text(name string) string {
	if list := e.all(name); len(list) > 0 {
		return list[0].Text
	}
	return ""
}

// count says how often an element may stand: at least and at most, -1 for any number.
type count struct {
	name        string
	least, most int
}

func (e *element) check(t *testing.T, where string, counts []count) {
	t.Helper()
	for _, c := range counts {
		if n := len(e.all(c.name)); n < c.least || c.most >= 0 && n > c.most {
			t.Errorf("%s, line %d: %d times <%s>, want %d to %d", where, e.Line, n, c.name, c.least, c.most)
		}
	}
	for _, c := range e.Children {
		if !slices.ContainsFunc(counts, func(k count) bool { return k.name == c.Name }) {
			t.Errorf("%s, line %d: <%s> has no place in <%s>", where, c.Line, c.Name, e.Name)
		}
	}
}

// TestRSSValid holds the output to the rules of RSS 2.0 and the Best Practices Profile that a validator checks.
func TestRSSValid(t *testing.T) {
	for _, name := range []string{"front.json", "hostile.json"} {
		channel := tree(t, render(t, RSS, channel(), stories(t, name))).Children[0]
		channel.check(t, name, []count{{"title", 1, 1}, {"link", 1, -1}, {"description", 1, 1}, {"language", 0, 1}, {"lastBuildDate", 0, 1}, {"generator", 1, 1}, {"docs", 0, 1}, {"item", 0, -1}})
		checkDate(t, name, time.RFC1123, channel.text("lastBuildDate"))
		ids := map[string]bool{}
		for _, it := range channel.all("item") {
			where := fmt.Sprintf("%s, line %d", name, it.Line)
			it.check(t, where, []count{{"title", 1, 1}, {"link", 0, -1}, {"guid", 1, 1}, {"pubDate", 1, 1}, {"updated", 1, 1}, {"dc:creator", 1, -1}, {"dc:contributor", 0, -1}, {"dc:language", 0, 1}, {"category", 0, -1},
				{"description", 1, 1}, {"content:encoded", 1, 1}, {"source", 0, 1}, {"enclosure", 0, 1}, {"media:content", 0, -1}, {"media:thumbnail", 0, 1}})
			checkDate(t, where, time.RFC1123, it.text("pubDate"))
			checkID(t, where, it.text("guid"), ids)
			checkMarkup(t, where, it.text("description"))
			checkMarkup(t, where, it.text("content:encoded"))
			for _, e := range it.all("enclosure") {
				checkAddress(t, where, e.Attr["url"])
				if e.Attr["length"] == "" || !mediaTypeRE.MatchString(e.Attr["type"]) {
					t.Errorf("%s: enclosure %v lacks its length or type", where, e.Attr)
				}
			}
			for _, s := range it.all("source") {
				checkAddress(t, where, s.Attr["url"])
			}
		}
	}
}

// TestAtomValid holds the output to RFC 4287 and what a validator checks beyond it.
func TestAtomValid(t *testing.T) {
	for _, name := range []string{"front.json", "hostile.json"} {
		feed := tree(t, render(t, Atom, channel(), stories(t, name)))
		feed.check(t, name, []count{{"id", 1, 1}, {"title", 1, 1}, {"subtitle", 0, 1}, {"updated", 1, 1}, {"author", 1, 1}, {"generator", 1, 1}, {"link", 1, -1}, {"entry", 0, -1}})
		ids, stamps, newest := map[string]bool{}, map[string]bool{}, ""
		for _, e := range feed.all("entry") {
			where := fmt.Sprintf("%s, line %d", name, e.Line)
			e.check(t, where, []count{{"id", 1, 1}, {"title", 1, 1}, {"published", 1, 1}, {"updated", 1, 1}, {"author", 1, -1}, {"contributor", 0, -1}, {"category", 0, -1}, {"link", 0, -1},
				{"media:thumbnail", 0, 1}, {"summary", 1, 1}, {"content", 1, 1}, {"source", 1, 1}})
			checkID(t, where, e.text("id"), ids)
			checkDate(t, where, time.RFC3339Nano, e.text("published"))
			checkDate(t, where, time.RFC3339Nano, e.text("updated"))
			if stamps[e.text("updated")] || e.text("updated") < e.text("published")[:19] {
				t.Errorf("%s: updated %s comes twice or before published %s", where, e.text("updated"), e.text("published"))
			}
			stamps[e.text("updated")], newest = true, max(newest, e.text("updated"))
			checkMarkup(t, where, e.text("content"))
			checkLinks(t, where, e)
			e.all("source")[0].check(t, where, []count{{"id", 1, 1}, {"title", 1, 1}, {"updated", 1, 1}, {"link", 0, 1}})
		}
		if feed.text("updated") != newest {
			t.Errorf("%s: the feed's updated is %s, its newest entry's %s", name, feed.text("updated"), newest)
		}
	}
}

// checkLinks wants whole addresses, relations that are known, and one alternate at most.
func checkLinks(t *testing.T, where string, e *element) {
	t.Helper()
	alternates := 0
	for _, l := range e.all("link") {
		checkAddress(t, where, l.Attr["href"])
		if !slices.Contains([]string{"alternate", "enclosure", "related", "via"}, l.Attr["rel"]) {
			t.Errorf("%s: unknown relation %q", where, l.Attr["rel"])
		}
		if l.Attr["rel"] == "alternate" {
			alternates++
		}
	}
	if alternates > 1 {
		t.Errorf("%s: %d alternates", where, alternates)
	}
}

func checkDate(t *testing.T, where, layout, s string) {
	t.Helper()
	when, err := time.Parse(layout, s)
	if err != nil || !plausible(when) || when.Format(layout) != s {
		t.Errorf("%s: date %q: %v", where, s, err)
	}
}

func checkID(t *testing.T, where, id string, seen map[string]bool) {
	t.Helper()
	if !safe.IsTag(id) || seen[id] {
		t.Errorf("%s: id %q is no tag or comes twice", where, id)
	}
	seen[id] = true
}

var strayRE = regexp.MustCompile(`&(#?\w*)([^;\w#]|$)`)

// checkMarkup wants HTML that is written the one way: parsing it and writing it again changes nothing but the quoting of signs.
func checkMarkup(t *testing.T, where, s string) {
	t.Helper()
	var b strings.Builder
	nodes, err := html.ParseFragment(strings.NewReader(s), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	for _, n := range nodes {
		if err := html.Render(&b, n); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
	undo := strings.NewReplacer("&#39;", "'", "&#34;", `"`, "<br/>", "<br>").Replace
	if got, want := undo(b.String()), undo(s); got != want || strayRE.MatchString(s) {
		t.Errorf("%s: is not the plainest HTML: %.300q, written again %.300q", where, want, got)
	}
}

// TestArchive shows an archive page to be marked and linked as RFC 5005 has it.
func TestArchive(t *testing.T) {
	c := channel()
	c.Prev, c.Next, c.Current = "http://127.0.0.1:7777/feeds/front-1.atom", "http://127.0.0.1:7777/feeds/front-3.atom", "http://127.0.0.1:7777/feeds/front.atom"
	feed := tree(t, render(t, Atom, c, stories(t, "front.json")))
	if len(feed.all("fh:archive")) != 1 {
		t.Error("the archive is not marked as one")
	}
	got := map[string]string{}
	for _, l := range feed.all("link") {
		got[l.Attr["rel"]] = l.Attr["href"]
	}
	for rel, want := range map[string]string{"self": c.Self, "hub": c.Hub, "prev-archive": c.Prev, "next-archive": c.Next, "current": c.Current, "alternate": c.Link} {
		if got[rel] != want {
			t.Errorf("rel=%s: got %q, want %q", rel, got[rel], want)
		}
	}
	if feed := tree(t, render(t, Atom, channel(), nil)); len(feed.all("fh:archive")) != 0 {
		t.Error("a feed that is no archive is marked as one")
	}
}

// TestChannelDefaults shows that a feed about which nothing is known still has all that its format demands.
func TestChannelDefaults(t *testing.T) {
	rss := tree(t, render(t, RSS, Channel{}, nil)).Children[0]
	if rss.text("title") != "Copytaster" || rss.text("description") != "Copytaster" || !safe.IsTag(rss.text("link")) {
		t.Errorf("RSS: got title %q, description %q, link %q", rss.text("title"), rss.text("description"), rss.text("link"))
	}
	atom := tree(t, render(t, Atom, Channel{}, nil))
	if !safe.IsTag(atom.text("id")) || atom.text("updated") != "2000-01-01T00:00:00Z" {
		t.Errorf("Atom: got id %q, updated %q", atom.text("id"), atom.text("updated"))
	}
	for _, c := range []struct {
		channel Channel
		want    string
	}{
		{Channel{ID: "tag:a.example,2026:x", Self: "http://a.example/f"}, "tag:a.example,2026:x"},
		{Channel{ID: "https://a.example/front"}, "https://a.example/front"},
		{Channel{ID: "front", Self: "http://a.example/f", Host: "a.example"}, "tag:a.example,2026:feed/front"},
		{Channel{Self: "http://a.example/f"}, "http://a.example/f"},
		{Channel{Link: "http://a.example/"}, "http://a.example/"},
	} {
		if got := c.channel.id(); got != c.want {
			t.Errorf("%+v: got id %s, want %s", c.channel, got, c.want)
		}
	}
	one, two := Channel{ID: "export/front"}, Channel{ID: "export/front", Self: "http://a.example/f", Link: "http://a.example/"}
	if one.id() != two.id() {
		t.Errorf("the id hangs on the address: %s, %s", one.id(), two.id())
	}
}

// TestAlso shows how the other outlets are named at the end of an entry.
func TestAlso(t *testing.T) {
	list := entries(channel(), stories(t, "front.json"))
	for _, want := range []string{
		`<p><small>AFP, as carried by <a href="https://harbour.example/ferry-stops">Harbour Courier</a></small></p>`,
		`<li>Inselblatt: <a href="https://inselblatt.example/2026/f%C3%A4hren?a=1&amp;b=2">Fähren stehen still</a> (83 % of this text, 12 % its own)</li>`,
		`<li>The Gull: <a href="https://gull.example/a/3">No boats today</a> (40 % of this text)</li>`,
		"<blockquote>\n<p>&#34;Nobody told us a thing,&#34;",
	} {
		if !strings.Contains(list[0].body, want) {
			t.Errorf("%q is not in\n%s", want, list[0].body)
		}
	}
	for _, never := range []string{"newsletter", "more</"} {
		if strings.Contains(list[0].body, never) {
			t.Errorf("%q is in\n%s", never, list[0].body)
		}
	}
	for _, e := range entries(channel(), stories(t, "hostile.json")) {
		n, more := strings.Count(e.body, "<li>Outlet"), len(e.others)-maxAlso
		if n > maxAlso || (more > 0) != strings.Contains(e.body, fmt.Sprintf(">and %d more<", more)) {
			t.Errorf("%s: %d of %d others are listed in\n%s", e.id, n, len(e.others), e.body)
		}
	}
}
