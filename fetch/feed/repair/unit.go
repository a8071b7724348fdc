package repair

import (
	"encoding/base64"
	"slices"
	"strings"

	"copytaster/fetch/feed/repair/chars"
)

// unit is a child of the feed or of an item with all that is inside it.
type unit struct {
	token
	written       string // the name in the input
	prefix, local string
	attrs         []attr
	inner, end    int  // where the content ends, and the unit
	sound         bool // an XML parser takes it as it stands
	whole         bool // it is balanced
	bare          bool // the start tag has nothing that is kept out of the output
	plain         bool // it holds nothing but character data and CDATA sections
	splices       int  // pieces of text
}

// child takes one child of the feed or of an item.
func (r *repairer) child(t token) {
	u := unit{token: t, written: t.name, attrs: slices.Clone(r.attrs), bare: true}
	if u.prefix, u.local = split(t.name); u.prefix == r.prefix {
		u.prefix = ""
	}
	for i, a := range u.attrs {
		if a.name == "xml:base" || a.name == "xml:lang" {
			u.bare = false
		}
		if v := strings.TrimSpace(a.value); v != a.value { // gofeed would write blanks around an address as %20
			u.attrs[i].value, u.bare = v, false
		}
	}
	if r.cost += childCost + len(r.prefixes); r.cost > maxCost {
		r.at = t.to
		return
	}
	u.inner, u.end, u.whole, u.sound = t.to, t.to, true, t.sound
	if t.kind == startTag {
		if !r.balance(&u) {
			r.mend(&u)
		}
	}
	r.at = u.end
	if u.inner < 0 {
		return
	}
	if u.prefix != "" {
		r.cost += u.splices / 2 * (childCost + len(r.prefixes))
	}
	if name := r.rename(u); name != "" {
		u.name, u.bare = name, false
	}
	r.note(u)
	if !r.take(u) {
		r.write(u)
	}
}

// rename gives the name under which gofeed reads an element that it would drop, empty if there is none.
func (r *repairer) rename(u unit) string {
	parent := r.open[len(r.open)-1].local
	switch {
	case parent == "item" && u.kind == startTag && (u.local == "body" && u.prefix != "media" || u.local == "fullitem"):
		return encoded
	case parent == "channel" && u.local == "author" && u.prefix == "":
		return "dc:creator"
	case parent == "entry" && u.local == "created" && u.prefix == "":
		return "dcterms:created"
	}
	return ""
}

// balance finds the end of the unit if all tags inside have their partners in order.
func (r *repairer) balance(u *unit) bool {
	if slices.Contains(r.doomed, u.from) {
		return false
	}
	r.stack, r.starts = append(r.stack[:0], u.written), append(r.starts[:0], u.from)
	spaces := 0
	u.plain = true
	for at := u.to; ; {
		t := r.scan(at)
		u.splices++
		if !r.follow(t) {
			r.doomed = append(r.doomed[:0], r.starts...)
			return false
		}
		if t.kind == text {
			t.sound = chars.Sound(r.s[t.from:t.to])
		} else if t.kind != endTag {
			spaces += r.declarations(t)
		}
		u.sound = u.sound && t.sound && spaces <= maxSpaces
		if len(r.stack) == 0 {
			u.inner, u.end = t.from, t.to
			return true
		}
		u.plain = u.plain && (t.kind == text || t.kind == cdata)
		at = t.to
	}
}

// follow keeps the stack of open tags; it is false where that shows damage.
func (r *repairer) follow(t token) bool {
	switch top := len(r.stack) - 1; t.kind {
	case startTag:
		r.stack, r.starts = append(r.stack, t.name), append(r.starts, t.from)
		return len(r.stack) <= maxDepth
	case endTag:
		if r.stack[top] != t.name {
			return false
		}
		r.stack, r.starts = r.stack[:top], r.starts[:top]
	case cdata:
		return t.sound
	case endOfInput:
		return false
	case text, other, emptyTag:
	}
	return true
}

// declarations counts the namespaces that a tag declares.
func (r *repairer) declarations(t token) (n int) {
	if t.kind == startTag || t.kind == emptyTag {
		for _, a := range r.attrs {
			if strings.HasPrefix(a.name, "xmlns") {
				n++
			}
		}
	}
	return n
}

