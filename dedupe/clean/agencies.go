package clean

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"copytaster/dedupe/clean/phrase"
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

// nameTable holds all names by their first byte, longer ones first, so that the longest wins where several begin at one place.
type nameTable [256][]name

var agencyNames = sync.OnceValue(func() *nameTable {
	var t nameTable
	for row := range rows(agencyTable, 3) {
		for n := range strings.SplitSeq(row[1], "|") {
			n, enclosed := strings.CutPrefix(n, "~")
			t[n[0]] = append(t[n[0]], name{row[0], n, enclosed})
		}
	}
	for _, list := range t {
		slices.SortStableFunc(list, func(a, b name) int { return len(b.text) - len(a.text) })
	}
	return &t
})

// cue is a piece of text in lower case.
type cue struct {
	text  string
	grams phrase.Grams
}

// cues lists the cues of a kind.
func cues(kind string) []*cue { return allCues()[kind] }

var allCues = sync.OnceValue(func() map[string][]*cue {
	m := map[string][]*cue{}
	for row := range rows(cueTable, 4) {
		m[row[0]] = append(m[row[0]], &cue{row[2], phrase.GramsOf(row[2])})
	}
	return m
})

// isCue reports whether the word is a cue of the kind.
func isCue(kind, word string) bool {
	return slices.ContainsFunc(cues(kind), func(c *cue) bool { return c.text == word })
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
	names, end := agencyNames(), 0
	for i := range len(text) {
		begins := names[text[i]]
		if len(begins) == 0 || i < end {
			continue
		}
		r, _ := utf8.DecodeRuneInString(text[i:])
		if last, _ := utf8.DecodeLastRuneInString(text[:i]); wordRune(last) && wordRune(r) {
			continue
		}
		for k := range begins {
			n := &begins[k]
			if m := (mention{n.agency, i, i + len(n.text)}); strings.HasPrefix(text[i:], n.text) && whole(text, m) && (!n.enclosed || bracketed(text, m)) {
				list, end = append(list, m), m.end
				break
			}
		}
	}
	return list
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
