package shingle

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
	"golang.org/x/text/unicode/norm"

	"copytaster"
)

// Word is one word of a text as the shingles see it.
type Word struct {
	Hash   uint64 // of its letters and digits, folded
	From   int32  // where it begins in its block, in bytes
	Block  int32  // index among the blocks given
	width  uint8  // 2 for a word, 1 for a character of a script without spaces
	quoted uint8  // 1 inside quotation marks or a quoting block
}

// Words reads the kept blocks as one text.
func Words(blocks []copytaster.Block) []Word {
	var r reader
	r.readAll(blocks)
	return r.words
}

// reader splits blocks into words. Segmentation is that of UAX 29 after NFKC; runs of ASCII take a loop of their own that
// gives the same words.
type reader struct {
	words []Word
	block int32
	quote quote
}

// FNV-1a's constants.
const (
	offset64 = 14695981039346656037
	prime64  = 1099511628211
)

// ascii maps letters and digits to their folded form and everything else of a byte to 0.
var ascii = func() (t [256]byte) {
	for c := byte('0'); c <= '9'; c++ {
		t[c] = c
	}
	for c := byte('a'); c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = c, c
	}
	return t
}()

// readAll appends the words of the kept blocks.
func (r *reader) readAll(blocks []copytaster.Block) {
	for i, b := range blocks {
		if r.block = int32(i); b.Kept {
			r.read(b.Text, b.Quote)
		}
	}
}

// read appends the words of one block. A quotation ends with its block.
func (r *reader) read(text string, quoted bool) {
	first := len(r.words)
	r.quote = quote{}
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case ascii[c] != 0:
			i = r.fast(text, i)
		case c >= utf8.RuneSelf:
			i = r.sign(text, i)
		default:
			i = r.mark(text, i)
		}
	}
	r.quote.end(r.words)
	if quoted {
		quote{from: first}.cover(r.words)
	}
}

// fast reads the word that begins at text[i], a letter or digit of ASCII, and returns where it ends. A point, apostrophe, comma or
// underscores between letters or digits do not end it (UAX 29, WB6-WB13b), nor do they count.
func (r *reader) fast(text string, i int) int {
	h, start := uint64(offset64), i
	for i < len(text) {
		c := text[i]
		if f := ascii[c]; f != 0 {
			h = (h ^ uint64(f)) * prime64
			i++
			continue
		}
		n := joiner(text, i)
		if n < 0 {
			return r.slow(text, start)
		}
		if n == 0 {
			break
		}
		i += n
	}
	r.words = append(r.words, Word{Hash: h, From: int32(start), Block: r.block, width: 2})
	return i
}

