package learn

import (
	"hash/fnv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// hash is FNV-1a of 64 bits: among 10 million blocks two collide with a chance of 1 in 370,000.
func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// fingerprint is a block's hash in a form in which numbers, addresses, case and marks do not matter: NFKC, lower case, a 0 for every run
// of digits, one word for every URL, one space for all else that is no letter.
func fingerprint(text string) uint64 {
	p := printer{b: make([]byte, 0, 256)}
	for w := range strings.FieldsSeq(norm.NFKC.String(text)) {
		if strings.Contains(w, "://") {
			w = "url"
		}
		p.word(w)
	}
	return hash(string(p.b))
}

// printer writes words with one space between them.
type printer struct {
	b     []byte
	space bool // one is due
}

// word writes a word without its marks, its digits as one 0.
func (p *printer) word(word string) {
	digit := false
	for _, r := range word {
		was := digit
		digit = unicode.IsDigit(r)
		switch {
		case digit && !was:
			p.put('0')
		case digit:
		case unicode.IsLetter(r) || unicode.IsMark(r):
			p.put(unicode.ToLower(r))
		default:
			p.space = true
		}
	}
	p.space = true
}

func (p *printer) put(r rune) {
	if p.space && len(p.b) > 0 {
		p.b = append(p.b, ' ')
	}
	p.space = false
	p.b = utf8.AppendRune(p.b, r)
}
