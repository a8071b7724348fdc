package learn

import (
	"hash/maphash"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Reader reads articles, one after the other. The zero Reader is ready; each goroutine wants its own.
type Reader struct {
	words    []word   // of the article
	places   []uint32 // of words in the list, from 1 on, by their keys: the first free place from there on is of none
	seed     maphash.Seed
	low      []byte // a word in lower case
	repeated []*word
}

// word is what is counted of a word of an article, or in scripts without spaces of a pair of signs.
type word struct {
	key                 uint64 // hash of its lower case, by a seed of the Reader's own
	text                string // as it stood first
	runes, blocks, last int
}

// longWord is how many letters a word has that may tell what an article is about.
const longWord = 5

// start makes room for the words of an article.
func (r *Reader) start() {
	if r.places == nil {
		r.seed = maphash.MakeSeed()
	}
	r.words = r.words[:0]
	r.room(256)
}

// room makes as many places, a power of two, for the words.
func (r *Reader) room(places int) {
	if cap(r.places) < places {
		r.places = make([]uint32, places)
	}
	r.places = r.places[:places]
	clear(r.places)
	for i, w := range r.words {
		*r.place(w.key) = uint32(i + 1)
	}
}

// place is the word's place, or the free one that it would have.
func (r *Reader) place(key uint64) *uint32 {
	for i := key; ; i++ {
		if p := &r.places[i&uint64(len(r.places)-1)]; *p == 0 || r.words[*p-1].key == key {
			return p
		}
	}
}

// read counts the words of a block, runs of letters, and returns its fingerprint. The hash has to wait for each of its letters, in which time words
// are counted.
func (r *Reader) read(text string, block int) uint64 {
	p, signs, told := printer{h: offset}, signs(), !strings.Contains(text, "://")
	for i := 0; i < len(text); {
		from, all := i, byte(small)
		if latin(text[i]) {
			p.begin()
			h := p.h
			for ; i < len(text) && latin(text[i]); i++ {
				all &= text[i]
				h = (h ^ uint64(text[i]|small)) * prime
			}
			p.h, p.last = h, 'a'
		}
		if i < len(text) && text[i] >= utf8.RuneSelf {
			end := from + r.countWide(text[from:], block)
			told = p.signs(text[i:end]) && told
			i = end
			continue
		}
		if i-from >= longWord {
			r.countLatin(text[from:i], all == small, block)
		}
		if i < len(text) {
			p.put(signs.of(rune(text[i])))
			i++
		}
	}
	if !told {
		return fingerprint(text)
	}
	return p.h
}

// countLatin counts a word of letters of ASCII, all of them small or not.
func (r *Reader) countLatin(text string, allSmall bool, block int) {
	if allSmall {
		r.add(word{maphash.String(r.seed, text), text, len(text), 1, block})
		return
	}
	r.low = append(r.low[:0], text...)
	for i := range r.low {
		r.low[i] |= small
	}
	r.add(word{maphash.Bytes(r.seed, r.low), text, len(text), 1, block})
}

// small is the bit that small letters of ASCII have and capitals have not.
const small = 'a' - 'A'

// latin reports whether the byte is a letter of ASCII.
func latin(c byte) bool { return c|small-'a' < 26 }

// countWide counts the word with which the text begins, some of whose letters may be beyond ASCII. It returns where the rune behind it ends.
func (r *Reader) countWide(text string, block int) (behind int) {
	r.low = r.low[:0]
	end, runes, letters := 0, 0, letters()
	for behind < len(text) {
		c, size := utf8.DecodeRuneInString(text[behind:])
		behind += size
		low := letters.of(c)
		if low == none {
			break
		}
		r.low = utf8.AppendRune(r.low, low)
		end, runes = behind, runes+1
	}
	if first, _ := utf8.DecodeRune(r.low); first >= '\u1100' && unicode.In(first, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
		r.countPairs(text[:end], block)
	} else if runes >= longWord {
		r.add(word{maphash.Bytes(r.seed, r.low), text[:end], runes, 1, block})
	}
	return behind
}

// countPairs counts every two neighbouring signs.
func (r *Reader) countPairs(text string, block int) {
	last, at, letters := none, 0, letters()
	for i, c := range text {
		low := letters.of(c)
		if i > 0 {
			r.low = utf8.AppendRune(utf8.AppendRune(r.low[:0], last), low)
			r.add(word{maphash.Bytes(r.seed, r.low), text[at : i+utf8.RuneLen(c)], 2, 1, block})
		}
		last, at = low, i
	}
}

// add counts a word that was found in a block.
func (r *Reader) add(found word) {
	p := r.place(found.key)
	if *p == 0 {
		r.words = append(r.words, found)
		*p = uint32(len(r.words))
		if len(r.words) > len(r.places)/2 {
			r.room(2 * len(r.places))
		}
	} else if w := &r.words[*p-1]; w.last != found.last {
		w.last, w.blocks = found.last, w.blocks+1
	}
}
