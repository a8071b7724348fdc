package feed

import (
	"net/url"
	"strings"

	"copytaster/fetch/feed/repair"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// settle makes the addresses of a document absolute against xml:base and the address it came from (RFC 3986 section 5.1), and adds
// what repair noted.
func (d *Document) settle(fixed repair.Result, from string) {
	base := parseBase(from)
	d.Feed.settle(fixed.Feed, base)
	d.Self, d.Hub, d.Previous = resolve(base, d.Self), resolve(base, d.Hub), resolve(base, d.Previous)
	for i := range d.Entries {
		var note repair.Note
		if len(fixed.Items) == len(d.Entries) {
			note = fixed.Items[i].Note
		}
		n := &d.Entries[i]
		n.settle(note, base)
		title := note.Fields["title"].Type
		n.textTitle = fixed.Root == "feed" && (title == "" || title == "text")
		if len(n.Authors) == 0 {
			n.Authors = d.Feed.Authors
		}
		if len(n.Categories) == 0 {
			n.Categories = d.Feed.Categories
		}
	}
}

// settle does so for one node.
func (n *Node) settle(note repair.Note, base *url.URL) {
	n.undouble()
	n.tidy()
	n.ID = either(note.Fields["id"].Text, n.ID, note.About)
	n.Language = strings.ReplaceAll(either(n.Language, note.Lang), "_", "-")
	if note.Base != "" {
		for b := range strings.SplitSeq(note.Base, "\n") {
			base = within(base, b)
		}
	}
	of := func(names ...string) *url.URL {
		for _, name := range names {
			if b := note.Fields[name].Base; b != "" {
				return within(base, b)
			}
		}
		return base
	}
	n.settleLinks(base, of("link"), of("id"))
	n.Title = absolute(n.Title, of("title"))
	n.Rights = absolute(n.Rights, of("rights", "copyright"))
	n.Description = absolute(n.Description, of("subtitle", "tagline", "description"))
	n.Summary = absolute(n.Summary, of("summary", "description"))
	n.Content = absolute(n.Content, of("content", "encoded"))
}

// settleLinks resolves the addresses; links and the id may have a base of their own.
func (n *Node) settleLinks(base, link, id *url.URL) {
	n.Link = resolve(link, n.Link)
	for i, l := range n.Links {
		n.Links[i] = resolve(link, l)
	}
	if !isLink(n.Comments) && (strings.ContainsAny(n.Comments, " \t\n") || strings.Contains(n.Comments, "%20")) {
		n.Comments = "" // a remark, no address
	}
	if n.ID = either(n.ID, n.Link); isRelative(n.ID) {
		n.ID = resolve(id, n.ID)
	}
	for _, address := range []*string{&n.Image, &n.Icon, &n.Logo, &n.Comments, &n.SourceLink, &n.origin} {
		*address = resolve(base, *address)
	}
	for i := range n.Enclosures {
		n.Enclosures[i].URL = resolve(base, n.Enclosures[i].URL)
	}
}

// isRelative reports whether an id is a path and nothing else.
func isRelative(id string) bool {
	return strings.HasPrefix(id, "/") && !strings.ContainsAny(id, " \t\n")
}

// parseBase reads an absolute address; nil stands for none.
func parseBase(s string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme == "" && u.Host == "" {
		return nil
	}
	return u
}

// within is the base that a nested xml:base gives.
func within(base *url.URL, s string) *url.URL {
	if base == nil {
		return parseBase(s)
	}
	u, err := base.Parse(strings.TrimSpace(s))
	if err != nil {
		return base
	}
	return u
}

// resolve makes an address absolute against the base (RFC 3986 section 5); what cannot be resolved comes back as it is.
func resolve(base *url.URL, ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || base == nil || isLink(ref) {
		return ref
	}
	u, err := base.Parse(ref)
	if err != nil {
		return ref
	}
	return u.String()
}

// absolute resolves the addresses in the attributes of HTML and leaves all else byte for byte.
func absolute(s string, base *url.URL) string {
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
					t.Attr[i].Val = resolve(base, a.Val)
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
