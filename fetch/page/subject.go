package page

import (
	"strings"
	"unicode"
)

// subject holds the words by which an article says what it is about: those of its description, else of its title.
type subject []string

// subjectOf takes the words of five letters and more, or in scripts without spaces the pieces of three signs. It is empty if they are
// fewer than three: then nothing can be said.
func subjectOf(h Hint) subject {
	for _, text := range []string{h.Description + " " + h.Title, h.Title} {
		var s subject
		for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
			s = append(s, pieces(w)...)
		}
		if len(s) >= 3 {
			return s[:min(len(s), 60)]
		}
	}
	return nil
}

// pieces is the word, if it is long enough to say something, cut up if it is of a script without spaces.
func pieces(w string) (list []string) {
	r := []rune(w)
	if !unicode.In(r[0], unicode.Han, unicode.Hiragana, unicode.Katakana) {
		if len(r) >= 5 {
			list = append(list, w)
		}
		return list
	}
	for i := 0; i+3 <= len(r); i += 3 {
		list = append(list, string(r[i:i+3]))
	}
	return list
}

// share is the part of the subject's words that stand in the candidate; 1 for an empty subject.
func (s subject) share(c candidate) float64 {
	if len(s) == 0 {
		return 1
	}
	var b strings.Builder
	for _, block := range c.blocks {
		if block.Kept && b.Len() < 20000 {
			b.WriteString(strings.ToLower(block.Text))
			b.WriteByte(' ')
		}
	}
	text, found := b.String(), 0
	for _, w := range s {
		if strings.Contains(text, w) {
			found++
		}
	}
	return float64(found) / float64(len(s))
}
