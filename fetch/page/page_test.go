package page

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/tools/txtar"

	"copytaster"
)

// shown writes blocks a line each: + for kept, quote for quotations, else the reason.
func shown(blocks []copytaster.Block) string {
	var b strings.Builder
	for _, x := range blocks {
		switch {
		case !x.Kept:
			b.WriteString(x.Why + ": ")
		case x.Quote:
			b.WriteString("quote+ ")
		default:
			b.WriteString("+ ")
		}
		b.WriteString(x.Text + "\n")
	}
	return b.String()
}

// evidenceOf writes what a page says of itself, what is empty left out.
func evidenceOf(a Article) string {
	var b strings.Builder
	add := func(name, value string) {
		if value != "" {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	add("title", a.Title)
	add("canonical", a.Canonical)
	add("image", a.Image)
	add("language", a.Language)
	add("publisher", a.Publisher)
	add("description", a.Description)
	add("authors", strings.Join(a.Authors, "; "))
	add("keys", strings.Join(a.Keys, "; "))
	for name, t := range map[string]time.Time{"published": a.Published} {
		if !t.IsZero() {
			add(name, t.UTC().Format(time.RFC3339))
		}
	}
	if !a.Updated.IsZero() {
		add("updated", a.Updated.UTC().Format(time.RFC3339))
	}
	if a.Paywalled {
		add("paywalled", "true")
	}
	return b.String()
}

// TestPages extracts the pages of testdata; kept headlines that repeat the title are for package clean to cut.
func TestPages(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	for _, name := range files {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		part := map[string]string{}
		for _, f := range ar.Files {
			part[f.Name] = string(f.Data)
		}
		body := []byte(part["page.html"])
		a, err := Extract(body, "text/html", "https://herald.example/lake", Hint{})
		clear(body) // its memory serves the next page
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got := strings.Replace(shown(a.Blocks), "+ "+a.Title+"\n", "", 1)
		if got != part["want.txt"] {
			t.Errorf("%s by %s: got\n%swant\n%s", name, a.Engine, got, part["want.txt"])
		}
		if got := evidenceOf(a); got != part["evidence.txt"] {
			t.Errorf("%s: got\n%swant\n%s", name, got, part["evidence.txt"])
		}
	}
}

func TestBlocks(t *testing.T) {
	for source, want := range map[string]string{
		`Lead text<p>One <b>two</b>&nbsp;three</p>`: "+ Lead text\n+ One two three\n",
		`a<br>b<br><br>c`:          "+ a b\n+ c\n",
		"plain text\nof two lines": "+ plain text of two lines\n",
		`<blockquote><p>Said so.</p></blockquote><p>After.</p>`:                       "quote+ Said so.\n+ After.\n",
		`<figure><img><figcaption>Pic</figcaption></figure><p>Text</p>`:               "caption: Pic\n+ Text\n",
		`<script>x()</script><style>p{}</style><p>Text</p><form>Search</form>`:        "+ Text\n",
		`<p>Text</p><form>never closed <p>and more`:                                   "+ Text\n",
		`<ul><li>One</li><li><a href=x>Two</a></li></ul>`:                             "+ One\n+ Two\n",
		`<p><a href=x>Another story</a></p><p>See <a href=x>this</a> too</p>`:         "link: Another story\n+ See this too\n",
		`<p><a href=x>Another story</a> now</p>`:                                      "+ Another story now\n",
		`<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>`:             "+ 1 2\n+ 3\n",
		`<ruby>子<rt>こ</rt></ruby>ども`:                                                  "+ 子ども\n",
		"<p>soft\u00adly</p><p>\u200b</p><p>***</p>":                                  "+ softly\n",
		`</p></div>stray <p>ends</blockquote><p>more`:                                 "+ stray\n+ ends\n+ more\n",
		`<h2>Head</h2>text<hr>text`:                                                   "+ Head\n+ text\n+ text\n",
		`&lt;p&gt;escaped&lt;/p&gt;`:                                                  "+ <p>escaped</p>\n",
		``:                                                                            "",
		`<blockquote><blockquote>in</blockquote>between</blockquote></blockquote>out`: "quote+ in\nquote+ between\n+ out\n",
	} {
		if got := shown(Blocks(source)); got != want {
			t.Errorf("Blocks(%q): got\n%swant\n%s", source, got, want)
		}
	}
}

func TestCharset(t *testing.T) {
	const text = "Größe, naïve, œuvre – «żółć»"
	encode := func(label, s string) []byte {
		enc, err := htmlindex.Get(label)
		if err != nil {
			t.Fatal(err)
		}
		b, err := enc.NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	russian := strings.Repeat("Озеро во вторник поднялось на метр, порт закрыт для судов. ", 20)
	japanese := strings.Repeat("湖の水位は火曜日に一メートル上がり、港は閉鎖となった。", 20)
	for name, c := range map[string]struct {
		body []byte
		kind string
		want string
	}{
		"utf-8 without a word":       {[]byte(text), "", text},
		"utf-8 against meta":         {[]byte(`<meta charset="iso-8859-1">` + text), "text/html", text},
		"header":                     {encode("windows-1251", russian), "text/html; charset=windows-1251", russian},
		"meta":                       {append([]byte(`<meta charset="koi8-r">`), encode("koi8-r", russian)...), "text/html", russian},
		"meta of the old kind":       {append([]byte(`<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">`), encode("shift_jis", japanese)...), "", japanese},
		"detected":                   {encode("windows-1251", russian), "text/html", russian},
		"byte order mark":            {append([]byte("\xef\xbb\xbf"), text...), "text/html; charset=iso-8859-1", text},
		"utf-16 by its mark":         {append([]byte("\xff\xfe"), encode("utf-16le", text)...), "text/html", text},
		"header that lies of utf-8":  {encode("windows-1251", russian), "text/html; charset=utf-8", russian},
		"utf-8 cut inside a letter":  {[]byte(russian)[:len(russian)-22], "text/html", russian[:len(russian)-23]},
		"charset that nobody knows":  {[]byte(text), "text/html; charset=lake", text},
		"header that makes no sense": {[]byte(text), ";;;", text},
	} {
		if got := decode(c.body, c.kind); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %.80q, want %.80q", name, got, c.want)
		}
	}
}

func TestHint(t *testing.T) {
	const para = "<p>The lake rose by a metre on Tuesday, the second time in a month that the harbour was closed.</p>"
	body := []byte(`<html><body><div class=a>` + strings.Repeat(para, 5) + `</div><div class=b><p>Chosen.</p></div></body></html>`)
	a, err := Extract(body, "text/html", "", Hint{Selector: "div.b"})
	if err != nil || a.Engine != "selector" || shown(a.Blocks) != "+ Chosen.\n" {
		t.Errorf("selector: %v by %s:\n%s", err, a.Engine, shown(a.Blocks))
	}
	for _, selector := range []string{"div.c", "div[", ""} {
		if a, err := Extract(body, "text/html", "", Hint{Selector: selector}); err != nil || len(a.Blocks) < 5 {
			t.Errorf("selector %q: %v, %d blocks, want the whole article", selector, err, len(a.Blocks))
		}
	}
	stub := []byte(`<html><body><p>The lake rose. Subscribe.</p></body></html>`)
	if a, err := Extract(stub, "text/html", "", Hint{Content: strings.Repeat(para, 9)}); err != nil || a.Engine != "feed" {
		t.Errorf("a stub of a page beside a full feed: %v, engine %s", err, a.Engine)
	}
	if CheckSelector("div.b > p") != nil || CheckSelector("div[") == nil {
		t.Error("CheckSelector takes the bad for the good")
	}
}

func TestNoArticle(t *testing.T) {
	a, err := Extract([]byte(`<title>Lake</title><meta property="og:image" content="q.jpg">`), "text/html", "://", Hint{})
	if !errors.Is(err, ErrNoArticle) || a.Title != "Lake" || a.Image != "q.jpg" {
		t.Errorf("got %+v, %v; want the evidence and ErrNoArticle", a, err)
	}
}

func TestJSONLD(t *testing.T) {
	for script, want := range map[string]article{
		`{"@type":"NewsArticle","headline":"A","author":"Ann"}`:                                      {headline: "A", authors: []string{"Ann", "", ""}},
		`[{"@type":["Article","Thing"],"headline":"B"}]`:                                             {headline: "B", authors: []string{"", "", ""}},
		`{"@graph":[{"@type":"WebPage"},{"@type":"BlogPosting","headline":"C"}]}`:                    {headline: "C", authors: []string{"", "", ""}},
		"<!--{\"@type\":\"Report\",\"headline\":\"D\nE\"}-->":                                        {headline: "D E", authors: []string{"", "", ""}},
		`{"@type":"Article","headline":"Tom &amp; Ann","isAccessibleForFree":"False"}`:               {headline: "Tom & Ann", locked: true, authors: []string{"", "", ""}},
		`{"@type":"Article","author":[{"name":"Ann"},{"name":"Joe"}],"publisher":{"name":"Herald"}}`: {publisher: "Herald", authors: []string{"Ann", "Joe", "", ""}},
		`{"@type":"Product","headline":"no"}`:                                                        {},
		`{"@type":`:                                                                                  {},
		``:                                                                                           {},
	} {
		var got article
		got.merge(script)
		if got.headline != want.headline || got.publisher != want.publisher || got.locked != want.locked || !slices.Equal(got.authors, want.authors) {
			t.Errorf("%s: got %+v, want %+v", script, got, want)
		}
	}
}

func TestWhen(t *testing.T) {
	want := time.Date(2025, 3, 7, 16, 10, 0, 0, time.UTC)
	for _, s := range []string{"2025-03-07T16:10:00Z", "2025-03-07T17:10:00+01:00", "2025-03-07T17:10:00+0100", "2025-03-07T16:10:00.000Z",
		"2025-03-07T17:10+01:00", "2025-03-07T16:10:00", "2025-03-07 16:10:00", "Fri, 07 Mar 2025 17:10:00 +0100"} {
		if got := when(s); !got.Equal(want) {
			t.Errorf("when(%q) = %v, want %v", s, got, want)
		}
	}
	if !when("yesterday").IsZero() || !when("").IsZero() {
		t.Error("a time was made of nothing")
	}
}

func TestKeys(t *testing.T) {
	got := keys(`x urn:newsml:dpa.com:20090101:250307-99-000001" y dpa:250307-99-000002/3. urn:publicid:ap.org:0123456789abcdef urn:newsml: dpa:no dpa:250307-99-000002/3`)
	want := []string{"urn:newsml:dpa.com:20090101:250307-99-000001", "urn:publicid:ap.org:0123456789abcdef", "dpa:250307-99-000002/3"}
	if !slices.Equal(got, want) {
		t.Errorf("keys: got %q, want %q", got, want)
	}
}

// FuzzBlocks: blocks hold one line of text each, and paragraphs made of them are cut into the same blocks again.
func FuzzBlocks(f *testing.F) {
	f.Add(`<p>One<br><br>two<blockquote>three<figure><figcaption>four`)
	f.Add("<table><tr><td><a href=x>a</a>\u00ad\x00&lt;p&gt;")
	f.Fuzz(func(t *testing.T, source string) {
		var again bytes.Buffer
		var want []string
		for _, b := range Blocks(source) {
			if strings.ContainsAny(b.Text, "\n\t\x00") || strings.TrimSpace(b.Text) != b.Text || b.Text == "" || b.Kept != (b.Why == "") {
				t.Errorf("block %+v of %q", b, source)
			}
			again.WriteString("<p>" + html.EscapeString(b.Text) + "</p>")
			want = append(want, b.Text)
		}
		var got []string
		for _, b := range Blocks(again.String()) {
			got = append(got, b.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: blocks %q became %q", source, want, got)
		}
	})
}

// FuzzExtract: whatever the page, an article has blocks if and only if there is no error, and they can be read.
func FuzzExtract(f *testing.F) {
	f.Add([]byte(`<html><script type="application/ld+json">{"@type":"Article","articleBody":"x"}</script><p>The lake rose.`), "text/html")
	f.Add([]byte("\xff\xfe<\x00p\x00>"), "text/html; charset=utf-8")
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		a, err := Extract(body, kind, "https://herald.example/", Hint{Content: "<p>Short."})
		if (err == nil) != (len(a.Blocks) > 0) {
			t.Errorf("%d blocks, error %v", len(a.Blocks), err)
		}
	})
}

func BenchmarkExtract(b *testing.B) {
	ar, err := txtar.ParseFile(filepath.Join("testdata", "outlet.txtar"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Extract(ar.Files[0].Data, "text/html", "https://herald.example/", Hint{}); err != nil {
			b.Fatal(err)
		}
	}
}