// mend finds where a unit ends that is not balanced: at an end tag that may be meant for it, else before whatever cannot stand inside it.
// A unit that the input ends in is given up (inner < 0) unless it is prose.
func (r *repairer) mend(u *unit) {
	u.whole = false
	scopes := 0 // elements of HTML in which names of feeds mean something else
	for at := u.to; ; {
		t := r.scan(at)
		if t.kind == endOfInput {
			u.inner, u.end, r.cut = t.to, t.to, true
			if !prose(u.local) {
				u.inner = -1
			}
			return
		}
		if t.kind == cdata && !t.sound {
			t.to = r.sectionEnd(*u, t)
		}
		if scope(t.name) {
			switch t.kind {
			case startTag:
				scopes++
			case endTag:
				scopes--
			default:
			}
		}
		if before, behind := r.closesUnit(u, t, scopes > 0); before || behind {
			u.inner, u.end = t.from, t.from
			if behind {
				u.end = t.to
			}
			return
		}
		at = t.to
	}
}

// closesUnit reports whether a tag shows that the unit ends before it, or behind it.
func (r *repairer) closesUnit(u *unit, t token, html bool) (before, behind bool) {
	switch t.kind {
	case startTag, emptyTag:
		if r.repeatsAsEnd(*u, t) {
			return false, true
		}
		return r.stops(*u, t, html), false
	case endTag:
		if r.structural(t.name) != "" {
			return true, false
		}
		return false, r.ends(u, t, html)
	case text, cdata, other, endOfInput:
	}
	return false, false
}

// ends reports whether the end tag closes the unit, perhaps mistyped. If the unit's start tag is the one that is no word of feeds, it gets
// the name of the end tag.
func (r *repairer) ends(u *unit, t token, html bool) bool {
	if strings.EqualFold(u.written, t.name) {
		return true
	}
	known := core(t.name) && !html && !container(u.prefix, u.local)
	if known && !core(u.name) && u.prefix == "" {
		u.name = t.name
		u.prefix, u.local = split(t.name)
		return true
	}
	return known || !htmlName(t.name) && mistyped(t.name, u.written)
}

// repeatsAsEnd reports whether a start tag of the unit's own name is an end tag without its slash: a tag follows at once.
func (r *repairer) repeatsAsEnd(u unit, t token) bool {
	if t.kind != startTag || t.name != u.written || len(r.attrs) > 0 || strings.TrimSpace(r.s[u.to:t.from]) == "" {
		return false
	}
	next := skipSpace(r.s, t.to)
	return next < len(r.s) && r.s[next] == '<' && !strings.HasPrefix(r.s[next:], "<![CDATA[")
}

// stops reports whether the start tag cannot stand inside the unit, so that the unit's end tag must be missing.
func (r *repairer) stops(u unit, t token, html bool) bool {
	if r.structural(t.name) != "" {
		return true
	}
	prefix, local := split(t.name)
	if container(u.prefix, u.local) {
		switch u.local {
		case "author", "contributor", "owner":
			return core(local) || prefix != u.prefix && r.extension(prefix)
		}
		return false
	}
	if prefix != "" {
		return r.extension(prefix)
	}
	return core(local) && !html
}

// scope reports whether feeds' names (title, source, summary) are HTML's own inside the element.
func scope(name string) bool {
	switch strings.ToLower(name) {
	case "html", "head", "svg", "details", "video", "audio", "picture":
		return true
	}
	return false
}

// sectionEnd is where a CDATA section without its own end stops: at the unit's end tag, or at that of an item, or with the input.
func (r *repairer) sectionEnd(u unit, t token) int {
	s := r.s[t.from:t.to]
	if next := strings.Index(s[9:], "<![CDATA["); next >= 0 {
		s = s[:9+next]
	}
	for _, name := range []string{u.written, "item", "entry", "channel"} {
		if i := indexFold(s, "</"+name); i >= 0 {
			return t.from + i
		}
	}
	return t.to
}

// indexFold is strings.Index in any case of ASCII letters; sep begins with a character that has no case.
func indexFold(s, sep string) int {
	for at := 0; ; at++ {
		i := strings.IndexByte(s[at:], sep[0])
		if i < 0 || at+i+len(sep) > len(s) {
			return -1
		}
		if at += i; strings.EqualFold(s[at:at+len(sep)], sep) {
			return at
		}
	}
}

