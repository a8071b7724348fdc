package repair

import (
	"slices"
	"strconv"
	"strings"

	ext "github.com/mmcdole/gofeed/extensions"
)

// Taken is a child of an item that Slim took out.
type Taken struct {
	Name  string         // one of plainRSS or plainAtom, or media
	Text  string         // its characters, as gofeed would read them
	Attr  string         // isPermaLink of a guid
	Media *ext.Extension // of Media RSS
}

// What is taken out where it is plain text: the names of elements without a prefix, and of two extensions under the prefixes that gofeed gives them.
var (
	plainRSS  = [...]string{"title", "link", "description", "pubdate", "comments", "guid", "category", "content:encoded", "dc:creator"}
	plainAtom = [...]string{"title", "summary", "content", "published", "updated"}
)

// unreadBit stands in Item.gone for elements that nobody reads.
const unreadBit = 1 << 15

// mark begins what an item shows in the place of all that was taken out; the item's number follows. It stands as the item's last category.
const mark = "\ue000"

// Slim is XML without the children of items that are plain text, which are in Item.Taken, and without those that nobody reads. gofeed reads
// every byte and every element several times over: without these it takes a third of the time. Where putting them back could give anything else than
// the whole, the feed comes whole.
func Slim(prolog, root string, limit int, rank func(Item) int64) Result {
	r := newRepairer(prolog, root)
	r.slim = !strings.Contains(r.s, mark) && !strings.Contains(r.s, "XML/1998/namespace") // an xml:base under another prefix
	if result := r.result(limit, rank); !r.spoilt {
		return result
	}
	return XML(prolog, root, limit, rank)
}

// Mark is the item's last category in XML, which is none of its own; empty if nothing was taken out.
func (it Item) Mark() string {
	if len(it.Taken) == 0 {
		return ""
	}
	return mark + strconv.Itoa(it.number)
}

// writeMark ends the item, the last one, with its mark.
func (r *repairer) writeMark(it *Item) {
	r.spoilt = r.spoilt || it.left&it.gone != 0 // which of two elements of one name counts, only their order says
	it.number = len(r.items)
	switch m := it.Mark(); {
	case m == "":
	case r.root == "feed":
		r.out = append(append(append(r.out, `<category term="`...), m...), `"/>`...)
	default:
		r.out = append(append(append(r.out, "<category>"...), m...), "</category>"...)
	}
}

// declares tells Slim of the namespaces that a structural element declares: those of the root hold everywhere, others make it stop.
func (r *repairer) declares(attrs []attr) {
	for i, a := range attrs {
		prefix, ok := strings.CutPrefix(a.name, "xmlns:")
		if !ok {
			continue
		}
		if len(r.open) > 0 || i >= maxAttrs || prefix != strings.ToLower(prefix) || strings.Contains(a.value, "&") || r.prefixes[prefix] != "" {
			r.slim = false
		}
		if len(r.open) == 0 {
			r.prefixes[strings.ToLower(prefix)] = strings.TrimSpace(a.value)
		}
	}
}

// take takes the unit out of its item, if that can be. It reports whether nothing is left to be written.
func (r *repairer) take(u unit) bool {
	if !r.slim || r.prefix != "" || !r.inItem() {
		return false
	}
	it := &r.items[len(r.items)-1]
	if slices.ContainsFunc(u.attrs, func(a attr) bool { return strings.HasPrefix(a.name, "xmlns") }) {
		it.left |= mediaBit // for all that is known
		return false
	}
	if r.takeMedia(it, u) {
		return true
	}
	name, own := r.canonical(u)
	if name == "" && own && u.sound && u.whole {
		it.gone |= unreadBit
		return true
	}
	names := plainAtom[:]
	if r.root == "rss" {
		names = plainRSS[:]
	}
	place := slices.Index(names, name)
	if place < 0 {
		return false
	}
	attr, plain := u.plainAttr()
	if !own || !plain || !u.isPlain() || name == "dc:creator" && strings.ContainsAny(r.s[u.to:u.inner], "\r#") {
		it.left |= 1 << place
		return false
	}
	it.take(1<<place, Taken{Name: name, Text: r.own(name, r.s[u.to:u.inner]), Attr: attr})
	return true
}

