package repair

import (
	"strings"

	ext "github.com/mmcdole/gofeed/extensions"
)

// mediaBit stands in Item.gone and Item.left for elements of Media RSS.
const mediaBit = 1 << 14

// isMedia reports whether gofeed may file the unit under the prefix "media"; known says that it surely does.
func (r *repairer) isMedia(u unit) (known, may bool) {
	prefix, _, ok := strings.Cut(u.written, ":")
	if !ok {
		return false, false
	}
	space, declared := r.prefixes[prefix]
	known = space == "http://search.yahoo.com/mrss/" || space == "http://search.yahoo.com/mrss" || !declared && prefix == "media"
	return known, known || prefix == "media"
}

// takeMedia takes an element of Media RSS out of its item with all that is in it, if it is written so simply that gofeed reads just that.
func (r *repairer) takeMedia(it *Item, u unit) bool {
	known, may := r.isMedia(u)
	if !may {
		return false
	}
	if known && u.sound && u.whole && u.bare && u.attr("mode") == "" && u.end-u.from <= maxEscapes && u.splices*(u.inner-u.to) <= maxSplice &&
		strings.IndexByte(r.s[u.from:u.end], '\r') < 0 {
		start := r.scan(u.from)
		if e, _, ok := r.element(start); ok {
			it.take(mediaBit, Taken{Name: "media", Media: &e})
			return true
		}
	}
	it.left |= mediaBit
	return false
}

// element reads an element, whose start tag was scanned last, as gofeed reads one of an extension, and says where it ends.
func (r *repairer) element(t token) (e ext.Extension, end int, ok bool) {
	e = ext.Extension{Name: local(t.name), Attrs: map[string]string{}, Children: map[string][]ext.Extension{}}
	for _, a := range r.attrs {
		if strings.HasPrefix(a.name, "xml") {
			return e, 0, false
		}
		e.Attrs[r.once(local(a.name))] = strings.Clone(unescape(a.value))
	}
	end, ok = t.to, true
	for open := t.kind == startTag; open && ok; {
		t := r.scan(end)
		end = t.to
		switch t.kind {
		case startTag, emptyTag:
			var child ext.Extension
			child, end, ok = r.element(t)
			e.Children[child.Name] = append(e.Children[child.Name], child)
		case cdata:
			e.Value += strings.TrimSuffix(r.s[t.from+len("<![CDATA["):t.to], "]]>")
		case text:
			e.Value += unescape(r.s[t.from:t.to])
		case endTag, endOfInput:
			open = false
		case other: // a comment
		}
	}
	e.Name, e.Value = r.once(e.Name), strings.Clone(strings.TrimSpace(e.Value))
	return e, end, ok
}

// local is the name without its prefix, as written.
func local(name string) string { return name[strings.IndexByte(name, ':')+1:] }
