package repair

import (
	"encoding/xml"
	"errors"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	ext "github.com/mmcdole/gofeed/extensions"
)

func byDate(Item) int64 { return 0 }

func fix(root string) Result { return XML("", root, 2000, byDate) }

// TestFiles holds, for each file, that "in" becomes "out".
func TestFiles(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no files", err)
	}
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		parts := map[string]string{}
		for _, f := range ar.Files {
			parts[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
		}
		if got := XML(parts["prolog"], parts["in"], 2000, byDate).XML; got != parts["out"] {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, parts["out"])
		}
	}
}

// sound lists feeds that are well-formed and must come through byte for byte.
var sound = []string{
	`<rss version="2.0"><channel><title>a</title><item><title>b &amp; c &#8217; &lt;i&gt;</title><guid isPermaLink='false'>1</guid></item></channel></rss>`,
	`<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><item><media:group><media:content url="a"/><media:title>b</media:title></media:group></item></channel></rss>`,
	`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><svg><title>t</title></svg><p>x</p></div></content></entry></feed>`,
	`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="a"><items><rdf:Seq><rdf:li rdf:resource="b"/></rdf:Seq></items></channel><item rdf:about="b"><title>t</title></item></rdf:RDF>`,
	`<rss><channel><item><description><![CDATA[<p>a & b <br> </i>]]></description><!-- note --><pubDate>x</pubDate></item><item/></channel></rss>`,
	"<rss>\n\t<channel>\r\n<item>\n<author><name>a</name></author>\n</item></channel>\n</rss>",
}

func TestSoundStays(t *testing.T) {
	for _, in := range sound {
		want := strings.ReplaceAll(in, "<item/>", "<item></item>")
		if got := fix(in); got.XML != want || got.Cut {
			t.Errorf("got\n%s\nwant\n%s", got.XML, want)
		}
	}
}

func TestNotes(t *testing.T) {
	got := fix(`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a.example/x/" xml:lang="de"><entry xml:base="y/" xml:lang="fr"><id> urn:B </id><published>2026</published>` +
		`<content xml:base="z/" type="HTML">a</content></entry></feed>`)
	it := got.Items[0]
	if it.Base != "http://a.example/x/\ny/" || it.Lang != "fr" || it.Date != "2026" || got.Feed.Lang != "de" {
		t.Errorf("got %+v", it)
	}
	if it.Fields["id"].Text != "urn:B" || it.Fields["content"].Base != "z/" || it.Fields["content"].Type != "html" {
		t.Errorf("got %+v", it.Fields)
	}
	if strings.Contains(got.XML, "xml:base") {
		t.Errorf("xml:base is passed on: %s", got.XML)
	}
}

func TestLimitKeepsTheHighestRanks(t *testing.T) {
	in := `<rss><channel><item><pubDate>1</pubDate></item><item><pubDate>3</pubDate></item><item><pubDate>2</pubDate></item></channel></rss>`
	got := XML("", in, 2, func(it Item) int64 { return int64(it.Date[0]) })
	want := `<rss><channel><item><pubDate>3</pubDate></item><item><pubDate>2</pubDate></item></channel></rss>`
	if got.XML != want || len(got.Items) != 2 {
		t.Errorf("got %s", got.XML)
	}
}

// check holds what is true of every result: it is well-formed, valid UTF-8, and mending it again changes nothing.
func check(t *testing.T, in string) {
	t.Helper()
	got := fix(in).XML
	if !utf8.ValidString(got) {
		t.Fatalf("%q: not UTF-8: %q", in, got)
	}
	dec := xml.NewDecoder(strings.NewReader(got))
	for {
		_, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%q: %v in\n%s", in, err, got)
		}
	}
	if again := fix(got).XML; again != got {
		t.Fatalf("%q: mended to\n%s\nand again to\n%s", in, got, again)
	}
}

func FuzzXML(f *testing.F) {
	for _, s := range sound {
		f.Add(s)
	}
	f.Add(`<rss><item><title>a<b></titel><link>x&y<description><![CDATA[a</item><item a=b c='d><guid>&#1;]]>`)
	f.Add(`<feed><entry><content type="xhtml"><div>a<br></content><author><name>b</entry>`)
	f.Fuzz(func(t *testing.T, in string) { check(t, strings.ToValidUTF8(in, "")) })
}

func BenchmarkXML(b *testing.B) {
	item := `<item><title>Ferry &amp; tug</title><link>https://outlet.example/1?a=1&amp;b=2</link><guid isPermaLink="false">1</guid><description><![CDATA[` +
		strings.Repeat("<p>Nobody was hurt when the two ships met in the fog.</p>\n", 20) + `]]></description></item>`
	in := `<rss version="2.0"><channel><title>t</title>` + strings.Repeat(item, 100) + `</channel></rss>`
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		fix(in)
	}
}

// TestSlim: plain text leaves the item, what has other namespaces, tags or a second element of its name stays.
func TestSlim(t *testing.T) {
	const head = `<rss xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>f</title>`
	in := head + `<item><title>a &amp; <![CDATA[b &amp;]]></title><guid isPermaLink="false"> g </guid><dc:creator>c</dc:creator><slash:comments>3</slash:comments><media:title>m</media:title></item>` +
		`<item><description><b>d</b></description></item></channel></rss>`
	got := Slim("", in, 2000, byDate)
	first := got.Items[0].Taken
	m := ext.Extension{Name: "title", Value: "m", Attrs: map[string]string{}, Children: map[string][]ext.Extension{}}
	if want := []Taken{{Name: "title", Text: "a & b &amp;"}, {Name: "guid", Text: "g", Attr: "false"}, {Name: "dc:creator", Text: "c"}, {Name: "media", Media: &m}}; !reflect.DeepEqual(first, want) {
		t.Errorf("got %+v, want %+v", first, want)
	}
	want := head + `<item><category>` + got.Items[0].Mark() + `</category></item><item><description><b>d</b></description></item></channel></rss>`
	if got.XML != want || got.Items[1].Mark() != "" {
		t.Errorf("got\n%s\nwant\n%s", got.XML, want)
	}
	for _, in := range []string{
		`<rss><channel><item><title>a</title><title><b>c</b></title></item></channel></rss>`,
		`<rss><channel xmlns:dc="urn:x"><item><title>a</title></item></channel></rss>`,
		`<rss><channel><item><title>` + mark + `</title></item></channel></rss>`,
	} {
		if got, want := Slim("", in, 2000, byDate), fix(in); got.XML != want.XML {
			t.Errorf("got\n%s\nwant\n%s", got.XML, want.XML)
		}
	}
}
