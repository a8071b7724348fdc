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
	firsts         map[string]bool // first words of terms of two words
	stems          []stem          // terms that may go on
}

type stem struct {
	text  string
	langs uint32
}

var pitches = sync.OnceValue(func() vocabulary {
	v := vocabulary{address: map[string]uint32{}, terms: map[string]uint32{}, firsts: map[string]bool{}}
	bit := uint32(1)
	for row := range rows(pitchTable, 4) {
		for w := range strings.FieldsSeq(row[1]) {
			v.address[w] |= bit
		}
		for w := range strings.FieldsSeq(row[2]) {
			v.learn(w, bit)
		}
		bit <<= 1
	}
	return v
})

func (v *vocabulary) learn(term string, bit uint32) {
	if text, ok := strings.CutSuffix(term, "*"); ok {
		v.stems = append(v.stems, stem{text, bit})
		return
	}
	if first, _, two := strings.Cut(term, "-"); two {
		v.firsts[first] = true
	}
	v.terms[strings.ReplaceAll(term, "-", " ")] |= bit
}

// isPitch reports whether the line speaks to the reader of newsletters, subscriptions, donations or cookies: a word of address
// and two terms of one language, one more for each 120 runes, and no quotation. News about newsletters do not say "you".
func isPitch(text string, n phrase.Line) bool {
	if n.Runes < 25 {
		return false
	}
	address := addressed(n.Text)
	return address != 0 && !strings.ContainsAny(text, "\"“”„»«") && enough(pitches().found(n.Text), address, 2+n.Runes/phrase.Short)
}

// addressed tells in which languages a text speaks to the reader.
func addressed(text string) (langs uint32) {
	for w := range strings.FieldsSeq(text) {
		langs |= pitches().address[w]
	}
	return langs
}

// found lists the terms of a text with their languages.
func (v vocabulary) found(text string) map[string]uint32 {
	found, last := map[string]uint32{}, ""
	for w := range strings.FieldsSeq(text) {
		if langs := v.terms[w]; langs != 0 {
			found[w] = langs
		}
		if v.firsts[last] && v.terms[last+" "+w] != 0 {
			found[last+" "+w] = v.terms[last+" "+w]
		}
		for _, s := range v.stems {
			if strings.HasPrefix(w, s.text) {
				found[s.text] = s.langs
			}
		}
		last = w
	}
	return found
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
