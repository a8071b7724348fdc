package clean

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"copytaster/dedupe/clean/phrase"
)

// What is read quickly is held here to be what reading plainly gives: each name at each byte, each cue, pattern and term on each line.

var plainNames = sync.OnceValue(func() (list []name) {
	for row := range rows(agencyTable, 3) {
		for n := range strings.SplitSeq(row[1], "|") {
			n, enclosed := strings.CutPrefix(n, "~")
			list = append(list, name{row[0], n, enclosed})
		}
	}
	return list
})

// plainFind is find, trying every name at every byte.
func plainFind(text string) (list []mention) {
	for i := 0; i < len(text); i++ {
		var best mention
		for _, n := range plainNames() {
			m := mention{n.agency, i, i + len(n.text)}
			if strings.HasPrefix(text[i:], n.text) && m.end > best.end && whole(text, m) && (!n.enclosed || bracketed(text, m)) {
				best = m
			}
		}
		if best.end > 0 {
			list = append(list, best)
			i = best.end - 1
		}
	}
	return list
}

// plainCredit is readLine, looking for every cue.
func plainCredit(text string) (reading, bool) {
	if len(text) > 4*creditLine {
		return reading{}, false
	}
	bare := strings.ReplaceAll(text, "\u200b", "")
	return glance{bare, strings.ToLower(strings.ReplaceAll(bare, "’", "'")), hints(), utf8.RuneCountInString(bare), plainFind(bare)}.credit()
}

// plainTerms lists the languages of the terms of pitches in a text in normal form.
func plainTerms(text string) (list []uint32) {
	for term, langs := range terms() {
		if strings.Contains(" "+text+" ", term) {
			list = append(list, langs)
		}
	}
	return list
}

var plainPatterns = sync.OnceValue(func() (list []phrase.Pattern) {
	for row := range rows(lexiconTable, 4) {
		list = append(list, phrase.Compile(row[2]))
	}
	return list
})

// plainMatch is Match, trying every pattern.
func plainMatch(l *Lexicon, text string) (string, bool) {
	n := phrase.Normal(text)
	if n.Runes > phrase.Long {
		return "", false
	}
	if n.Text == "" {
		return "empty", true
	}
	for i, p := range plainPatterns() {
		if p.Match(n) && (frank(l.kinds[i]) || !sentence(n)) && !(n.Mark == '.' && phrase.Quoted(text)) {
			return l.kinds[i], true
		}
	}
	of := line{text: text, read: true}
	of.reading, of.credit = plainCredit(text)
	return l.special(&of, n, plainTerms(n.Text))
}

// agree holds all that is read of a line against the plain way.
func agree(t *testing.T, text string) {
	t.Helper()
	if got, want := find(text), plainFind(text); !slices.Equal(got, want) {
		t.Errorf("%q names %v, read plainly %v", text, got, want)
	}
	got, ok := (&line{text: text}).asCredit()
	if want, plain := plainCredit(text); ok != plain || !reflect.DeepEqual(got, want) {
		t.Errorf("%q reads as %+v, %t, plainly %+v, %t", text, got, ok, want, plain)
	}
	kind, ok := Default().Match(text)
	if want, plain := plainMatch(Default(), text); ok != plain || kind != want {
		t.Errorf("%q is %q, %t, plainly %q, %t", text, kind, ok, want, plain)
	}
	if got, want := phrase.Lower(text), strings.ToLower(strings.ReplaceAll(text, "’", "'")); got != want {
		t.Errorf("%q in lower case is %q, want %q", text, got, want)
	}
}

// samples are the paragraphs of prose and the examples of all tables.
func samples(t *testing.T) []string {
	list := lines(t, "prose.txt")
	for table, fields := range map[string]int{lexiconTable: 4, agencyTable: 3, cueTable: 4, pitchTable: 4} {
		for row := range rows(table, fields) {
			list = append(list, row[fields-1])
		}
	}
	slices.Sort(list)
	return list
}

func TestQuickIsPlain(t *testing.T) {
	for _, text := range samples(t) {
		agree(t, text)
	}
}

// TestQuickIsPlainOnScraps does the same on lines made of scraps of such lines, of names and of cues.
func TestQuickIsPlainOnScraps(t *testing.T) {
	scraps := strings.Fields("© ' ’ / | : ： ( ) . , ! ? @ 12 İ K e\u0301 é \u200b \u00a0 … 摄 撮影 \xff")
	for _, s := range samples(t) {
		scraps = append(scraps, strings.Fields(s)...)
	}
	for row := range rows(agencyTable, 3) {
		scraps = append(scraps, strings.Split(row[1], "|")...)
	}
	for row := range rows(cueTable, 4) {
		scraps = append(scraps, row[2], strings.ToUpper(row[2]))
	}
	rng := rand.New(rand.NewPCG(5, 5))
	for range 400 {
		var b strings.Builder
		for range 1 + rng.IntN(40) {
			b.WriteString(scraps[rng.IntN(len(scraps))])
			b.WriteString([]string{" ", " ", " ", "", "/", ": "}[rng.IntN(6)])
		}
		agree(t, b.String())
	}
}

// FuzzQuickIsPlain holds any text to be read as plainly, and the readings of a line in Strip and Credits to be those of both at once.
func FuzzQuickIsPlain(f *testing.F) {
	f.Add("GENEVA (AP) — The lake rose.\nPhoto: Ann Miller/AFP\n© dpa\nSign up for our newsletter")
	f.Add("新华社日内瓦3月7日电\n图/视觉中国\nФОТО: ТАСС\nİMAGE: K’")
	f.Fuzz(func(t *testing.T, text string) {
		in, m := strings.Split(text, "\n"), Meta{Authors: []string{text}}
		for _, s := range in[:min(len(in), 8)] {
			agree(t, s)
		}
		read := Default().Read(blocks(in...), Rules{Title: in[0]}, m)
		if out := Default().Strip(blocks(in...), Rules{Title: in[0]}); !slices.Equal(out, read.Blocks) || !slices.Equal(Credits(out, m), read.Credits) {
			t.Errorf("%q is read at once as %+v, one after the other as %+v, %+v", text, read, out, Credits(out, m))
		}
		if body := Body(read.Blocks); !slices.Equal(body, read.Body) {
			t.Errorf("%q has the body %+v, read at once %+v", text, body, read.Body)
		}
	})
}
