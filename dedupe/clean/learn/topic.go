package learn

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"copytaster"
)

// topic is what an article is about: hashes of up to topicWords words that it repeats, the most frequent first, 0 for none.
type topic [topicWords]uint32

const (
	topicWords  = 12
	recentSize  = 24 // articles of an outlet whose words say what is common there
	commonShare = 2  // a word is common if every second of them is about it
	kinship     = 3  // words that two articles on one subject share at least
)

// related reports whether two articles are about one subject.
func (t topic) related(o topic) bool {
	shared := 0
	for _, w := range t {
		if w != 0 && slices.Contains(o[:], w) {
			shared++
		}
	}
	return shared >= kinship
}

// about is what an article of the outlet is about, without the words that are common at the outlet.
func (o *outlet) about(blocks []copytaster.Block) topic {
	ranked := repeated(blocks)
	var plain, own topic
	copy(plain[:], ranked)
	kept := 0
	for _, w := range ranked {
		if kept < topicWords && !o.common(w) {
			own[kept] = w
			kept++
		}
	}
	if len(o.recent) < recentSize {
		o.recent = append(o.recent, plain)
	} else {
		o.recent[o.next] = plain
		o.next = (o.next + 1) % recentSize
	}
	return own
}

// common reports whether every second of the outlet's last articles, and three at least, is about the word.
func (o *outlet) common(w uint32) bool {
	n := 0
	for i := range o.recent {
		if slices.Contains(o.recent[i][:], w) {
			n++
		}
	}
	return n >= 3 && n*commonShare >= len(o.recent)
}

// repeated ranks the words that stand in several blocks of the article: by the number of blocks, then length. So neither the words of
// one standing line nor those of one paragraph make the subject.
func repeated(blocks []copytaster.Block) []uint32 {
	type word struct{ blocks, last, runes int }
	found := map[string]word{}
	for i, b := range blocks {
		for w := range terms(b.Text) {
			f, known := found[w]
			if known && f.last == i {
				continue
			}
			if !known {
				f.runes = utf8.RuneCountInString(w)
			}
			f.last = i
			f.blocks++
			found[w] = f
		}
	}
	var list []string
	for w, f := range found {
		if f.blocks > 1 {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		x, y := found[a], found[b]
		return cmp.Or(y.blocks-x.blocks, y.runes-x.runes, strings.Compare(a, b))
	})
	hashes := make([]uint32, 0, 3*topicWords)
	for _, w := range list[:min(len(list), 3*topicWords)] {
		hashes = append(hashes, uint32(hash(w))|1)
	}
	return hashes
}

// terms yields the words of five letters and more in lower case, and in scripts without spaces every pair of signs.
func terms(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
			first, _ := utf8.DecodeRuneInString(w)
			if first >= unicode.MaxLatin1 && unicode.In(first, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
				r := []rune(w)
				for i := 0; i+1 < len(r); i++ {
					if !yield(string(r[i : i+2])) {
						return
					}
				}
				continue
			}
			if utf8.RuneCountInString(w) >= 5 && !yield(w) {
				return
			}
		}
	}
}
