// Package repair makes the XML of a damaged feed well-formed, so that one error costs at most the item in which it stands. What is
// well-formed comes through byte for byte. It knows the vocabulary of feeds, takes any input and is linear in its length.
package repair

import (
	"cmp"
	"html"
	"slices"
	"strings"

	"copytaster/fetch/feed/repair/chars"
)

// Caps on what is passed on. encoding/xml and goxpp copy all namespaces in scope for every element and join an extension's pieces of text
// one by one: 225 KB of nested declarations kept them busy for 4 to 16 s, 781 KB of pieces for 1.4 s.
const (
	maxDepth   = 128     // elements inside one child of an item
	maxAttrs   = 64      // attributes of one tag
	maxSpaces  = 64      // namespace declarations in one child of an item
	maxBare    = 2048    // bytes of an attribute without its closing quote
	maxCost    = 4 << 20 // childCost and the namespaces in scope, for every child of the feed and of its items
	childCost  = 20      // lets 200,000 children through where no namespace is declared
	maxSplice  = 1 << 20 // pieces of text in an extension element, times its bytes
	maxEscapes = 1 << 16 // references in a text, which gofeed resolves one by one
	maxRead    = 100_000 // items looked at
)

// Note is what stands in the markup of the feed or of an item and what gofeed drops or changes.
type Note struct {
	Base   string           // xml:base in scope; nested ones are listed from the outside, parted by a line feed
	Lang   string           // xml:lang in scope
	About  string           // rdf:about
	Fields map[string]Field // of children, by lower-case local name; nil if there is nothing to say
}

// Field is what stands at one child of an item or of the feed.
type Field struct {
	Base string // its own xml:base
	Type string // of an Atom text construct
	Text string // of an Atom id as it stands, since gofeed rewrites it as an address
}

// Result is a feed that an XML parser can read.
type Result struct {
	XML   string
	Root  string // rss, rdf or feed
	Feed  Note
	Items []Item // in the order of XML
	Cut   bool   // the input ended inside the feed
}

// Item is what is known of an item beside its XML.
type Item struct {
	Note
	Date       string  // as written
	Taken      []Taken // by Slim, in their order
	from, to   int     // its place in the output
	id, link   bool    // its guid or id, its link was read whole
	implied    bool    // it began while another one was open
	number     int     // of its mark
	left, gone uint16  // bits of the names that Slim left in it and took out
}

// XML repairs a feed: prolog is what stands before the root element (of which only the DTD's entities count), root the rest, both UTF-8.
// Of more than limit items those of the highest rank stay, in their order.
func XML(prolog, root string, limit int, rank func(Item) int64) Result {
	r := newRepairer(prolog, root)
	return r.result(limit, rank)
}

func newRepairer(prolog, root string) *repairer {
	return &repairer{scanner: scanner{s: chars.Clean(root), seen: map[string]found{}}, entities: chars.Entities(prolog), prefixes: map[string]string{}, texts: map[string]string{}}
}

func (r *repairer) result(limit int, rank func(Item) int64) Result {
	r.out = make([]byte, 0, len(r.s)/4)
	r.run()
	if len(r.items) > limit {
		r.drop(limit, rank)
	}
	return Result{XML: string(r.out), Root: r.root, Feed: r.feed, Items: r.items, Cut: r.cut}
}

// repairer writes the feed anew. It knows three levels: structural elements (root, channel, item), their children, and what is inside
// a child, which is taken as one unit.
type repairer struct {
	scanner
	entities map[string]string
	prefixes map[string]string // the namespaces that the root declares, by prefix in lower case
	out      []byte
	at       int // how far the input is read
	root     string
	prefix   string    // of the root element
	open     []element // structural elements that are open
	last     element   // the item that was closed last
	names    []string  // of the last item's children, in lower case
	feed     Note
	items    []Item
	cost     int
	stack    []string          // room for balance
	starts   []int             // room for balance
	doomed   []int             // starts of elements that are known to be unbalanced
	closed   bool              // the root element was closed
	cut      bool              // the input ended inside an element
	slim     bool              // plain children of items are taken out
	spoilt   bool              // they cannot be put back
	texts    map[string]string // of those, the ones that many items have
}

// element is an open structural element.
type element struct{ name, local, base, lang string }

