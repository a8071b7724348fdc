package clean

import (
	_ "embed"
	"strings"
	"sync"

	"copytaster/dedupe/clean/phrase"
)

// pitchTable is one language a line: language, words that speak to the reader, words of what outlets offer or ask for, example,
// separated by tabs. A hyphen joins words that stand together; a star ends a word that may go on.
//
//go:embed pitch.txt
var pitchTable string

// vocabulary says of a word in which languages it speaks to the reader or is a term, a bit for each line of the table.
type vocabulary struct {
	address, terms map[string]uint32
	stems          map[string]uint32 // terms that may go on
}

var pitches = sync.OnceValue(func() vocabulary {
	v := vocabulary{map[string]uint32{}, map[string]uint32{}, map[string]uint32{}}
	bit := uint32(1)
	for row := range rows(pitchTable, 4) {
		for w := range strings.FieldsSeq(row[1]) {
			v.address[w] |= bit
		}
		for w := range strings.FieldsSeq(row[2]) {
			if stem, ok := strings.CutSuffix(w, "*"); ok {
				v.stems[stem] |= bit
				continue
			}
			v.terms[strings.ReplaceAll(w, "-", " ")] |= bit
		}
		bit <<= 1
	}
	return v
})

// isPitch reports whether the line speaks to the reader of newsletters, subscriptions, donations or cookies: a word of address
// and two terms of one language, one more for each 120 runes, and no quotation. News about newsletters do not say "you".
func isPitch(text string, n phrase.Line) bool {
	if n.Runes < 25 || strings.ContainsAny(text, "\"“”„»«") {
		return false
	}
	need := 2 + n.Runes/phrase.Short
	address, found, last := uint32(0), map[string]uint32{}, ""
	v := pitches()
	for w := range strings.FieldsSeq(n.Text) {
		address |= v.address[w]
		v.note(found, w)
		v.note(found, last+" "+w)
		last = w
	}
	return len(found) >= need && address != 0 && enough(found, address, need)
}

// note adds the word to what was found, if it is a term.
func (v vocabulary) note(found map[string]uint32, w string) {
	if langs := v.terms[w]; langs != 0 {
		found[w] = langs
	}
	for stem, langs := range v.stems {
		if strings.HasPrefix(w, stem) {
			found[stem] = langs
		}
	}
}

// enough reports whether one of the languages has as many of the terms as are needed.
func enough(found map[string]uint32, languages uint32, need int) bool {
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
