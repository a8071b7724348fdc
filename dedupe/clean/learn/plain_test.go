package learn

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"copytaster"
)

// What is read quickly is held here to be what reading plainly gives.

// plainPrint is fingerprint by way of the text that is hashed.
func plainPrint(text string) uint64 {
	var b strings.Builder
	space, digit := false, false
	for w := range strings.FieldsSeq(norm.NFKC.String(text)) {
		if strings.Contains(w, "://") {
			w = "url"
		}
		for _, r := range w + " " {
			was := digit
			digit = unicode.IsDigit(r)
			if !digit && !unicode.IsLetter(r) && !unicode.IsMark(r) {
				space = true
				continue
			}
			if digit && was {
				continue
			}
			if digit {
				r = '0'
			}
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return hash(b.String())
}

// plainSubject is Reader.subject with a map of words.
func plainSubject(blocks []copytaster.Block) []uint32 {
	in := map[string]map[int]bool{}
	count := func(w string, block int) {
		if in[w] == nil {
			in[w] = map[int]bool{}
		}
		in[w][block] = true
	}
	for i, b := range blocks {
		for w := range strings.FieldsFuncSeq(strings.ToLower(b.Text), func(r rune) bool { return !unicode.IsLetter(r) }) {
			runes := []rune(w)
			switch {
			case unicode.In(runes[0], unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
				for k := range runes[1:] {
					count(string(runes[k:k+2]), i)
				}
			case len(runes) >= 5:
				count(w, i)
			}
		}
	}
	var list []string
	for w, blocks := range in {
		if len(blocks) > 1 {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		return cmp.Or(len(in[b])-len(in[a]), utf8.RuneCountInString(b)-utf8.RuneCountInString(a), strings.Compare(a, b))
	})
	hashes := []uint32{}
	for _, w := range list[:min(len(list), 3*topicWords)] {
		hashes = append(hashes, uint32(hash(w))|1)
	}
	return hashes
}

// agree holds what a Reader reads of blocks against the plain way.
func agree(t *testing.T, r *Reader, texts ...string) {
	t.Helper()
	var blocks []copytaster.Block
	for _, s := range texts {
		blocks = append(blocks, copytaster.Block{Text: s})
	}
	a := r.Read(blocks)
	if want := plainSubject(blocks); !slices.Equal(a.ranked, want) {
		t.Errorf("%q is on %v, plainly on %v", texts, a.ranked, want)
	}
	for i, s := range texts {
		if got, want := fingerprint(s), plainPrint(s); got != want || got != a.prints[i] {
			t.Errorf("%q has the fingerprint %x, plainly %x", s, got, want)
		}
		if n := utf8.RuneCountInString(s); (a.marks[i]&odd != 0) != (n > longBlock || n < tinyBlock) {
			t.Errorf("%q of %d runes: marked as odd: %t", s, n, a.marks[i]&odd != 0)
		}
	}
}

// TestQuickIsPlain: each rune up to the Kana and some beyond them, alone and in words, in one block and in another in capitals.
func TestQuickIsPlain(t *testing.T) {
	var r Reader
	for c := rune(0); c < 0x20000; c += 1 + c/0x3100*8 {
		s := string(c)
		text := "lakes" + s + "12" + s + "3 " + s + s + "\u0301shore http://" + s + "/ " + s + s + s + s + s
		agree(t, &r, text, strings.ToUpper(text), strings.ToLower(text), s)
		if t.Failed() {
			return
		}
	}
}

func TestQuickIsPlainOnScraps(t *testing.T) {
	scraps := strings.Fields("Lake lake's LAKESHORE lakeshore harbour Harbour—master 12 3,4 http://x.example/´a ：//x é e\u0301tang é\u0323tang …and ﬁsheries K elvin kelvins Kelvins İstanbul istanbul ВОДА вода водохранилище 新华社北京 日内瓦AFP通信 東京で 서울에서 אגם \u200b \u00a0 \xff l\xffake straßen STRASSEN ǅ ½")
	rng := rand.New(rand.NewPCG(2, 2))
	var r Reader
	for range 3000 {
		texts := make([]string, 1+rng.IntN(6))
		for i := range texts {
			for range rng.IntN(30) {
				texts[i] += scraps[rng.IntN(len(scraps))] + []string{" ", " ", "", "-"}[rng.IntN(4)]
			}
		}
		agree(t, &r, texts...)
	}
}

// TestManyWords: more words than there are places at first, again and again.
func TestManyWords(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 4))
	var r Reader
	for range 20 {
		texts := make([]string, 1+rng.IntN(20))
		for i := range texts {
			for range rng.IntN(300) {
				texts[i] += "word" + string(rune('a'+rng.IntN(26))) + string(rune('a'+rng.IntN(26))) + " "
			}
		}
		agree(t, &r, texts...)
	}
}

func FuzzQuickIsPlain(f *testing.F) {
	f.Add("The lake rose.\nThe LAKESHORE: lakeshore — 12,3\n湖岸の湖岸 http://湖.example")
	f.Fuzz(func(t *testing.T, text string) { agree(t, new(Reader), strings.Split(text, "\n")...) })
}