func (r *repairer) run() {
	for {
		t := r.scan(r.at)
		switch t.kind {
		case endOfInput:
			r.finish()
			return
		case startTag, emptyTag:
			if !r.start(t) {
				r.finish()
				return
			}
		case endTag:
			r.end(t)
		case text:
			if len(r.open) > 0 && strings.TrimSpace(r.s[t.from:t.to]) == "" {
				r.out = append(r.out, r.s[t.from:t.to]...)
			}
			r.at = t.to
		case other:
			end := r.commentEnd(t)
			if len(r.open) > 0 && t.sound && end == t.to && strings.HasPrefix(r.s[t.from:], "<!--") {
				r.out = append(r.out, r.s[t.from:end]...)
			}
			r.at = end
		case cdata:
			if r.at = t.to; !t.sound {
				r.at = t.from + len("<![CDATA[")
			}
		}
	}
}

// commentEnd is where the comment ends: before what it holds if the end of its item is there, since then its own end is missing.
func (r *repairer) commentEnd(t token) int {
	if len(r.open) == 0 || !r.inItem() || !strings.HasPrefix(r.s[t.from:], "<!--") {
		return t.to
	}
	name := r.open[len(r.open)-1].name
	end, start := r.find("</"+name, t.from), r.find("<"+name, t.from)
	if end >= 0 && end < t.to && (start < 0 || end < start) {
		return t.from + len("<!--")
	}
	return t.to
}

// start opens a structural element or takes a child as a whole. It is false where a second feed or an item too many begins: what follows is not read.
func (r *repairer) start(t token) bool {
	local := r.structural(t.name)
	if r.root == "" {
		r.openRoot(t, local)
		return true
	}
	switch local {
	case "rss", "rdf", "feed":
		r.at = t.to
		return !r.closed
	case "item", "entry":
		if len(r.items) == maxRead {
			return false
		}
		if next := skipSpace(r.s, t.to); r.closed && (next >= len(r.s) || r.s[next] != '<') {
			r.at = t.to // a word in what follows the feed
			break
		}
		r.openItem(t, local)
	case "channel":
		if len(r.open) > 1 || t.kind == emptyTag {
			r.at = t.to
			break
		}
		r.push(t, local)
	default:
		if r.orphan() {
			r.reopen(t)
			break
		}
		if r.closed && len(r.open) == 1 {
			r.at = t.to
			break
		}
		r.child(t)
	}
	return true
}

// openRoot opens the root element, or invents it where the feed begins with one of its children.
func (r *repairer) openRoot(t token, local string) {
	switch local {
	case "rss", "rdf", "feed":
		r.root = local
		r.prefix, _ = split(t.name)
		r.push(t, local)
		r.closed = t.kind == emptyTag
		return
	case "entry":
		r.root = "feed"
		r.out = append(r.out, `<feed xmlns="`+atomSpace+`">`...)
	default:
		r.root = "rss"
		r.out = append(r.out, `<rss version="2.0">`...)
	}
	r.open = append(r.open, element{name: r.root, local: r.root})
}

// push writes the tag of a structural element and opens it.
func (r *repairer) push(t token, local string) {
	e := element{name: t.name, local: local}
	if n := len(r.open); n > 0 {
		e.base, e.lang = r.open[n-1].base, r.open[n-1].lang
	}
	asIs := t.sound && t.kind == startTag
	for _, a := range r.attrs {
		switch a.name {
		case "xml:base":
			e.base, asIs = strings.TrimPrefix(e.base+"\n"+unescape(a.value), "\n"), false
		case "xml:lang":
			e.lang, asIs = unescape(a.value), false
		}
	}
	attrs := r.spaces(t.name, local)
	if asIs && slices.Equal(attrs, r.attrs) {
		r.out = append(r.out, r.s[t.from:t.to]...)
	} else {
		r.writeTag(e.name, attrs, false)
	}
	r.open = append(r.open, e)
	if local != "item" && local != "entry" {
		r.feed.Base, r.feed.Lang = e.base, e.lang
	}
	r.at = t.to
}

