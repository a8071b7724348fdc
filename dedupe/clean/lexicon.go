package clean

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"copytaster"
	"copytaster/dedupe/clean/byline"
	"copytaster/dedupe/clean/phrase"
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
// ad, comments, feedback, live, copyright, photo, byline, time, correction …), in thirty languages. It is read-only and safe for
// use by several goroutines.
type Lexicon struct {
	patterns phrase.Set
	kinds    []string // of the first patterns
	terms    []uint32 // the languages of the words of pitches that the patterns behind them are
	cues     []*cue   // that the patterns behind those are
	times    map[string]bool
}

// Default is the lexicon that comes with the program. It is built once.
func Default() *Lexicon { return defaultLexicon() }

var defaultLexicon = sync.OnceValue(func() *Lexicon {
	l := &Lexicon{times: map[string]bool{}}
	for row := range rows(lexiconTable, 4) {
		l.patterns.Add(phrase.Compile(row[2]))
		l.kinds = append(l.kinds, row[0])
	}
	for term, langs := range terms() {
		l.patterns.Add(phrase.Holding(term))
		l.terms = append(l.terms, langs)
	}
	for _, c := range hints() {
		for _, form := range formsOf(c.text) {
			l.patterns.Add(phrase.Holding(form))
			l.cues = append(l.cues, c)
		}
	}
	for row := range rows(timeTable, 2) {
		for w := range strings.FieldsSeq(row[1]) {
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

// Match reports whether the line is a standing line of an outlet, and of what kind. Lines of prose that merely mention a newsletter
// do not match: patterns describe whole lines.
func (l *Lexicon) Match(text string) (kind string, ok bool) {
	kind, _, ok = l.match(&line{text: text})
	return kind, ok
}

// match is Match, with the line in its normal form, if it was made.
func (l *Lexicon) match(of *line) (kind string, n phrase.Line, ok bool) {
	if longer(of.text, phrase.Long) {
		return "", n, false
	}
	n = phrase.Normal(of.text)
	if n.Text == "" {
		return "empty", n, true
	}
	var room [8]uint32
	terms, cues := room[:0], []*cue(nil)
	for i := range l.patterns.Match(n) {
		switch term := i - len(l.kinds); {
		case term >= len(l.terms):
			cues = append(cues, l.cues[term-len(l.terms)])
		case term >= 0:
			terms = append(terms, l.terms[term])
		case (frank(l.kinds[i]) || !sentence(n)) && !(n.Mark == '.' && phrase.Quoted(of.text)):
			return l.kinds[i], n, true
		}
	}
	of.cues, of.told = cues, n.Told
	kind, ok = l.special(of, n, terms)
	return kind, n, ok
}

// special knows the kinds that are not a matter of wording alone: pitches, in which the terms were found, stamps, picture credits, bylines,
// credit lines.
func (l *Lexicon) special(of *line, n phrase.Line, terms []uint32) (string, bool) {
	switch {
	case isPitch(of.text, n, terms):
		return "pitch", true
	case l.stamp(n):
		return "time", true
	case n.Runes <= phrase.Short && byline.Contact(of.text):
		return "contact", true
	case n.Runes <= 80 && byline.Is(of.text):
		return "byline", true
	}
	if r, ok := of.asCredit(); ok && (n.Runes <= 300 || r.role == copytaster.Photo) {
		if r.role == copytaster.Photo {
			return "photo", true
		}
		return "wire", true
	}
	return "", false
}

// stamp reports whether the line is a date or time with nothing else.
func (l *Lexicon) stamp(n phrase.Line) bool {
	if n.Runes > 90 || !strings.Contains(n.Text, "0") {
		return false
	}
	for w := range strings.FieldsSeq(n.Text) {
		if !l.times[w] && w != "0" {
			return false
		}
	}
	return true
}

// frank tells the kinds whose lines are sentences as often as not, and whose patterns are full enough to be believed.
func frank(kind string) bool {
	return slices.Contains([]string{"copyright", "correction", "disclaimer", "donation", "bio", "paywall", "cookie"}, kind)
}

// sentence reports whether the line ends in a full stop, has no colon and does not speak to the reader: it is prose that happens to
// begin or end like a standing line. In Chinese, Japanese and Korean a sentence is as short as ten runes.
func sentence(n phrase.Line) bool {
	if n.Mark != '.' || n.Colon >= 0 {
		return false
	}
	if phrase.Wide(n.Text) {
		return n.Runes > 10 && !slices.ContainsFunc(pleas(), func(p string) bool { return strings.Contains(n.Text, p) })
	}
	return n.Runes > 40 && addressed(n.Text) == 0
}

// pleas are what speaks to the reader where words are not parted or changed by endings.
func pleas() []string {
	return []string{"请", "請", "您", "ください", "下さい", "ませんか", "ましたか", "세요", "십시오", "습니까", "바랍니다"}
}
