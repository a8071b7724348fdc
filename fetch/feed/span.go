package feed

import (
	"bytes"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
)

// span is an item as it stands in the body.
type span struct {
	from, to int
	hash     uint64
}

// spans finds the items of a sound XML feed in UTF-8, without reading what is in them: 65 KB in 20 µs where mending and reading take 3 ms.
// It is nil for everything else, and where an item does not end before the next begins.
func spans(body []byte) (list []span) {
	if !utf8.Valid(body) {
		return nil
	}
	open := -1
	for i := 0; ; {
		next := bytes.IndexByte(body[i:], '<')
		if next < 0 {
			break
		}
		i += next
		tag := body[i:]
		end := 1
		switch kindOf(tag) {
		case section:
			end = after(tag, "]]>")
		case comment:
			end = after(tag, "-->")
		case begin:
			if open >= 0 {
				return nil
			}
			open = i
		case finish:
			if open < 0 {
				return nil
			}
			end = after(tag, ">")
			list = append(list, span{open, i + end, xxhash.Sum64(body[open : i+end])})
			open = -1
		}
		if end < 0 {
			return nil
		}
		i += end
	}
	if open >= 0 {
		return nil
	}
	return list
}

// kind is what a tag means to spans.
type kind byte

const (
	aside   kind = iota // nothing
	section             // a CDATA section begins
	comment             // a comment begins
	begin               // an item begins
	finish              // an item ends
)

// kindOf looks at one letter first: most tags mean nothing here.
func kindOf(tag []byte) kind {
	if len(tag) < 3 {
		return aside
	}
	switch tag[1] {
	case '!':
		if bytes.HasPrefix(tag, []byte("<![CDATA[")) {
			return section
		}
		if bytes.HasPrefix(tag, []byte("<!--")) {
			return comment
		}
	case 'i', 'e':
		if named(tag[1:], "item") || named(tag[1:], "entry") {
			return begin
		}
	case '/':
		if (tag[2] == 'i' || tag[2] == 'e') && (bytes.HasPrefix(tag, []byte("</item>")) || bytes.HasPrefix(tag, []byte("</entry>"))) {
			return finish
		}
	}
	return aside
}

// after is where the text ends that ends with the mark; -1 if the mark is not there.
func after(s []byte, mark string) int {
	i := bytes.Index(s, []byte(mark))
	if i < 0 {
		return -1
	}
	return i + len(mark)
}

// named reports whether the tag's name is this.
func named(tag []byte, name string) bool {
	return len(tag) > len(name) && string(tag[:len(name)]) == name && bytes.IndexByte([]byte(" \t\r\n/>"), tag[len(name)]) >= 0
}

// headOf is a hash of what stands around the items, but for the text of dates, of which some outlets write others for every poll. Without items it is 0.
func headOf(body []byte, list []span) uint64 {
	if len(list) == 0 {
		return 0
	}
	h, at := xxhash.New(), 0
	for _, s := range list {
		addUndated(h, body[at:s.from])
		at = s.to
	}
	addUndated(h, body[at:])
	return h.Sum64()
}

// addUndated adds a text, but for that of elements that hold a date.
func addUndated(h *xxhash.Digest, text []byte) {
	for from, i := 0, 0; ; i++ {
		next := bytes.IndexByte(text[i:], '<')
		if next < 0 {
			h.Write(text[from:])
			return
		}
		i += next
		if n := dateTag(text[i:]); n > 0 {
			h.Write(text[from : i+n])
			from = i + n + max(bytes.IndexByte(text[i+n:], '<'), 0)
			i = from - 1
		}
	}
}

// dateTag is the length of a start tag that begins the text, if its element holds a date.
func dateTag(text []byte) int {
	for _, tag := range [...]string{"<lastBuildDate>", "<pubDate>", "<updated>", "<modified>", "<dc:date>"} {
		if len(text) >= len(tag) && string(text[:len(tag)]) == tag {
			return len(tag)
		}
	}
	return 0
}

// without is the body without the spans for which drop answers.
func without(body []byte, list []span, drop []bool) []byte {
	var rest []byte
	at := 0
	for i, s := range list {
		if drop[i] {
			rest = append(rest, body[at:s.from]...)
			at = s.to
		}
	}
	return append(rest, body[at:]...)
}
