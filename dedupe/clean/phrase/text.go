package phrase

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ascii reports whether all bytes are of ASCII.
func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Lower is the text in lower case, with straight apostrophes.
func Lower(text string) string {
	if ascii(text) {
		return strings.ToLower(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		if r == '’' {
			r = '\''
		}
		b.WriteRune(lowerRune(r))
	}
	return b.String()
}

// lowerRune is unicode.ToLower, faster for the letters and marks that are small or have no case.
func lowerRune(r rune) rune {
	switch {
	case 'а' <= r && r <= 'я', '\u2000' <= r && r <= '\u206f', '\u3000' <= r && r <= '\ua63f':
		return r
	}
	return unicode.ToLower(r)
}

// Wide reports whether the text begins in Han, Kana or Hangul.
func Wide(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// Quoted reports whether the text begins with a quotation, which is what somebody in the story said.
func Quoted(text string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimSpace(text))
	return strings.ContainsRune("\"“„«「『‘‚", r)
}