// joiner is the length of what stands at text[i] between two letters or digits and does not part them: 0 if the word ends here, -1 if
// the word goes on beyond ASCII.
func joiner(text string, i int) int {
	n := 1
	switch c := text[i]; c {
	case '\'', '.', ',', ';':
	case '_':
		for i+n < len(text) && text[i+n] == '_' {
			n++
		}
	case ':':
		return 0 // UAX 29 joins letters for Swedish; "said:he" of a lost space is commoner
	default:
		if c < utf8.RuneSelf {
			return 0
		}
		if n = punctuation(text[i:]); n == 0 {
			return -1
		}
		if q := text[i : i+n]; q != "’" && q != "‘" {
			return 0
		}
	}
	if i+n == len(text) {
		return 0
	}
	if next := text[i+n]; next >= utf8.RuneSelf && punctuation(text[i+n:]) == 0 {
		return -1
	} else if ascii[next] == 0 {
		return 0
	}
	digits := isDigit(text[i-1]) && isDigit(text[i+n])
	letters := !isDigit(text[i-1]) && !isDigit(text[i+n])
	switch text[i] {
	case '_':
		return n
	case ',', ';':
		letters = false
	}
	if digits || letters {
		return n
	}
	return 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// punctuation is the length of the general punctuation (U+2010 to U+205F) at the head of s, 0 if something else stands there, or what joins words (U+2024, U+2027,
// U+203F, U+2040, U+2044, U+2054) or holds a mark in NFKC (U+2017, U+203E).
func punctuation(s string) int {
	if len(s) < 3 || s[0] != 0xE2 {
		return 0
	}
	switch last := s[2]; {
	case s[1] == 0x80 && last >= 0x90 && (last < 0xAA || last > 0xAE) && strings.IndexByte("\x97\xa4\xa7\xbe\xbf", last) < 0:
		return 3
	case s[1] == 0x81 && last <= 0x9F && strings.IndexByte("\x80\x84\x94", last) < 0:
		return 3
	}
	return 0
}

// mark takes one ASCII byte that belongs to no word, but for an underscore that something beyond ASCII may join.
func (r *reader) mark(text string, i int) int {
	n, c := 1, rune(text[i])
	if c == '_' && i+n < len(text) && text[i+n] >= utf8.RuneSelf {
		return r.slow(text, i)
	}
	if c == '`' && strings.HasPrefix(text[i:], "``") {
		n, c = 2, '“'
	} else if c == '\'' && strings.HasPrefix(text[i:], "''") {
		n, c = 2, '”'
	}
	if c == '"' || c == '\'' || n == 2 {
		r.quote.mark(r.words, c, text[:i], text[i+n:])
	}
	return i + n
}

// sign takes what begins with a rune beyond ASCII at text[i].
func (r *reader) sign(text string, i int) int {
	n := punctuation(text[i:])
	if n == 0 {
		return r.slow(text, i)
	}
	c, _ := utf8.DecodeRuneInString(text[i:])
	r.quote.mark(r.words, c, text[:i], text[i+n:])
	return i + n
}

// slow reads from text[i] to the next blank of ASCII by UAX 29, which never joins over one, and returns where it stopped.
func (r *reader) slow(text string, i int) int {
	end := len(text)
	if n := strings.IndexAny(text[i:], " \n\t\r"); n >= 0 {
		end = i + n
	}
	chunk, plain := text[i:end], true
	if !norm.NFKC.IsNormalString(chunk) {
		chunk, plain = norm.NFKC.String(chunk), false
	}
	for segment := words.FromString(chunk); segment.Next(); {
		from, to := i+segment.Start(), i+segment.End()
		if !plain {
			from, to = i, end
		}
		r.token(segment.Value(), text, from, to)
	}
	return end
}

// token appends one segment of UAX 29 if it holds letters or digits, and else looks for quotation marks in it.
func (r *reader) token(s, text string, from, to int) {
	h, n, width := uint64(offset64), 0, uint8(2)
	for _, c := range s {
		f := fold(c)
		if f == 0 {
			continue
		}
		if n == 0 && unspaced(c) {
			width = 1
		}
		n++
		for f > 0 {
			h = (h ^ uint64(f&0xFF)) * prime64
			f >>= 8
		}
	}
	if n > 0 {
		r.words = append(r.words, Word{Hash: h, From: int32(from), Block: r.block, width: width})
		return
	}
	for _, c := range s {
		r.quote.mark(r.words, c, text[:from], text[to:])
	}
}

// fold lowers a letter, digit or combining mark over both cases, so that final sigma is sigma. It is 0 for what does not count:
// punctuation, soft hyphens and other format characters, the Arabic tatweel and vowel points.
func fold(c rune) rune {
	switch {
	case c < utf8.RuneSelf:
		return rune(ascii[c])
	case c == 'ـ' || 'ً' <= c && c <= 'ْ':
		return 0
	case unicode.IsLetter(c):
		return unicode.ToLower(unicode.ToUpper(c))
	case unicode.IsNumber(c) || unicode.IsMark(c):
		return c
	}
	return 0
}

// unspaced reports whether the rune belongs to a script that puts no spaces between words and that UAX 29 parts into characters.
func unspaced(c rune) bool {
	return c >= 0x0E00 && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
