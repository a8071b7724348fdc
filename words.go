package copytaster

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Paragraphs cuts a plain text at its line ends into blocks, all kept; lines of white space alone are none.
func Paragraphs(text string) (blocks []Block) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			blocks = append(blocks, Block{Text: line, Kept: true})
		}
	}
	return blocks
}

// mentions reports whether the word or phrase stands in the headline or the kept text, at word boundaries where its script
// has them, in any case.
func (it Item) mentions(phrase string) bool {
	if containsWord(it.Title, phrase) {
		return true
	}
	for _, b := range it.Blocks {
		if b.Kept && containsWord(b.Text, phrase) {
			return true
		}
	}
	return false
}

func containsWord(text, phrase string) bool {
	text, phrase = strings.ToLower(text), strings.ToLower(strings.TrimSpace(phrase))
	if phrase == "" {
		return false
	}
	first, _ := utf8.DecodeRuneInString(phrase)
	last, _ := utf8.DecodeLastRuneInString(phrase)
	for at := 0; ; {
		i := strings.Index(text[at:], phrase)
		if i < 0 {
			return false
		}
		i += at
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(phrase):])
		if !(joins(before) && joins(first)) && !(joins(last) && joins(after)) {
			return true
		}
		at = i + len(string(first))
	}
}

// joins reports whether the rune belongs to a word of a script that puts spaces between words.
func joins(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