// take notes what is taken out of the item, and the bit of its name.
func (it *Item) take(bit uint16, t Taken) {
	if it.gone |= bit; len(it.Taken) == 2 { // few items have more than 12 such children, and many broken ones no more than 2
		it.Taken = slices.Grow(it.Taken, 10)
	}
	it.Taken = append(it.Taken, t)
}

// own is the text of a child that was taken out. Of what items hold for days nothing is a part of the feed's text, all of which it would keep in memory.
func (r *repairer) own(name, body string) string {
	text, part := characters(body)
	switch name {
	case "dc:creator": // of extensions gofeed strips also what was escaped
		return r.once(strings.TrimSpace(text))
	case "category":
		return r.once(text)
	case "title", "link", "guid":
		if part {
			return strings.Clone(text)
		}
	}
	return text
}

// once is a copy of the text, one for all items that have it.
func (r *repairer) once(text string) string {
	if own, ok := r.texts[text]; ok {
		return own
	}
	own := strings.Clone(text)
	r.texts[own] = own
	return own
}

// canonical is the name that gofeed knows the unit by, in lower case; own says that it is written so that it can be taken out. No name and own: nobody
// reads it. No name and not own: it is none of those that are taken out.
func (r *repairer) canonical(u unit) (name string, own bool) {
	prefix, local, ok := strings.Cut(u.written, ":")
	if !ok {
		return u.local, u.name == u.written
	}
	if r.root == "feed" {
		return "", false
	}
	space, declared := r.prefixes[prefix]
	if !declared {
		space = prefix
	}
	switch space {
	case "http://wellformedweb.org/CommentAPI/", "http://purl.org/rss/1.0/modules/slash/", "http://www.georss.org/georss":
		return "", true
	case "http://purl.org/rss/1.0/modules/content/", "content":
		return "content:" + u.local, declared
	case "http://purl.org/dc/elements/1.1/", "dc":
		return "dc:" + u.local, declared && local == u.local
	case "", "rss", "rdf", rssSpace, "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://channel.netscape.com/rdf/simple/0.9/", "http://my.netscape.com/rdf/simple/0.9/":
		return u.local, false
	}
	return "", false
}

// isPlain reports whether the unit is an element of nothing but sound text, which is written as it stands.
func (u unit) isPlain() bool {
	return u.plain && u.sound && u.whole && u.kind == startTag && u.inner-u.to <= maxEscapes && (u.prefix == "" || u.splices <= maxSplice/maxEscapes)
}

// plainAttr is the isPermaLink of a guid. It reports false if the unit has an attribute that may change what gofeed makes of its text.
func (u unit) plainAttr() (value string, ok bool) {
	for _, a := range u.attrs {
		switch {
		case a.name == "xml:base" || a.name == "xml:lang" || a.name == "domain" && u.local == "category":
		case a.name == "isPermaLink" && u.local == "guid" && !strings.ContainsAny(a.value, "&\r"):
			value = a.value
		case a.name == "type" && u.prefix == "" && (a.value == "text" || a.value == "html"):
		default:
			return "", false
		}
	}
	return value, true
}

// characters are those of sound character data and CDATA sections, without the blanks around the whole, and whether they are a part of it.
func characters(s string) (text string, part bool) {
	s = strings.TrimSpace(s)
	if body, ok := strings.CutPrefix(s, "<![CDATA["); ok {
		if end := strings.Index(body, "]]>"); end == len(body)-len("]]>") {
			return body[:end], true
		}
	}
	if strings.IndexByte(s, '<') < 0 {
		return unescape(s), strings.IndexByte(s, '&') < 0
	}
	var b strings.Builder
	b.Grow(len(s))
	for s != "" {
		text, rest, _ := strings.Cut(s, "<![CDATA[")
		b.WriteString(unescape(text))
		text, s, _ = strings.Cut(rest, "]]>")
		b.WriteString(text)
	}
	return b.String(), false
}
