// Package chars knows which characters and references XML takes as they stand, and writes those that it does not take so that it does. It is pure,
// and linear in its input.
package chars

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxReference is the longest reference that is looked for: HTML's longest name has 33 bytes with its & and ;.
const maxReference = 40

// Sound reports whether character data needs no change: no bare &, no reference but XML's own and allowed characters, no ]]>, no <.
func Sound(s string) bool {
	if strings.IndexByte(s, '<') >= 0 || strings.Contains(s, "]]>") {
		return false
	}
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			return true
		}
		s = s[i:]
		n := soundReference(s)
		if n == 0 {
			return false
		}
		s = s[n:]
	}
}

// soundReference is the length of the reference at the start of s that an XML parser takes without a DTD, or 0.
func soundReference(s string) int {
	end := strings.IndexByte(s[:min(len(s), maxReference)], ';')
	if end < 0 {
		return 0
	}
	switch name := s[1:end]; name {
	case "lt", "gt", "amp", "quot", "apos":
		return end + 1
	default:
		if r, ok := numeric(name); ok && r != 0 && (r < 0x80 || r > 0x9f) {
			return end + 1
		}
	}
	return 0
}

// numeric reads "#123" or "#x7b"; the rune is 0 where XML allows no such character.
func numeric(name string) (rune, bool) {
	digits, ok := strings.CutPrefix(name, "#")
	if !ok || digits == "" {
		return 0, false
	}
	base := 10
	if digits[0] == 'x' || digits[0] == 'X' {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || !allowed(rune(n)) {
		return 0, err == nil
	}
	return rune(n), true
}

// allowed reports whether XML 1.0 allows the character (section 2.2).
func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= utf8.MaxRune
}

// Append appends character data as XML takes it: bare & and < escaped, entities of HTML and those given, which a DTD declares, replaced by their characters.
func Append(out []byte, s string, entities map[string]string) []byte {
	for len(s) > 0 {
		i := strings.IndexAny(s, "&<]")
		if i < 0 {
			return append(out, s...)
		}
		out, s = append(out, s[:i]...), s[i:]
		switch {
		case s[0] == '<':
			out, s = append(out, "&lt;"...), s[1:]
		case s[0] == '&':
			var n int
			if out, n = appendReference(out, s, entities); n > 0 {
				s = s[n:]
			}
		case strings.HasPrefix(s, "]]>"):
			out, s = append(out, "]]&gt;"...), s[3:]
		default:
			out, s = append(out, ']'), s[1:]
		}
	}
	return out
}

// appendReference appends what the & at the start of s stands for and returns how many bytes it took.
func appendReference(out []byte, s string, entities map[string]string) ([]byte, int) {
	if n := soundReference(s); n > 0 {
		return append(out, s[:n]...), n
	}
	end := 1
	for end < len(s) && end < maxReference && (s[end] == '#' || nameByte(s[end])) {
		end++
	}
	name, n := s[1:end], end
	closed := end < len(s) && s[end] == ';'
	if closed {
		n++
	}
	if c, ok := numeric(name); ok {
		if c == 0 {
			return out, n
		}
		return append(out, html.EscapeString(html.UnescapeString("&"+name+";"))...), n
	}
	if v, ok := entities[name]; ok && closed {
		return append(out, html.EscapeString(v)...), n
	}
	if v := html.UnescapeString("&" + name + ";"); closed && !strings.HasSuffix(v, ";") {
		return append(out, html.EscapeString(v)...), n
	}
	return append(out, "&amp;"...), 1
}

func nameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// Entities reads the simple general entities of a DTD: at most 64, of at most 512 bytes each, none that refers to another.
func Entities(prolog string) map[string]string {
	out := map[string]string{}
	for range 256 {
		i := strings.Index(prolog, "<!ENTITY")
		if i < 0 || len(out) == 64 {
			break
		}
		prolog = prolog[i+8:]
		decl, _, _ := strings.Cut(prolog[:min(len(prolog), 1024)], ">")
		f := strings.Fields(decl)
		q := strings.IndexAny(decl, `"'`)
		if len(f) < 2 || f[0] == "%" || q < 0 || strings.HasPrefix(f[1], "SYSTEM") || strings.HasPrefix(f[1], "PUBLIC") {
			continue
		}
		value, _, ok := strings.Cut(prolog[q+1:min(len(prolog), 1024)], prolog[q:q+1])
		if ok && len(value) <= 512 && !nested(value) {
			out[f[0]] = html.UnescapeString(value)
		}
	}
	return out
}

// nested reports whether the value of an entity refers to another.
func nested(value string) bool {
	for i := range len(value) {
		if value[i] == '&' && soundReference(value[i:]) == 0 || value[i] == '%' && i+1 < len(value) && nameByte(value[i+1]) && strings.Contains(value[i:], ";") {
			return true
		}
	}
	return false
}

// Clean drops the characters that XML forbids everywhere.
func Clean(s string) string {
	if !controls(s) && !strings.Contains(s, "\uFFFE") && !strings.Contains(s, "\uFFFF") {
		return s
	}
	return strings.Map(func(r rune) rune {
		if allowed(r) {
			return r
		}
		return -1
	}, s)
}

// controls reports whether there is a control character other than a tab or the end of a line. It looks at eight bytes at a time.
func controls(s string) bool {
	const ones = 0x0101010101010101
	for len(s) >= 8 {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		if (w-0x20*ones)&^w&(0x80*ones) != 0 && control(s[:8]) {
			return true
		}
		s = s[8:]
	}
	return control(s)
}

func control(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return true
		}
	}
	return false
}
