package clean

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// agencyTable is one agency a line: short form, names, example, separated by tabs; the names by bars. One behind a tilde is an agency in
// brackets or between slashes only, being a word elsewhere ("(MAP)"). # begins a remark.
//
//go:embed agencies.txt
var agencyTable string

// cueTable is one cue a line: kind, language, cue, example, separated by tabs; the cue in lower case.
//
//go:embed cues.txt
var cueTable string

// name is one way of writing an agency.
type name struct {
	agency, text string
	enclosed     bool // known only in brackets or between slashes
}

// nameTable holds all names by their first two bytes, longer ones first, so that the longest wins where several begin at one place.
type nameTable struct {
	place [1 << 12]uint8 // in names, by the hash of two bytes; 0 if no name begins so
	names [][]name
}

var agencyNames = sync.OnceValue(func() *nameTable {
	t := &nameTable{names: make([][]name, 1)}
	for row := range rows(agencyTable, 3) {
		for n := range strings.SplitSeq(row[1], "|") {
			n, enclosed := strings.CutPrefix(n, "~")
			t.add(name{row[0], n, enclosed})
		}
	}
	for _, list := range t.names {
		slices.SortStableFunc(list, func(a, b name) int { return len(b.text) - len(a.text) })
	}
	return t
})

func (t *nameTable) add(n name) {
	place := &t.place[pair(n.text[0], n.text[1])]
	if *place == 0 {
		*place = uint8(len(t.names))
		t.names = append(t.names, nil)
	}
	t.names[*place] = append(t.names[*place], n)
}

// pair hashes two bytes.
func pair(a, b byte) uint16 { return uint16(a)<<4 ^ uint16(b) }

// cues lists the cues of a kind.
func cues(kind string) []string { return allCues()[kind] }

var allCues = sync.OnceValue(func() map[string][]string {
	m := map[string][]string{}
	for row := range rows(cueTable, 4) {
		m[row[0]] = append(m[row[0]], row[2])
	}
	return m
})

// isCue reports whether the word is a cue of the kind.
func isCue(kind, word string) bool {
	return slices.Contains(cues(kind), word)
}

// Agencies lists the short forms of all agencies that are known.
func Agencies() (list []string) {
	for row := range rows(agencyTable, 3) {
		list = append(list, row[0])
	}
	return list
}

// mention is an agency's name in a text, by its bytes.
type mention struct {
	agency     string
	start, end int
}

// find lists the agencies named in the text as whole tokens, in order, without overlaps. Case counts: "ap" is no agency.
func find(text string) (list []mention) {
	t := agencyNames()
	for i := 1; i < len(text); i++ {
		place := t.place[pair(text[i-1], text[i])]
		if place == 0 || i > 1 && latin(text[i-2]) && latin(text[i-1]) {
			continue // no name begins so, or it is within a word
		}
		if m, ok := mentioned(text, i-1, t.names[place]); ok {
			list = append(list, m)
			i = m.end
		}
	}
	return list
}

// mentioned is the first of the names that stands at byte i as a whole token.
func mentioned(text string, i int, names []name) (mention, bool) {
	for k := range names {
		n := &names[k]
		if !strings.HasPrefix(text[i:], n.text) {
			continue
		}
		if m := (mention{n.agency, i, i + len(n.text)}); whole(text, m) && (!n.enclosed || bracketed(text, m)) {
			return m, true
		}
	}
	return mention{}, false
}

// whole reports whether the mention is no part of a longer word. Han, Kana and Hangul put no spaces between words; a capital behind a small
// letter begins another word whose space was lost ("Associated PressMay 3").
func whole(text string, m mention) bool {
	r, _ := utf8.DecodeRuneInString(text[m.start:])
	if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(text[:m.start])
	after, _ := utf8.DecodeRuneInString(text[m.end:])
	last, _ := utf8.DecodeLastRuneInString(text[:m.end])
	return !wordRune(before) && (!wordRune(after) || unicode.IsLower(last) && unicode.IsUpper(after)) && after != '&'
}

// bracketed reports whether the mention stands alone in brackets or between slashes.
func bracketed(text string, m mention) bool {
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text[:m.start], " "))
	after, _ := utf8.DecodeRuneInString(strings.TrimLeft(text[m.end:], " "))
	return strings.ContainsRune("([/（【", before) && strings.ContainsRune(")]/）】", after)
}

func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '@'
	}
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// latin reports whether the byte is a letter of ASCII.
func latin(c byte) bool {
	c |= 'a' - 'A'
	return 'a' <= c && c <= 'z'
}
