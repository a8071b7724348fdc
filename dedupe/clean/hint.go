package clean

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"copytaster/dedupe/clean/phrase"
)

// hints tell of which kinds of cues one at least may stand in a line, a bit each. Most lines hold none, which one pass over their bytes tells: they
// need not be looked at for each of 267 cues.
type hints uint8

const (
	contribution hints = 1 << iota // "contributed"
	picture                        // "picture", with what makes it a label behind it
	stock                          // "stock"
)

// cueLiterals lists literals of which one stands in a line wherever a cue of these kinds does, with its hint.
func cueLiterals() map[string]hints {
	m := map[string]hints{}
	for kind, h := range map[string]hints{"contributed": contribution, "picture": picture, "stock": stock} {
		for _, c := range cues(kind) {
			for _, literal := range keysOf(c) {
				m[literal] |= h
			}
		}
	}
	return m
}

// cueKeys finds cues, by their hints.
var cueKeys = sync.OnceValue(func() *phrase.Keys {
	k := new(phrase.Keys)
	for literal, h := range cueLiterals() {
		k.Add(literal, uint16(h))
	}
	return k
})

// keysOf lists literals of which one stands wherever the cue does. A cue too short for a key is one for pictures, which counts with a space or
// mark behind it only.
func keysOf(cue string) (list []string) {
	if len(cue) >= phrase.KeySize {
		return []string{cue}
	}
	for _, r := range " \u00a0" + labelMarks + "." {
		list = append(list, cue+string(r))
	}
	return list
}

// cueForms lists the literals in normal form, for lines each of whose runes is told alone: there one stands in the normal form if it stands in
// the line.
func cueForms() map[string]hints {
	m := map[string]hints{}
	for literal, h := range cueLiterals() {
		if n := phrase.Normal("x" + literal + "x"); n.Told {
			m[n.Text[1:len(n.Text)-1]] |= h
		}
	}
	return m
}

// hintsOf looks for cues in a text in lower case.
func hintsOf(text string) (h hints) {
	var room [16]uint16
	for _, n := range cueKeys().Find(text, room[:0]) {
		h |= hints(n)
	}
	return h
}

// hinted reports whether the line may be a credit: it names an agency, or holds a cue, or the © or the words for "taken by" that may end a
// caption.
func (l *line) hinted() bool {
	switch {
	case len(l.names()) > 0 || strings.Contains(l.text, "©"):
		return true
	case l.told:
		return l.hints != 0
	}
	low := lower(strings.ReplaceAll(l.text, "\u200b", ""))
	return hintsOf(low) != 0 || taken(low)
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lower is the text in lower case, with straight apostrophes.
func lower(text string) string {
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
