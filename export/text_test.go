package export

import (
	"strings"
	"testing"
	"time"

	"copytaster"

	"golang.org/x/net/html"
)

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example/x?y=1&z#f":    "https://a.example/x?y=1&z#f",
		" HTTPS://a.example ":            "https://a.example/",
		"http://a.example?x":             "http://a.example/?x",
		"https://a.example/ö x":          "https://a.example/%C3%B6%20x",
		"https://a.example/%e4?%":        "https://a.example/%e4?%25",
		"https://a.example/#a#b":         "https://a.example/#a%23b",
		"https://a.example/[1]|{2}":      "https://a.example/%5B1%5D%7C%7B2%7D",
		"https://a.example/\"'<>":        "https://a.example/%22'%3C%3E",
		"https://пример.example/":        "https://xn--e1afmkfd.example/",
		"https://a_b.example/":           "https://a_b.example/",
		"http://127.0.0.1:8080/x":        "http://127.0.0.1:8080/x",
		"https://user:secret@a.example/": "",
		"https://[::1]/":                 "",
		"https://a.example:port/":        "",
		"https:///x":                     "",
		"//a.example/x":                  "",
		"/x":                             "",
		"javascript:alert(1)":            "",
		"data:text/html,x":               "",
		"ftp://a.example/":               "",
		"":                               "",
	} {
		got := address(in)
		if got != want {
			t.Errorf("address(%q): got %q, want %q", in, got, want)
		}
		if got != "" && address(got) != got {
			t.Errorf("address(%q): got %q, and of that %q", in, got, address(got))
		}
	}
}

func TestLanguage(t *testing.T) {
	for in, want := range map[string]string{"en": "en", "EN-gb": "en-GB", "pt_BR": "pt-BR", "zh-Hant": "zh-Hant", "": "", "und": "", "tlh": "", "x-private": "", "no such language": "", "english": ""} {
		if got := language(in); got != want {
			t.Errorf("language(%q): got %q, want %q", in, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a\x00b\x1f\u0080c":  "abc",
		"a\xffb\ufffd":       "a?b?",
		"a\r\n\u2028b":       "a b",
		"x\ufeff\uffff":      "x\ufeff",
		"caf\u00c3\u00a9":    "café",
		"\u00c2\u00a0x":      "x",
		"SÃO PAULO, Ãéa":     "SÃO PAULO, Ãéa",
		"  many \t spaces  ": "many spaces",
	} {
		if got := oneLine(in); got != want {
			t.Errorf("oneLine(%q): got %q, want %q", in, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"short", 10, "short"},
		{"one two three four", 15, "one two three…"},
		{"ééééé", 5, "ééééé"},
		{"éééééé", 5, "éééé…"},
		{"abcdefghij", 4, "abc…"},
	} {
		if got := shorten(c.in, c.n); got != c.want {
			t.Errorf("shorten(%q, %d): got %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestItemTime(t *testing.T) {
	seen := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for in, want := range map[time.Time]time.Time{
		{}:                                seen,
		time.Unix(0, 0):                   seen,
		seen.Add(-time.Hour):              seen.Add(-time.Hour),
		seen.Add(time.Hour):               seen.Add(time.Hour),
		seen.Add(1000 * time.Hour):        seen,
		time.Unix(1<<40, 0):               seen,
		seen.AddDate(-10000, 0, 0):        seen,
		seen.AddDate(-30, 0, 0):           seen.AddDate(-30, 0, 0),
		seen.AddDate(-36, -4, 0):          seen,
		seen.In(time.FixedZone("", 3600)): seen,
	} {
		if got := itemTime(copytaster.Item{Published: in, Seen: seen}); !got.Equal(want) {
			t.Errorf("published %v: got %v, want %v", in, got, want)
		}
	}
	if got := itemTime(copytaster.Item{}); !got.Equal(unknown) {
		t.Errorf("no times at all: got %v", got)
	}
}

func TestHTML(t *testing.T) {
	for in, want := range map[string]string{
		"plain & simple":                        "<p>plain &amp; simple</p>",
		"<p>a<b>b</b></p><p>c":                  "<p>a<b>b</b></p>\n<p>c</p>",
		"<h1>Head</h1>text":                     "<h4>Head</h4>\n<p>text</p>",
		"<ul><li>1<ul><li>2</ul><li>3<p>4</ul>": "<ul>\n<li>1</li>\n<li>2</li>\n<li>3</li>\n<li>4</li>\n</ul>",
		"<blockquote>q<p>r</blockquote>":        "<blockquote>\n<p>q</p>\n<p>r</p>\n</blockquote>",
		`<a href="/rel">x</a> <a href="https://a.example/?b=1&c=2">y</a>`: `<p>x <a href="https://a.example/?b=1&amp;c=2">y</a></p>`,
		"<em><p>a</p><p>b</p></em>":                                       "<p>a</p>\n<p>b</p>",
		"<script>x</script><style>y</style><img src=z>":                   "",
		"<table><tr><td>a<td>b</table>":                                   "<p>a</p>\n<p>b</p>",
		"a<br>b<br/>c":                                                    "<p>a<br>b<br>c</p>",
		`<p onclick="x()">a<a href="javascript:x()">b</a></p>`:            "<p>ab</p>",
		strings.Repeat("<div>", 2000) + "deep":                            "<p>" + strings.Repeat(" ", 0) + "deep</p>",
	} {
		if got := strings.TrimSpace(HTML(in)); got != want && strings.ReplaceAll(got, " ", "") != want {
			t.Errorf("HTML(%.80q): got %q, want %q", in, got, want)
		}
	}
}

// FuzzHTML holds what is made of any HTML to three rules: only known elements, only whole links, and no change when made again.
func FuzzHTML(f *testing.F) {
	for _, s := range []string{"<p>a<b>b<p>c", "<ul><li><ol>x</ul>y", "<a href=https://a.example/><p>z</a>", "<svg><style><img src=x onerror=1>", "&#x80;&lt;script>", "<pre>\n\nx"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := HTML(in)
		for _, n := range parse(out) {
			for c := range n.Descendants() {
				checkNode(t, in, c)
			}
		}
		if again := HTML(out); strings.Join(strings.Fields(again), " ") != strings.Join(strings.Fields(out), " ") {
			t.Errorf("HTML(%q): got %q, and of that %q", in, out, again)
		}
	})
}

func checkNode(t *testing.T, in string, n *html.Node) {
	t.Helper()
	if n.Type == html.TextNode {
		return
	}
	if !strings.Contains(" p h4 ul ol li blockquote a em strong b i code sub sup cite small br ", " "+n.Data+" ") {
		t.Errorf("HTML(%q): has a <%s>", in, n.Data)
	}
	for _, a := range n.Attr {
		if a.Key != "href" || address(a.Val) != a.Val {
			t.Errorf("HTML(%q): has %s=%q", in, a.Key, a.Val)
		}
	}
}
