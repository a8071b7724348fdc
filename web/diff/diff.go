// Package diff puts two texts side by side and marks what the other has not. Pure.
package diff

import (
	"slices"
	"strings"
	"unicode"

	"copytaster"
)

// Comparison is two texts side by side, paragraph by paragraph.
type Comparison struct {
	Left, Right [][]Run
}

// Run is some text that the other version has too (Same) or has not.
type Run struct {
	Text string
	Same bool
}

// runLength is how many words in a row must stand in the other version too to count as the same text: fewer are chance.
const runLength = 4

// Compare marks in both texts what the other has. Order plays no part: a paragraph that was moved is the same text.
func Compare(a, b []copytaster.Block) *Comparison {
	return &Comparison{Left: marked(a, grams(b)), Right: marked(b, grams(a))}
}

// words cuts text into words with the white space and marks behind them; in scripts without spaces a character is a word.
func words(text string) (list []string) {
	start, afterSpace, afterAlone := 0, false, false
	for i, r := range text {
		space, alone := unicode.IsSpace(r), standsAlone(r)
		if i > start && !space && (afterSpace || alone || afterAlone && !unicode.IsPunct(r)) {
			list = append(list, text[start:i])
			start = i
		}
		afterSpace, afterAlone = space, alone || afterAlone && unicode.IsPunct(r)
	}
	if start < len(text) {
		list = append(list, text[start:])
	}
	return list
}

// standsAlone reports whether the character is of a script that puts no spaces between words.
func standsAlone(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// bare is a word as it is compared: in lower case, without punctuation.
func bare(word string) string {
	return strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }))
}

// gramsOf gives each run of runLength words of a paragraph (all of a shorter one), the i-th beginning at word i.
func gramsOf(list []string) []string {
	n := min(runLength, len(list))
	b := make([]string, len(list))
	for i, w := range list {
		b[i] = bare(w)
	}
	var out []string
	for i := 0; n > 0 && i+n <= len(b); i++ {
		out = append(out, strings.Join(b[i:i+n], " "))
	}
	return out
}

// grams is the set of all runs of words in the blocks.
func grams(blocks []copytaster.Block) map[string]bool {
	set := map[string]bool{}
	for _, b := range blocks {
		for _, g := range gramsOf(words(b.Text)) {
			set[g] = true
		}
	}
	return set
}

// marked cuts the paragraphs into what lies in the other version's set and what does not.
func marked(blocks []copytaster.Block, other map[string]bool) (paragraphs [][]Run) {
	for _, b := range blocks {
		list := words(b.Text)
		same := make([]bool, len(list))
		for i, g := range gramsOf(list) {
			if other[g] {
				for j := i; j < min(i+runLength, len(list)); j++ {
					same[j] = true
				}
			}
		}
		var runs []Run
		for len(list) > 0 {
			n := slices.Index(same, !same[0])
			if n < 0 {
				n = len(list)
			}
			runs = append(runs, Run{strings.Join(list[:n], ""), same[0]})
			list, same = list[n:], same[n:]
		}
		paragraphs = append(paragraphs, runs)
	}
	return paragraphs
}
