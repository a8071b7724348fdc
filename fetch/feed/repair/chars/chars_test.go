package chars

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSound(t *testing.T) {
	for in, want := range map[string]bool{"a &amp; b &#8217; &#x7b;": true, "a & b": false, "&nbsp;": false, "a < b": false, "a ]]> b": false, "&#0;": false, "&#150;": false} {
		if got := Sound(in); got != want {
			t.Errorf("%q: got %v", in, got)
		}
	}
}

func TestAppend(t *testing.T) {
	own := Entities(`<!DOCTYPE rss [<!ENTITY harbour "Haven &amp; Pier"><!ENTITY loop "&harbour;">]>`)
	for in, want := range map[string]string{
		"a & b < c": "a &amp; b &lt; c", "&eacute;&harbour;&loop;": "éHaven &amp; Pier&amp;loop;", "]]>": "]]&gt;", "&#150;&#0;": "–",
	} {
		if got := string(Append(nil, in, own)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// FuzzClean: what comes out holds the allowed characters of what went in, and only those.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"line\r\n\tnext", "bell\a in the middle of more", "12345678\x00", "\uFFFE and \uFFFF", "Fähre 渡輪 🚢"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		var want strings.Builder
		for _, r := range s {
			if allowed(r) {
				want.WriteRune(r)
			}
		}
		if got := Clean(s); got != want.String() {
			t.Errorf("%q: got %q", s, got)
		}
	})
}
