package clean

import (
	_ "embed"
	"iter"
	"strings"
	"sync"

	"copytaster/dedupe/clean/phrase"
)

// pitchTable is one language a line: language, words that speak to the reader, words of what outlets offer or ask for, example,
// separated by tabs. A hyphen joins words that stand together; a star ends a word that may go on.
//
//go:embed pitch.txt
var pitchTable string

// address tells of words in which languages they speak to the reader, a bit for each line of the table.
var address = sync.OnceValue(func() map[string]uint32 {
	m := map[string]uint32{}
	for row, bit := range languages() {
		for w := range strings.FieldsSeq(row[1]) {
			m[w] |= bit
		}
	}
	return m
})

// languages yields the lines of the table, with the bit of each.
func languages() iter.Seq2[[]string, uint32] {
	return func(yield func([]string, uint32) bool) {
		bit := uint32(1)
		for row := range rows(pitchTable, 4) {
			if !yield(row, bit) {
				return
			}
			bit <<= 1
		}
	}
}

// terms are the terms with their languages, each with a space before it, and one behind it if it does not go on.
var terms = sync.OnceValue(func() map[string]uint32 {
	m, spaced := map[string]uint32{}, strings.NewReplacer("-", " ", "* ", "")
	for row, bit := range languages() {
		for w := range strings.FieldsSeq(row[2]) {
			m[" "+spaced.Replace(w+" ")] |= bit
		}
	}
	return m
})

// isPitch reports whether the line speaks to the reader of newsletters, subscriptions, donations or cookies: a word of address
// and two terms of one language, one more for each 120 runes, and no quotation. News about newsletters do not say "you". Of the terms in the line their
// languages are given.
func isPitch(text string, n phrase.Line, terms []uint32) bool {
	need := 2 + n.Runes/phrase.Short
	if n.Runes < 25 || len(terms) < need {
		return false
	}
	return !strings.ContainsAny(text, "\"“”„»«") && enough(terms, addressed(n.Text), need)
}

// addressed tells in which languages a text speaks to the reader.
func addressed(text string) (langs uint32) {
	for w := range strings.FieldsSeq(text) {
		langs |= address()[w]
	}
	return langs
}

// enough reports whether one of the languages has as many of the terms as are needed.
func enough(found []uint32, languages uint32, need int) bool {
	for bit := uint32(1); bit != 0 && bit <= languages; bit <<= 1 {
		count := 0
		for _, langs := range found {
			if langs&bit != 0 {
				count++
			}
		}
		if languages&bit != 0 && count >= need {
			return true
		}
	}
	return false
}