// spaces gives the attributes of a structural element with namespaces that gofeed knows, and keeps the root's prefixes.
func (r *repairer) spaces(name, local string) []attr {
	prefix, _ := split(name)
	own, at := "xmlns", -1
	if prefix != "" {
		own = "xmlns:" + prefix
	}
	attrs := slices.Clone(r.attrs)
	r.declares(attrs)
	for i, a := range attrs {
		if at < 0 && tagName(a.name) == own {
			at = i
		}
	}
	switch {
	case local == "feed" && at < 0 && prefix != "":
		attrs = append(attrs, attr{name: own, value: atomSpace, quoted: true})
	case at < 0:
	case local == "feed" || local == "entry":
		if v := attrs[at].value; !strings.Contains(v, "purl.org/atom/ns#") && strings.TrimSpace(v) != atomSpace {
			attrs[at].value = atomSpace
		}
	case r.root == "rdf":
		if v := attrs[at].value; prefix == "" && !strings.Contains(v, "purl.org/rss/1.0/") && !strings.Contains(v, "netscape.com/rdf/simple/0.9/") {
			attrs[at].value = rssSpace
		}
	case prefix == "":
		attrs = slices.Delete(attrs, at, at+1)
	}
	return attrs
}

func (r *repairer) openItem(t token, local string) {
	implied := false
	if e := r.open[len(r.open)-1]; e.local == local {
		implied = t.kind == startTag
		if len(r.names) == 0 { // a start tag twice
			last := r.items[len(r.items)-1]
			r.out, r.items, r.open = r.out[:last.from], r.items[:len(r.items)-1], r.open[:len(r.open)-1]
		} else {
			r.pop()
		}
	}
	from := len(r.out)
	about := ""
	for _, a := range r.attrs {
		if _, name := split(a.name); name == "about" {
			about = unescape(a.value)
		}
	}
	r.push(t, local)
	e := r.open[len(r.open)-1]
	r.items = append(r.items, Item{Note: Note{Base: e.base, Lang: e.lang, About: about}, from: from, implied: implied, id: about != ""})
	if r.names = r.names[:0]; t.kind == emptyTag {
		r.pop()
	}
}

// orphan reports whether what follows belongs to an item that lost its start tag: behind an item and outside of one, the next
// tag of an item is an end.
func (r *repairer) orphan() bool {
	if len(r.items) == 0 || r.inItem() {
		return false
	}
	name := "item"
	if r.root == "feed" {
		name = "entry"
	}
	end, start := r.find("</"+name, r.at), r.find("<"+name, r.at)
	return end >= 0 && (start < 0 || end < start)
}

// reopen opens an item that lost its start tag. If the last item has no such child, an end tag too many closed it: it goes on.
func (r *repairer) reopen(child token) {
	last := &r.items[len(r.items)-1]
	_, local := split(child.name)
	if !slices.Contains(r.names, local) {
		r.out, r.spoilt = r.out[:last.to-len("</>")-len(r.last.name)], last.gone != 0
		r.open = append(r.open, r.last)
		return
	}
	r.attrs = r.attrs[:0]
	r.openItem(token{kind: startTag, from: r.at, to: r.at, name: r.last.name}, r.last.local)
}

// inItem reports whether an item is open.
func (r *repairer) inItem() bool {
	local := r.open[len(r.open)-1].local
	return local == "item" || local == "entry"
}

// end closes a structural element; any other end tag at this level has lost its start and goes. The root stays open for items behind it.
func (r *repairer) end(t token) {
	r.at = t.to
	local := r.structural(t.name)
	switch local {
	case "item", "entry", "channel":
		for i := len(r.open) - 1; i > 0; i-- {
			if r.open[i].local == local {
				for len(r.open) > i {
					r.pop()
				}
			}
		}
	case "rss", "rdf", "feed":
		for len(r.open) > 1 {
			r.pop()
		}
		r.closed = len(r.open) > 0
	}
}

// pop closes the innermost structural element. An item that an end tag without its slash opened goes.
func (r *repairer) pop() {
	e := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	if e.local != "item" && e.local != "entry" {
		r.writeEnd(e.name)
		return
	}
	last := &r.items[len(r.items)-1]
	if last.implied && last.gone == 0 && strings.TrimSpace(string(r.out[last.from:])) == "<"+e.name+">" {
		r.out, r.items = r.out[:last.from], r.items[:len(r.items)-1]
		return
	}
	r.writeMark(last)
	r.writeEnd(e.name)
	last.to, r.last = len(r.out), e
}

