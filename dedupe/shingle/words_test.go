package shingle

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// wordsIn reads a text and gives its words as they stand in it, those in quotations in brackets.
func wordsIn(s string) []Word {
	var r reader
	r.readAll(text(s))
	return r.words
}

// TestWords holds testdata/words.txt: lines of one text written in two ways that must give the same words (==) or other ones (!=).
func TestWords(t *testing.T) {
	for line := range lines(t, "testdata/words.txt") {
		a, b, same := strings.Cut(line, " == ")
		if !same {
			a, b, _ = strings.Cut(line, " != ")
		}
		x, y := wordsIn(a), wordsIn(b)
		equal := len(x) == len(y)
		for i := range min(len(x), len(y)) {
			equal = equal && x[i].Hash == y[i].Hash
		}
		if equal != same {
			t.Errorf("%s: same words %v, want %v", line, equal, same)
		}
	}
}

// TestQuotations holds testdata/quotations.txt: texts, and behind the bar how many of their words are quoted.
func TestQuotations(t *testing.T) {
	for line := range lines(t, "testdata/quotations.txt") {
		s, want, _ := strings.Cut(line, " | ")
		n := 0
		for _, w := range wordsIn(s) {
			n += int(w.quoted)
		}
		if got := strings.Repeat("q", n); got != want {
			t.Errorf("%s: %d words quoted, want %d", s, n, len(want))
		}
	}
}

// lines yields the lines of a file but for empty ones and comments.
func lines(t *testing.T, name string) func(func(string) bool) {
	return func(yield func(string) bool) {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for s := bufio.NewScanner(f); s.Scan(); {
			if l := s.Text(); l != "" && l[0] != '#' && !yield(l) {
				return
			}
		}
	}
}

// FuzzWords holds that the loop for ASCII gives the words of UAX 29, and that where words begin they do.
func FuzzWords(f *testing.F) {
	for _, s := range languages {
		f.Add(s)
	}
	f.Add("it's 1,000.5 a.b x_y e:f 3;4 U.S.A. o'clock' 'tis")
	f.Add("l'été l’été d‘été x_é ‾ a‿b 1⁄2")
	f.Fuzz(func(t *testing.T, s string) {
		ws := wordsIn(s)
		for i, w := range ws {
			if w.From < 0 || int(w.From) >= len(s) || i > 0 && w.From < ws[i-1].From {
				t.Fatalf("%q: word %d begins at %d", s, i, w.From)
			}
		}
		if strings.ContainsAny(s, ":") || !utf8.ValidString(s) {
			return // see joiner; and UAX 29 says nothing of bytes that are no text
		}
		byUAX29(t, s)
	})
}

// byUAX29 fails the test unless the words of the text are those of UAX 29.
func byUAX29(t *testing.T, s string) {
	t.Helper()
	ws := wordsIn(s)
	var slow reader
	slow.slowly(s)
	if len(slow.words) != len(ws) {
		t.Fatalf("%q: %d words, UAX 29 gives %d", s, len(ws), len(slow.words))
	}
	for i := range ws {
		if ws[i].Hash != slow.words[i].Hash {
			t.Errorf("%q: word %d is another than by UAX 29", s, i)
		}
	}
}

// TestJoined: whatever stands between letters and digits of ASCII and beyond, words end where they do by UAX 29.
func TestJoined(t *testing.T) {
	signs := []string{"a", "1", "é", "'", ".", ",", "_", "-", "`", "\"", " ", "’", "‘", "“", "…", "\u00a0", "\u00ad", "\u0301"}
	for r := rune(0x2010); r <= 0x205f; r++ {
		for _, s := range signs {
			for _, o := range signs {
				byUAX29(t, s+string(r)+o)
			}
		}
	}
	var all func(s string, more int)
	all = func(s string, more int) {
		if byUAX29(t, s); more > 0 {
			for _, sign := range signs {
				all(s+sign, more-1)
			}
		}
	}
	all("", 4)
}

// slowly reads a text by UAX 29 alone.
func (r *reader) slowly(s string) {
	for i := 0; i < len(s); {
		if strings.IndexByte(" \n\t\r", s[i]) >= 0 {
			i++
			continue
		}
		i = r.slow(s, i)
	}
}
