package learn

import (
	"cmp"
	"iter"
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

// about is what an article of the outlet is about, without the words that are common at the outlet. It leaves in ranked only what it looked at.
func (o *outlet) about(ranked *[]uint32) (own topic) {
	var plain topic
	looked, kept := copy(plain[:], *ranked), 0
	for i, w := range *ranked {
		if kept == topicWords {
			break
		}
		looked = max(looked, i+1)
		if !o.common(w) {
			own[kept] = w
			kept++
		}
	}
	*ranked = (*ranked)[:looked]
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

// word is what is counted of a word of an article.
type word struct{ blocks, last, runes int }

// repeated ranks the words that stand in several blocks of the article: by the number of blocks, then length. So neither the words of
// one standing line nor those of one paragraph make the subject.
func (r *Reader) repeated(blocks []copytaster.Block) []uint32 {
	if r.words == nil {
		r.words = map[string]word{}
	}
	clear(r.words)
	var list []string
	for i, b := range blocks {
		for w := range terms(b.Text) {
			f, known := r.words[w]
			if known && f.last == i {
				continue
			}
			if !known {
				f.runes = utf8.RuneCountInString(w)
			}
			f.last = i
			if f.blocks++; f.blocks == 2 {
				list = append(list, w)
			}
			r.words[w] = f
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		x, y := r.words[a], r.words[b]
		return cmp.Or(y.blocks-x.blocks, y.runes-x.runes, strings.Compare(a, b))
	})
	hashes := make([]uint32, 0, min(len(list), 3*topicWords))
	for _, w := range list[:min(len(list), 3*topicWords)] {
		hashes = append(hashes, uint32(hash(w))|1)
	}
	return hashes
}

// terms yields the words of five letters and more in lower case, and in scripts without spaces every pair of signs.
func terms(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for w := range letters(strings.ToLower(text)) {
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

// letters yields the runs of letters in a text in lower case.
func letters(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		from := -1
		for i, r := range text {
			letter := 'a' <= r && r <= 'z' || r >= utf8.RuneSelf && unicode.IsLetter(r)
			switch {
			case letter && from < 0:
				from = i
			case !letter && from >= 0:
				if !yield(text[from:i]) {
					return
				}
				from = -1
			}
		}
		if from >= 0 {
			yield(text[from:])
		}
	}
}
