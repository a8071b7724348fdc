// Package charset turns the bytes of a feed into UTF-8, whatever they are and whatever they say that they are. It always gives text.
package charset

import (
	"bytes"
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wlynxg/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// Decode gives the body as valid UTF-8 without a byte order mark. Valid UTF-8 is believed whatever is declared (but the
// 7-bit encodings that look like it); then come the mark, HTTP, the declaration and detection (RFC 7303 section 3.2).
func Decode(body []byte, contentType string) string {
	if s, ok := decodeMarked(body); ok {
		return s
	}
	valid := utf8.Valid(body)
	if valid && bytes.IndexByte(body, 0x1b) < 0 && !bytes.Contains(body, []byte("~{")) {
		return string(body) // whatever is declared
	}
	labels := declared(body, contentType)
	if valid && !escaped(body, labels) {
		return string(body)
	}
	least := 2
	if slices.ContainsFunc(labels, func(l string) bool { return !strings.HasPrefix(strings.ToLower(l), "utf") }) {
		least = 8
	}
	if s, ok := decodeMixed(body, least); ok {
		return s
	}
	for _, label := range append(labels, detect(body)) {
		e, name := charset.Lookup(label)
		if e == nil || name == "utf-8" || strings.HasPrefix(name, "utf-16") {
			continue
		}
		if s, ok := decodeAs(e, body); ok {
			return s
		}
	}
	e, _ := charset.Lookup("windows-1252")
	s, _ := e.NewDecoder().Bytes(body)
	return string(s)
}

// decodeMarked decodes by a byte order mark, or by the zero bytes around the first characters of UTF-16 and UTF-32.
func decodeMarked(body []byte) (string, bool) {
	for _, m := range []struct {
		start string
		enc   encoding.Encoding
	}{
		{"\x00\x00\xfe\xff", utf32.UTF32(utf32.BigEndian, utf32.UseBOM)},
		{"\xff\xfe\x00\x00", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)},
		{"\x00\x00\x00<", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
		{"<\x00\x00\x00", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
		{"\xfe\xff", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
		{"\xff\xfe", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
		{"\x00<", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
		{"<\x00", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"\x00{", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
		{"{\x00", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	} {
		if bytes.HasPrefix(body, []byte(m.start)) {
			s, err := m.enc.NewDecoder().Bytes(body)
			return string(s), err == nil
		}
	}
	if rest, ok := bytes.CutPrefix(body, []byte("\xef\xbb\xbf")); ok && utf8.Valid(rest) {
		return string(rest), true
	}
	return "", false
}

var declaration = regexp.MustCompile(`^\s*<\?xml[^>]*?encoding\s*=\s*["']?\s*([A-Za-z0-9._:-]+)`)

// declared lists the labels that HTTP and the XML declaration give, in this order.
func declared(body []byte, contentType string) (labels []string) {
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		labels = append(labels, params["charset"])
	}
	if m := declaration.FindSubmatch(body[:min(len(body), 1024)]); m != nil {
		labels = append(labels, string(m[1]))
	}
	return labels
}

// escaped reports whether the body is in a declared encoding of 7-bit escapes, which is valid UTF-8 by accident.
func escaped(body []byte, labels []string) bool {
	for _, label := range labels {
		l := strings.ToLower(label)
		if strings.HasPrefix(l, "iso-2022") && bytes.IndexByte(body, 0x1b) >= 0 || strings.HasPrefix(l, "hz") && bytes.Contains(body, []byte("~{")) {
			return true
		}
	}
	return false
}

// decodeMixed decodes UTF-8 in which single windows-1252 bytes stand: three sequences at least, and so many for every bad byte. Text in
// any other encoding has hardly a sequence by chance (found: one to three bad bytes, Thai one to four). What stands behind the last
// tag does not count.
func decodeMixed(body []byte, least int) (string, bool) {
	good, bad := 0, 0
	for rest := body[:bytes.LastIndexByte(body, '>')+1]; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		rest = rest[n:]
	}
	if good < 3 || good < least*bad {
		return "", false
	}
	e, _ := charset.Lookup("windows-1252")
	var b strings.Builder
	b.Grow(len(body))
	for rest := body; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			one, _ := e.NewDecoder().Bytes(rest[:1])
			b.Write(one)
		} else {
			b.Write(rest[:n])
		}
		rest = rest[n:]
	}
	return b.String(), true
}

// detect guesses the encoding from the bytes that are not ASCII.
func detect(body []byte) string {
	return chardet.Detect(body[:min(len(body), 64<<10)]).Encoding
}

// decodeAs decodes and refuses what leaves more than one broken character in a hundred.
func decodeAs(e encoding.Encoding, body []byte) (string, bool) {
	out, err := e.NewDecoder().Bytes(body)
	if err != nil || bytes.Count(out, []byte("\uFFFD"))*100 > len(out) {
		return "", false
	}
	return string(out), true
}

// Undouble undoes a text in UTF-8 that was taken for ISO 8859-1 and encoded once more. It is left alone unless all of it can be undone.
func Undouble(s string) string {
	if strings.IndexByte(s, 0xC3) < 0 || !strings.ContainsFunc(s, func(r rune) bool { return r >= 0xC2 && r <= 0xF4 }) { // in UTF-8 these begin with C3
		return s
	}
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return s
		}
		out = append(out, byte(r))
	}
	if !utf8.Valid(out) {
		return s
	}
	return string(out)
}
