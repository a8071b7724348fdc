package phrase

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"copytaster/dedupe/clean/nfkc"
)

func TestNormal(t *testing.T) {
	for text, want := range map[string]Line{
		"READ MORE:":                 {Text: "read more", Colon: 10, Runes: 10},
		"Sign up today!":             {Text: "sign up today", Mark: '!', Colon: -1, Runes: 14},
		"Updated at 5:10 p.m. ET":    {Text: "updated at 0 0 p m et", Colon: 13, Runes: 23},
		"© Copyright 2025":           {Text: "© copyright 0", Colon: -1, Runes: 16},
		"  “Don’t miss it?”  ":       {Text: "dont miss it", Mark: '?', Colon: -1, Runes: 20},
		"ｆｕｌｌ　ｗｉｄｔｈ：":                {Text: "full width", Colon: 11, Runes: 11},
		"6時間前":                       {Text: "0時間前", Colon: -1, Runes: 4},
		"Lesen Sie auch | Der See":   {Text: "lesen sie auch der see", Colon: 15, Runes: 24},
		"Обновлено: 7 марта 2025 г.": {Text: "обновлено 0 марта 0 г", Mark: '.', Colon: 19, Runes: 26},
		"续读。":                        {Text: "续读", Mark: '.', Colon: -1, Runes: 3},
		"اقرأ أيضًا":                 {Text: "اقرأ أيضا", Colon: -1, Runes: 10},
		"المزيـــد":                  {Text: "المزيد", Colon: -1, Runes: 9},
		"":                           {Colon: -1},
		"···":                        {Colon: -1, Runes: 3},
		"\xf2Ǆ":                      {Text: "dž", Colon: -1, Runes: 2},
		"J\u030cJ\u030c: e'\u0301":   {Text: "ǰǰ é", Colon: 5, Runes: 9},
	} {
		got := Normal(text)
		if got.Text != want.Text || got.Mark != want.Mark || got.Colon != want.Colon || got.Runes != want.Runes {
			t.Errorf("Normal(%q) = %+v, want %+v", text, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	long := strings.Repeat("of the lake and its shores ", 6)
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"read more", "Read more", true},
		{"read more", "Read more about it", false},
		{"read more", "Please read more", false},
		{"read more *", "Read more about it", true},
		{"read more *", "Read more", true},
		{"read more *", "Read moreover", false},
		{"read more*", "Read moreover", true},
		{"* newsletter", "Our newsletter", true},
		{"* newsletter", "Newsletter", true},
		{"* newsletter *", "Our newsletter is free", true},
		{"*letter", "Our newsletter", true},
		{"sign up (now|today|)", "Sign up", true},
		{"sign up (now|today|)", "Sign up today!", true},
		{"sign up (now|today|)!", "Sign up today", false},
		{"sign up (now|today|)!", "Sign up!", true},
		{"(a|the|) lake", "The lake", true},
		{"(a|the|) lake", "Lake", true},
		{"(a (big|small)|the) lake", "A small lake", true},
		{"(a (big|small)|the) lake", "A lake", false},
		{"0 comments", "1,024 comments", false},
		{"0 comments", "12 comments", true},
		{"related: *", "Related: The flood", true},
		{"related: *", "Related charges were dropped", false},
		{"more *", "More " + long, false},
		{"more **", "More " + long, true},
		{"続き*読む", "続きを読む", true},
		{"(open", "open", true},
	} {
		if got := Compile(c.pattern).Match(Normal(c.text)); got != c.want {
			t.Errorf("%q on %q: got %t, want %t", c.pattern, c.text, got, c.want)
		}
	}
}

// reference is a pattern as a regular expression: slow, and plain to see. Spaces count as in Pattern: one may be shared by what stands on both sides.
func reference(pattern string) *regexp.Regexp {
	r := strings.NewReplacer("(", "(?:", "*", ".*", " ", " +").Replace(pattern)
	return regexp.MustCompile("^ *" + r + " *$")
}

// TestAgainstRegexp compares patterns of random pieces with regular expressions on random lines.
func TestAgainstRegexp(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	words := []string{"lake", "read", "more", "a", "the"}
	pick := func(list []string) string { return list[rng.IntN(len(list))] }
	for range 3000 {
		var p, l []string
		for range 1 + rng.IntN(4) {
			p = append(p, pick([]string{pick(words), "(" + pick(words) + "|" + pick(words) + ")", pick(words) + "*", "*" + pick(words)}))
		}
		for range 1 + rng.IntN(6) {
			l = append(l, pick(words)+pick([]string{"", "", "s"}))
		}
		pattern, text := strings.Join(p, " "), strings.Join(l, " ")
		if got, want := Compile(pattern).Match(Normal(text)), reference(pattern).MatchString(text); got != want {
			t.Fatalf("%q on %q: got %t, the regular expression %t", pattern, text, got, want)
		}
	}
}

// TestSet: a set finds the patterns that match when each is tried, on random lines and on lines made of the patterns.
func TestSet(t *testing.T) {
	sources := []string{"read *", "(x|follow) us", "続*", "©*", "(a|) lake", "* newsletter*", "*(sign|log) (up|in)*", "a", "*", "(read|more) (|on) *(lake|shore)", "*!", "read more: *", "0 comments"}
	var set Set
	var patterns []Pattern
	for _, s := range sources {
		patterns = append(patterns, Compile(s))
		set.Add(Compile(s))
	}
	rng := rand.New(rand.NewPCG(3, 3))
	words := append(strings.Fields("read more: on the lake shore x us follow our newsletters sign up log in 12 comments © 続き a !"), sources...)
	for range 5000 {
		var text []string
		for range 1 + rng.IntN(5) {
			text = append(text, words[rng.IntN(len(words))])
		}
		l := Normal(strings.Join(text, " "))
		var want []int
		for i, p := range patterns {
			if p.Match(l) {
				want = append(want, i)
			}
		}
		if got := slices.Collect(set.Match(l)); !slices.Equal(got, want) {
			t.Fatalf("%q matches %v, one by one %v", text, got, want)
		}
	}
}

// TestKeys: the literals found in a text are those that it contains.
func TestKeys(t *testing.T) {
	literals := []string{"photo", "photo ", "read more", "more", "© dpa", "続きを", "ead m", "    "}
	var keys Keys
	for i, s := range literals {
		keys.Add(s, uint16(i))
	}
	rng := rand.New(rand.NewPCG(9, 9))
	pieces := append(strings.Split("p|h|o|t|o| |re|ad|m|続|き|を|©", "|"), literals...)
	for range 5000 {
		var b strings.Builder
		for range rng.IntN(12) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		text := b.String()
		found := keys.Find(text, nil)
		for i, s := range literals {
			if got, want := slices.Contains(found, uint16(i)), strings.Contains(text, s); got != want {
				t.Fatalf("%q in %q: got %t, want %t", s, text, got, want)
			}
		}
	}
}

// plainNormal is Normal, word by word: each as NFKC has it, what is no letter of it a space, runs of digits a 0.
func plainNormal(s string) Line {
	l := Line{Runes: utf8.RuneCountInString(s), Mark: plainMark(s), Colon: -1}
	var b strings.Builder
	space, digit := false, false
	for _, r := range norm.NFKC.String(strings.ToValidUTF8(s, " ")) {
		switch {
		case unicode.IsDigit(r):
			if !digit || space {
				space = put(&b, '0', space)
			}
			digit = true
		case strings.ContainsRune("'’\u00ad\u200b\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0640", r):
		case unicode.IsLetter(r) || unicode.IsMark(r) || r == '©' || r == '@':
			space = put(&b, unicode.ToLower(r), space)
			digit = false
		default:
			if (r == ':' || r == '|') && l.Colon < 0 {
				l.Colon = b.Len() + 1
			}
			space = true
		}
	}
	text := b.String()
	if l.Colon > 0 {
		l.Colon = 1 + len(norm.NFKC.String(text[:l.Colon-1]))
	}
	l.Text = norm.NFKC.String(text)
	l.padded = " " + l.Text + " "
	l.Told = Normal(s).Told // which the other's way alone knows
	return l
}

// put writes the rune, after a space if one is due; no space is due then.
func put(b *strings.Builder, r rune, space bool) bool {
	if space && b.Len() > 0 {
		b.WriteByte(' ')
	}
	b.WriteRune(r)
	return false
}

func plainMark(s string) byte {
	s = strings.TrimRight(s, " …\"'”’»)")
	for mark, list := range map[byte]string{'!': "!！", '?': "?？؟", '.': ".。۔"} {
		if r, size := utf8.DecodeLastRuneInString(s); size > 0 && strings.ContainsRune(list, r) {
			return mark
		}
	}
	return 0
}

// TestNormalOfRunes: each rune of the table and some beyond it, alone and beside a letter, digit, space or mark, becomes what it becomes plainly.
func TestNormalOfRunes(t *testing.T) {
	for r := rune(0); r < 0x20000; r += 1 + r/nfkc.End*8 {
		s := string(r)
		for _, text := range []string{s, "e" + s, s + "\u0301", "1" + s + "2: X", "é" + s + s + "'\u0301 "} {
			if got, want := Normal(text), plainNormal(text); got != want {
				t.Fatalf("Normal(%q) = %+v, plainly %+v", text, got, want)
			}
		}
	}
}

// FuzzNormal: the normal form is the plain one, and its own normal form, whatever the text.
func FuzzNormal(f *testing.F) {
	f.Add("READ MORE: 12,3 Uhr © @x")
	f.Add("a" + strings.Repeat("\u0301", 40) + "’\u0323: \xff…»")
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := Normal(text), plainNormal(text); got != want {
			t.Errorf("Normal(%q) = %+v, plainly %+v", text, got, want)
		}
		once := Normal(text)
		if twice := Normal(once.Text); twice.Text != once.Text {
			t.Errorf("%q became %q, then %q", text, once.Text, twice.Text)
		}
	})
}

// FuzzMatch: no pattern and no line make trouble, and a text without signs of patterns matches itself.
func FuzzMatch(f *testing.F) {
	f.Add("read (more|also) *", "Read more")
	f.Add("((|)*!?:", "x")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 60 || strings.Count(pattern, "*") > 6 || strings.Count(pattern, "(") > 6 {
			return
		}
		l := Normal(text)
		Compile(pattern).Match(l)
		if l.Text != "" && l.Runes <= Short && !Compile(l.Text).Match(l) {
			t.Errorf("%q does not match itself as %q", text, l.Text)
		}
	})
}