// finish closes what is open. An item that the input ends in is kept only if it says which one it is.
func (r *repairer) finish() {
	if n := len(r.open); n > 0 && !r.closed {
		r.cut = true
		if e := r.open[n-1]; e.local == "item" || e.local == "entry" {
			if last := r.items[len(r.items)-1]; !last.id && !(last.link && !slices.ContainsFunc(r.items, func(it Item) bool { return it.id })) {
				r.out, r.open, r.items = r.out[:last.from], r.open[:n-1], r.items[:len(r.items)-1]
			}
		}
	}
	for len(r.open) > 0 {
		r.pop()
	}
}

// drop keeps limit items in the order of the feed.
func (r *repairer) drop(limit int, rank func(Item) int64) {
	order, ranks := make([]int, len(r.items)), make([]int64, len(r.items))
	for i, it := range r.items {
		order[i], ranks[i] = i, rank(it)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(ranks[b], ranks[a]), cmp.Compare(a, b)) })
	order = order[:limit]
	slices.Sort(order)
	out, items := slices.Clone(r.out[:r.items[0].from]), make([]Item, 0, limit)
	for _, i := range order {
		it := r.items[i]
		from := len(out)
		out = append(out, r.out[it.from:it.to]...)
		it.from, it.to = from, len(out)
		items = append(items, it)
	}
	r.out, r.items = append(out, r.out[r.items[len(r.items)-1].to:]...), items
}

// note keeps what a child says about its parent and what gofeed would drop of it.
func (r *repairer) note(u unit) {
	n := &r.feed
	body := r.s[u.to:u.inner]
	if r.inItem() {
		it := &r.items[len(r.items)-1]
		n = &it.Note
		r.names = append(r.names, u.local)
		switch u.local {
		case "guid", "id":
			it.id = it.id || u.whole && strings.TrimSpace(body) != ""
		case "link":
			it.link = it.link || u.kind == emptyTag || strings.TrimSpace(body) != ""
		case "pubdate", "published", "updated", "date", "issued", "modified":
			it.Date = cmp.Or(it.Date, strings.TrimSpace(body))
		}
	}
	f := Field{Base: unescape(u.attr("xml:base"))}
	if r.root == "feed" && u.prefix == "" {
		f.Type = strings.ToLower(u.attr("type"))
		if u.local == "id" && !strings.Contains(body, "<") {
			f.Text = strings.TrimSpace(unescape(body))
		}
	}
	if f != (Field{}) {
		if n.Fields == nil {
			n.Fields = map[string]Field{}
		}
		n.Fields[u.local] = f
	}
}

// unescape gives the characters of text or of an attribute's value.
func unescape(s string) string { return html.UnescapeString(s) }

// writeTag writes a start tag anew, without repeated attributes and without xml:base and xml:lang, which are in the notes: gofeed takes every
// base for a folder and renders all HTML anew where there is one.
func (r *repairer) writeTag(name string, attrs []attr, empty bool) {
	r.out = append(append(r.out, '<'), name...)
	for i, a := range attrs {
		n := tagName(a.name)
		if i >= maxAttrs || a.name == "xml:base" || a.name == "xml:lang" || slices.ContainsFunc(attrs[:i], func(b attr) bool { return tagName(b.name) == n }) {
			continue
		}
		r.out = append(append(append(r.out, ' '), n...), `="`...)
		if chars.Sound(a.value) && !strings.Contains(a.value, `"`) {
			r.out = append(r.out, a.value...)
		} else {
			r.out = chars.Append(r.out, strings.ReplaceAll(a.value, `"`, "&quot;"), r.entities)
		}
		r.out = append(r.out, '"')
	}
	if empty {
		r.out = append(r.out, '/')
	}
	r.out = append(r.out, '>')
}

func (r *repairer) writeEnd(name string) {
	r.out = append(append(append(r.out, "</"...), name...), '>')
}

// tagName gives a name that an XML parser takes: at most one colon, inside.
func tagName(name string) string {
	prefix, local, ok := strings.Cut(strings.TrimRight(name, ":"), ":")
	if !ok {
		return prefix
	}
	return prefix + ":" + strings.ReplaceAll(local, ":", "_")
}
