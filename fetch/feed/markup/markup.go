// Package markup makes HTML as it stands in feeds harmless, absolute or plain text. It is pure, and linear in its input.
package markup

import (
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// policy allows what a reader of articles needs and nothing that could run.
var policy = newPolicy()

func newPolicy() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.AllowElements("figure", "figcaption", "picture", "video", "audio", "source", "time", "mark")
	p.AllowAttrs("src", "type").OnElements("video", "audio", "source")
	p.AllowAttrs("controls").OnElements("video", "audio")
	p.AllowURLSchemes("http", "https", "mailto")
	return p
}

// Sanitise returns HTML that can be shown: no script, style, frame, form, event handler or address that could run code.
func Sanitise(html string) string {
	if !strings.ContainsAny(html, "<>&") {
		return html
	}
	return policy.Sanitize(unswallow(html))
}

// swallowing lists the elements whose inside is no HTML, so that one without its end tag takes all that follows with it.
var swallowing = []string{"iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp"}

// unswallow drops the start tags of such elements that nothing ends.
func unswallow(s string) string {
	ends := map[string]int{} // the place of the last end tag
	tags(s, func(at int, end bool, name string) {
		if end {
			ends[name] = at
		}
	})
	var b strings.Builder
	from := 0
	tags(s, func(at int, end bool, name string) {
		if last, ok := ends[name]; end || at < from || ok && at < last {
			return
		}
		b.WriteString(s[from:at])
		from = len(s)
		if close := strings.IndexByte(s[at:], '>'); close >= 0 {
			from = at + close + 1
		}
	})
	if from == 0 {
		return s
	}
	return b.String() + s[from:]
}

// tags calls f for every start and end tag of a swallowing element.
func tags(s string, f func(at int, end bool, name string)) {
	for i := 0; ; i++ {
		next := strings.IndexByte(s[i:], '<')
		if next < 0 {
			return
		}
		i += next
		rest, end := strings.CutPrefix(s[i+1:], "/")
		for _, name := range swallowing {
			if n := len(name); len(rest) >= n && strings.EqualFold(rest[:n], name) && (len(rest) == n || strings.IndexByte(" \t\r\n/>", rest[n]) >= 0) {
				f(i, end, name)
			}
		}
	}
}

// Text is the text of HTML: tags that HTML knows and code go, references are decoded once, blanks collapse.
func Text(s string) string {
	if !strings.Contains(s, "<") {
		return strings.Join(strings.Fields(html.UnescapeString(s)), " ")
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for code := false; ; {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(b.String()), " ")
		case html.TextToken:
			if !code {
				b.WriteString(html.UnescapeString(string(z.Raw())))
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			name, _ := z.TagName()
			tag := atom.Lookup(name)
			code = tag == atom.Script || tag == atom.Style
			if !code {
				z.NextIsNotRawText() // an open iframe must not hide what follows
			}
			if tag == 0 {
				b.WriteString(raw)
			} else if blockTag(tag) {
				b.WriteByte(' ')
			}
		}
	}
}

// Decode is text that is no HTML, but in which references may stand all the same.
func Decode(s string) string {
	return strings.Join(strings.Fields(html.UnescapeString(s)), " ")
}

// Image is the address of the first picture in HTML.
func Image(s string) string {
	at := strings.Index(s, "<img")
	if at < 0 {
		return ""
	}
	z := html.NewTokenizer(strings.NewReader(s[at:]))
	z.Next()
	for _, a := range z.Token().Attr {
		if a.Key == "src" && IsLink(a.Val) {
			return a.Val
		}
	}
	return ""
}

// blockTag reports whether the tag parts words.
func blockTag(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Br, atom.Div, atom.Li, atom.Td, atom.Th, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Hr, atom.Img, atom.Tr:
		return true
	}
	return false
}