// write puts the unit out: as it stands if that is sound, else mended.
func (r *repairer) write(u unit) {
	body := r.s[u.to:u.inner]
	name := u.name
	typ := u.attr("type")
	switch {
	case u.name == encoded && u.local != "encoded":
		r.writeText(encoded, nil, body, strings.Contains(body, "<"))
	case u.kind == startTag && strings.EqualFold(u.attr("mode"), "base64"):
		plain, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(body), ""))
		if err != nil {
			plain = []byte(body)
		}
		r.writeText(name, []attr{{name: "type", value: "html", quoted: true}}, string(plain), true)
	case u.prefix != "" && u.splices*(u.inner-u.to) > maxSplice:
		r.writeText(name, u.attrs, body, false)
	case !container(u.prefix, u.local) && len(body) > maxEscapes && strings.Count(body, "&")+strings.Count(body, "<") > maxEscapes:
		r.writeTag(name, u.attrs, false)
		r.writeSection("<![CDATA[" + unescape(strings.NewReplacer("<![CDATA[", "", "]]>", "").Replace(body)) + "]]>")
		r.writeEnd(name)
	case u.sound && u.bare && u.whole:
		r.out = append(r.out, r.s[u.from:u.end]...)
	case u.kind == emptyTag:
		r.writeTag(name, u.attrs, true)
	case u.whole || container(u.prefix, u.local):
		r.writeTag(name, u.attrs, false)
		r.writeBalanced(u.to, u.inner)
		r.writeEnd(name)
	case strings.Contains(strings.ToLower(typ), "xhtml"):
		r.writeText(name, []attr{{name: "type", value: "html", quoted: true}}, body, true)
	default:
		r.writeTag(name, u.attrs, false)
		r.writeEscaped(u)
		r.writeEnd(name)
	}
}

// attr is the value of an attribute as it stands, empty if it is missing.
func (u unit) attr(name string) string {
	for _, a := range u.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// writeText writes an element whose content becomes text; literal keeps its references from being resolved once more.
func (r *repairer) writeText(name string, attrs []attr, body string, literal bool) {
	r.writeTag(name, attrs, false)
	if literal {
		body = strings.ReplaceAll(body, "&", "&amp;")
	}
	r.out = chars.Append(r.out, body, r.entities)
	r.writeEnd(name)
}

// writeEscaped writes the content of a text element with its tags as text, which reads the same behind gofeed.
func (r *repairer) writeEscaped(u unit) {
	for at := u.to; at < u.inner; {
		t := r.scan(at)
		if t.kind == cdata && !t.sound {
			t.to = r.sectionEnd(u, t)
		}
		t.to = min(t.to, u.inner)
		if t.kind == cdata {
			r.writeSection(r.s[t.from:t.to])
		} else {
			r.out = chars.Append(r.out, r.s[t.from:t.to], r.entities)
		}
		at = t.to
	}
}

// writeSection writes a CDATA section whose end may be missing, broken or followed by another's beginning.
func (r *repairer) writeSection(s string) {
	body, whole := strings.CutSuffix(s[9:], "]]>")
	if !whole {
		body = strings.TrimRight(body, " \t\r\n]>")
	}
	r.out = append(r.out, "<![CDATA["...)
	r.out = append(r.out, strings.ReplaceAll(body, "]]>", "]]]]><![CDATA[>")...)
	r.out = append(r.out, "]]>"...)
}

// writeBalanced writes what is inside an element, closing what is open and dropping what was never opened or nests too deep.
func (r *repairer) writeBalanced(from, to int) {
	var stack []string
	spaces := 0
	for at := from; at < to; {
		t := r.scan(at)
		t.to = min(t.to, to)
		at = t.to
		switch t.kind {
		case startTag, emptyTag:
			attrs := r.limit(r.attrs, &spaces)
			if len(stack) >= maxDepth {
				continue
			}
			r.writeTag(t.name, attrs, t.kind == emptyTag)
			if t.kind == startTag {
				stack = append(stack, t.name)
			}
		case endTag:
			i := len(stack) - 1
			for i >= 0 && stack[i] != t.name {
				i--
			}
			for i >= 0 && len(stack) > i {
				r.writeEnd(stack[len(stack)-1])
				stack = stack[:len(stack)-1]
			}
		case cdata:
			r.writeSection(r.s[t.from:t.to])
		case text:
			r.out = chars.Append(r.out, r.s[t.from:t.to], r.entities)
		case other, endOfInput:
			if t.sound {
				r.out = append(r.out, r.s[t.from:t.to]...)
			}
		}
	}
	for i := len(stack) - 1; i >= 0; i-- {
		r.writeEnd(stack[i])
	}
}

// limit drops namespace declarations beyond maxSpaces in one unit.
func (r *repairer) limit(attrs []attr, spaces *int) (kept []attr) {
	for _, a := range attrs {
		if strings.HasPrefix(a.name, "xmlns") {
			if *spaces++; *spaces > maxSpaces {
				continue
			}
		}
		kept = append(kept, a)
	}
	return kept
}
