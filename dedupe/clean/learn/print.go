package learn

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// hash is FNV-1a of 64 bits: among 10 million blocks two collide with a chance of 1 in 370,000.
func hash(s string) uint64 {
	p := printer{h: offset}
	for i := range len(s) {
		p.byte(s[i])
	}
	return p.h
}

// The parameters of FNV-1a, 64 bits.
const (
	offset = 14695981039346656037
	prime  = 1099511628211
)

// fingerprint is a block's hash in a form in which numbers, addresses, case and marks do not matter: NFKC, lower case, a 0 for every run
// of digits, one word for every URL, one space for all else that is no letter.
func fingerprint(text string) uint64 {
	if !norm.NFKC.IsNormalString(text) {
		text = norm.NFKC.String(text)
	}
	p := printer{h: offset}
	if !strings.Contains(text, "://") {
		p.words(text)
		return p.h
	}
	for w := range strings.FieldsSeq(text) {
		if strings.Contains(w, "://") {
			w = "url"
		}
		p.words(w)
	}
	return p.h
}

// printer hashes words with one space between them.
type printer struct {
	h     uint64
	some  bool // something was hashed
	space bool // one is due
}

func (p *printer) byte(b byte) { p.h = (p.h ^ uint64(b)) * prime }

// words hashes words without their marks, their digits as one 0.
func (p *printer) words(text string) {
	digit := false
	for _, r := range text {
		was := digit
		digit = unicode.IsDigit(r)
		switch {
		case digit && !was:
			p.put('0')
		case digit:
		case 'a' <= r && r <= 'z':
			p.put(r)
		case unicode.IsLetter(r) || unicode.IsMark(r):
			p.put(unicode.ToLower(r))
		default:
			p.space = true
		}
	}
	p.space = true
}

func (p *printer) put(r rune) {
	if p.space && p.some {
		p.byte(' ')
	}
	p.space, p.some = false, true
	if r < utf8.RuneSelf {
		p.byte(byte(r))
		return
	}
	var b [utf8.UTFMax]byte
	for _, c := range b[:utf8.EncodeRune(b[:], r)] {
		p.byte(c)
	}
}
