package markup

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// IsLink reports whether the text is an address of the web.
func IsLink(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// Resolve makes an address absolute against the base (RFC 3986 section 5); what cannot be resolved comes back as it is.
func Resolve(base *url.URL, ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || base == nil || IsLink(ref) {
		return ref
	}
	u, err := base.Parse(ref)
	if err != nil {
		return ref
	}
	return u.String()
}

// Absolute resolves the addresses in the attributes of HTML and leaves all else byte for byte.
func Absolute(s string, base *url.URL) string {
	if base == nil || !hasRelative(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			b.Write(z.Raw())
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			t := z.Token()
			if t.DataAtom != atom.Script && t.DataAtom != atom.Style {
				z.NextIsNotRawText() // an open iframe must not hide what follows
			}
			changed := false
			for i, a := range t.Attr {
				if addressAttr(a.Key) && relative(a.Val) {
					t.Attr[i].Val = Resolve(base, a.Val)
					changed = changed || t.Attr[i].Val != a.Val
				}
			}
			if changed {
				raw = t.String()
			}
			b.WriteString(raw)
		default:
			b.Write(z.Raw())
		}
	}
}

// addressAttr reports whether an attribute of HTML holds one address.
func addressAttr(key string) bool {
	switch key {
	case "href", "src", "action", "background", "cite", "classid", "codebase", "data", "longdesc", "poster", "profile", "usemap":
		return true
	}
	return false
}

// relative reports whether an address in HTML needs a base. One within the page (#note) is left alone.
func relative(address string) bool {
	address = strings.TrimSpace(address)
	if address == "" || address[0] == '#' {
		return false
	}
	colon := strings.IndexByte(address, ':')
	return colon < 0 || strings.ContainsAny(address[:colon], "/?#")
}

// hasRelative looks quickly for an attribute whose value needs a base: most texts have none, and need no tokeniser.
func hasRelative(s string) bool {
	for at := 0; ; at++ {
		i := strings.IndexByte(s[at:], '=')
		if i < 0 {
			return false
		}
		at += i
		from := at
		for from > 0 && (s[from-1] == ' ' || s[from-1] == '\n') {
			from--
		}
		end := from
		for from > 0 && 'a' <= s[from-1]|0x20 && s[from-1]|0x20 <= 'z' {
			from--
		}
		if addressAttr(strings.ToLower(s[from:end])) && relative(strings.Trim(s[at+1:min(len(s), at+40)], "\"' \n")) {
			return true
		}
	}
}
