package clean

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"

	"copytaster"
)

// lexiconTable is one pattern a line: kind, language, pattern, example, separated by tabs; # begins a remark.
//
//go:embed lexicon.txt
var lexiconTable string

// timeTable holds the words of which stamps are made ("updated", "uhr", "march"), a language a line: language, words.
//
//go:embed time.txt
var timeTable string

// Lexicon knows the lines that outlets put around their stories, by kind (newsletter, donation, paywall, cookie, related, share, app,
// ad, comments, feedback, live, copyright, photo, byline, time, correction …), in sixteen languages. It is read-only and safe for
// use by several goroutines.
type Lexicon struct {
	byStart map[string][]pattern // patterns by the one or two runes with which they begin
	open    []pattern            // those that may begin with anything
	times   map[string]bool
}

// Default is the lexicon that comes with the program. It is built once.
func Default() *Lexicon { return defaultLexicon() }

var defaultLexicon = sync.OnceValue(func() *Lexicon {
	l := &Lexicon{byStart: map[string][]pattern{}, times: map[string]bool{}}
	for row := range rows(lexiconTable, 4) {
		l.insert(compile(row[0], row[2]))
	}
	for row := range rows(timeTable, 2) {
		for _, w := range strings.Fields(row[1]) {
			l.times[w] = true
		}
	}
	return l
})

// rows yields the rows of an embedded table that have n fields.
func rows(table string, n int) func(func([]string) bool) {
	return func(yield func([]string) bool) {
		for s := range strings.Lines(table) {
			s = strings.TrimRight(s, "\r\n")
			if f := strings.Split(s, "\t"); !strings.HasPrefix(s, "#") && len(f) == n && !yield(f) {
				return
			}
		}
	}
}

func (l *Lexicon) insert(p pattern) {
	keys := map[string]bool{}
	if !p.first.starts(keys) {
		l.open = append(l.open, p)
		return
	}
	for k := range keys {
		l.byStart[k] = append(l.byStart[k], p)
	}
}

// Match reports whether the line is a standing line of an outlet, and of what kind. Lines of prose that merely mention a newsletter
// do not match: patterns describe whole lines.
func (l *Lexicon) Match(text string) (kind string, ok bool) {
	if utf8.RuneCountInString(text) > longLine {
		return "", false
	}
	n := normal(text)
	if n.text == "" {
		return "empty", true
	}
	for _, list := range [][]pattern{l.byStart[start(n.padded[1:], 2)], l.byStart[start(n.text, 1)], l.open} {
		for _, p := range list {
			if p.match(n) && !(p.kind == "related" && sentence(n)) {
				return p.kind, true
			}
		}
	}
	return l.special(text, n)
}

// special knows the kinds that are not a matter of wording: stamps, picture credits, bylines, credit lines.
func (l *Lexicon) special(text string, n line) (string, bool) {
	switch {
	case isPitch(text, n):
		return "pitch", true
	case l.stamp(n):
		return "time", true
	case isContact(text, n):
		return "contact", true
	case isByline(text):
		return "byline", true
	}
	if r, ok := readLine(text); ok && (n.runes <= 300 || r.role == copytaster.Photo) {
		if r.role == copytaster.Photo {
			return "photo", true
		}
		return "wire", true
	}
	return "", false
}

// stamp reports whether the line is a date or time with nothing else.
func (l *Lexicon) stamp(n line) bool {
	if n.runes > 90 {
		return false
	}
	number := false
	for w := range strings.FieldsSeq(n.text) {
		number = number || strings.Contains(w, "0")
		if !l.times[w] && w != "0" {
			return false
		}
	}
	return number
}

// isContact reports whether the line is short and gives an e-mail address.
func isContact(text string, n line) bool {
	if n.runes > shortLine {
		return false
	}
	for w := range strings.FieldsSeq(text) {
		if _, host, ok := strings.Cut(w, "@"); ok && strings.Contains(strings.TrimRight(host, ".,;:)"), ".") && host != w[1:] {
			return true
		}
	}
	return false
}

// sentence reports whether the line ends in a full stop and has no colon: links to other stories do not.
func sentence(n line) bool { return n.mark == '.' && n.colon < 0 && n.runes > 40 }
