package learn

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// hash is FNV-1a of 64 bits: among 10 million blocks two collide with a chance of 1 in 370,000.
func hash(s string) uint64 {
	h := uint64(offset)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * prime
	}
	return h
}

// The parameters of FNV-1a, 64 bits.
const (
	offset = 14695981039346656037
	prime  = 1099511628211
)

// hashRune hashes one more rune.
func hashRune(h uint64, r rune) uint64 {
	if r < utf8.RuneSelf {
		return (h ^ uint64(r)) * prime
	}
	var b [utf8.UTFMax]byte
	for _, c := range b[:utf8.EncodeRune(b[:], r)] {
		h = (h ^ uint64(c)) * prime
	}
	return h
}

// fingerprint is a block's hash in a form in which numbers, addresses, case and marks do not matter: NFKC, lower case, a 0 for every run
// of digits, one word for every URL, one space for all else that is no letter. Reader.read makes it of most blocks.
func fingerprint(text string) uint64 {
	p := printer{h: offset}
	for w := range strings.FieldsSeq(norm.NFKC.String(text)) {
		if strings.Contains(w, "://") {
			w = "url"
		}
		for _, r := range w {
			p.put(sign(r))
		}
		p.put(none)
	}
	return p.h
}

// printer hashes words with one space between them.
type printer struct {
	h    uint64
	last rune // what the last rune of the text was hashed as
	some bool // something was hashed
}

// put hashes what became of the next rune.
func (p *printer) put(s rune) {
	if s != none && (s != '0' || p.last != '0') { // a run of digits is one 0
		p.begin()
		p.h = hashRune(p.h, s)
	}
	p.last = s
}

// begin hashes the space before a word, if one begins.
func (p *printer) begin() {
	if p.last == none && p.some {
		p.h = (p.h ^ ' ') * prime
	}
	p.some = true
}

// signs hashes runes, and reports whether all of them are told alone.
func (p *printer) signs(text string) bool {
	for _, r := range text {
		s := signs().of(r)
		if s == unlike {
			return false
		}
		p.put(s)
	}
	return true
}
