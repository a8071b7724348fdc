// Package byline knows lines that say who wrote a story, or how to write to them, and nothing else. It does no I/O.
package byline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// byWords are the words that begin a byline, each also in capitals.
func byWords() []string {
	return []string{"by ", "von ", "par ", "por ", "di ", "door ", "av ", "af ", "autor: ", "autor ", "author: ", "автор: ", "текст: ", "text: ", "written by ", "reported by ", "words by ", "posted by ", "tekst: ", "a cura di ", "oprac. ", "yazan: ", "автор ", "foto ", "fotos ", "photo ", "photos ", "beeld ", "bild ", "kuva ", "fot. "}
}

// Is reports whether the line is a byword and one to six capitalised words, with no sentence.
func Is(text string) bool {
	low := strings.ToLower(text)
	for _, w := range byWords() {
		if strings.HasPrefix(low, w) && len(low) == len(text) {
			return personal(text[len(w):])
		}
	}
	return false
}

// personal reports whether all words are capitalised or join names.
func personal(text string) bool {
	words := strings.Fields(text)
	if len(words) == 0 || len(words) > 10 || strings.ContainsAny(text, "?!;") {
		return false
	}
	caps := 0
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		switch {
		case unicode.IsUpper(r):
			caps++
		case r == '|' || r == '·' || r == '@' || r == '/' || r == '(' || r == ')':
		default:
			if !joinsNames(strings.Trim(w, ",.")) {
				return false
			}
		}
	}
	return caps >= 2
}

func joinsNames(w string) bool {
	switch w {
	case "and", "und", "et", "y", "e", "en", "och", "og", "i", "и", "та", "ve", "de", "da", "del", "della", "van", "von", "der", "den", "di", "du", "la", "le", "al", "el", "bin", "in", "for":
		return true
	}
	return false
}

// Contact reports whether the line gives an e-mail address.
func Contact(text string) bool {
	if !strings.Contains(text, "@") {
		return false
	}
	for w := range strings.FieldsSeq(text) {
		if _, host, ok := strings.Cut(w, "@"); ok && strings.Contains(strings.TrimRight(host, ".,;:)"), ".") && host != w[1:] {
			return true
		}
	}
	return false
}
