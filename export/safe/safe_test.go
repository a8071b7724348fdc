package safe

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

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
		got := Address(in)
		if got != want {
			t.Errorf("address(%q): got %q, want %q", in, got, want)
		}
		if got != "" && Address(got) != got {
			t.Errorf("address(%q): got %q, and of that %q", in, got, Address(got))
		}
	}
}

func TestLanguage(t *testing.T) {
	for in, want := range map[string]string{"en": "en", "EN-gb": "en-GB", "pt_BR": "pt-BR", "zh-Hant": "zh-Hant", "": "", "und": "", "tlh": "", "x-private": "", "no such language": "", "english": ""} {
		if got := Language(in); got != want {
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
		if got := OneLine(in); got != want {
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
		if got := Shorten(c.in, c.n); got != c.want {
			t.Errorf("shorten(%q, %d): got %q, want %q", c.in, c.n, got, c.want)
		}
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
		if a.Key != "href" || Address(a.Val) != a.Val {
			t.Errorf("HTML(%q): has %s=%q", in, a.Key, a.Val)
		}
	}
}

// FuzzOneLine holds the quick way of cleaning text to the slow one, and its result to what every format can carry.
func FuzzOneLine(f *testing.F) {
	for _, s := range []string{"", " ", "a b", "a  b", "a ", " a", "a\tb", "Â\u00a0x", "Ã©", "\x7f", "\u3000x", "\ufdd0", "a\u0085b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, want := OneLine(s), strings.Join(strings.Fields(Clean(s)), " ")
		if got != want {
			t.Errorf("oneLine(%q): got %q, want %q", s, got, want)
		}
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool {
			return r < ' ' || r >= 0x7f && r <= 0x9f || r == utf8.RuneError || r&0xfffe == 0xfffe
		}) {
			t.Errorf("oneLine(%q): got %q, which no format carries", s, got)
		}
		if got := Clean(Clean(s)); !strings.ContainsAny(s, "ÂÃ") && got != Clean(s) {
			t.Errorf("clean(%q): got %q, and of that %q", s, Clean(s), got)
		}
	})
}

// FuzzAddress shows that an address that is given out is whole, in ASCII, and stays as it is.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"https://a.example/x?y#z", "http://пример.example/%zz", "HTTPS://A:80", "https://[::1]/", "javascript:x", "http://a.example/\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Address(s)
		if got == "" {
			return
		}
		checkAddress(t, s, got)
		if again := Address(got); again != got {
			t.Errorf("address(%q): got %q, and of that %q", s, got, again)
		}
	})
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		in, want []string
		n        int
	}{
		{[]string{"Ada", " ada ", "", "\x00", "Tom"}, []string{"Ada", "Tom"}, 9},
		{[]string{"Ada <ada@a.example>", "</b>", "<>"}, []string{"Ada ada@a.example", "‹/b›"}, 9},
		{[]string{"a", "b", "c"}, []string{"a", "b"}, 2},
		{nil, nil, 2},
	} {
		if got := Names(c.in, c.n); !slices.Equal(got, c.want) {
			t.Errorf("names(%q, %d): got %q, want %q", c.in, c.n, got, c.want)
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

// FuzzHasMarkup holds the search by hand to the expression that says what is meant.
func FuzzHasMarkup(f *testing.F) {
	for _, s := range []string{"a < b", "<b>", "</", "<", "&", "&amp;", "&#38;", "&#;", "&;", "& x;", "&é;", "&amp", "&&lt;", "a &#x26 b; &_;"} {
		f.Add(s)
	}
	meant := regexp.MustCompile(`<[a-zA-Z/!?]|&#?\w+;`)
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := HasMarkup(s), meant.MatchString(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	})
}
