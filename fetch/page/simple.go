package page

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// simple takes HTML that is written as by the book: text and tags, their attributes in double quotes, nothing whose content is no HTML. It reports false, at any
// point, if it is not; then a tokeniser reads it from its beginning. Texts of feeds mostly are simple, and a tokeniser takes 4 KB for each of them.
func (c *cutter) simple(s string) bool {
	for s != "" && len(c.blocks)+len(c.held) <= maxBlocks {
		text, rest, tagged := strings.Cut(s, "<")
		if text != "" {
			c.add(html.UnescapeString(text))
		}
		if !tagged {
			return true
		}
		if rest, closing := strings.CutPrefix(rest, "/"); closing {
			n := nameLength(rest)
			if n == 0 || n == len(rest) || rest[n] != '>' {
				return false
			}
			c.close(atom.Lookup([]byte(rest[:n])))
			s = rest[n+1:]
			continue
		}
		n := nameLength(rest)
		a := atom.Lookup([]byte(rest[:n]))
		n += attributesLength(rest[n:])
		empty := strings.HasPrefix(rest[n:], "/")
		n += btoi(empty)
		if a == 0 || isRaw(a) || n == len(rest) || rest[n] != '>' {
			return false
		}
		if !empty || a == atom.Br || a == atom.Hr {
			c.start(a)
		}
		s = rest[n+1:]
	}
	return true
}

// nameLength is how long the element's name is with which the text begins; 0 if it begins with none, or with one that has capitals.
func nameLength(s string) (n int) {
	for n < len(s) && (s[n] >= 'a' && s[n] <= 'z' || n > 0 && s[n] >= '0' && s[n] <= '9') {
		n++
	}
	return n
}

// attributesLength is how many bytes of the text are attributes, each with a space before it and its value in double quotes, and spaces after them.
func attributesLength(s string) (n int) {
	for {
		for n < len(s) && s[n] == ' ' {
			n++
		}
		name := n
		for n < len(s) && (s[n] >= 'a' && s[n] <= 'z' || s[n] >= 'A' && s[n] <= 'Z' || s[n] == '-' || s[n] == ':') {
			n++
		}
		if n == name || name == 0 || s[name-1] != ' ' || !strings.HasPrefix(s[n:], `="`) {
			return name
		}
		end := strings.IndexByte(s[n+2:], '"')
		if end < 0 {
			return name
		}
		n += 2 + end + 1
	}
}

// isRaw tells the elements whose content is read as text up to their end.
func isRaw(a atom.Atom) bool {
	switch a {
	case atom.Iframe, atom.Noembed, atom.Noframes, atom.Noscript, atom.Plaintext, atom.Script, atom.Style, atom.Textarea, atom.Title, atom.Xmp:
		return true
	}
	return false
}
