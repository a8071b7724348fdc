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
// of digits, one word for every URL, one space for all else that is no letter.
func fingerprint(text string) uint64 {
	if p := (printer{h: offset}); !strings.Contains(text, "://") && p.words(text) {
		return p.h
	}
	p := printer{h: offset, composed: true}
	for w := range strings.FieldsSeq(norm.NFKC.String(text)) {
		if strings.Contains(w, "://") {
			w = "url"
		}
		p.words(w)
	}
	return p.h
}

// printer hashes words with one space between them.
type printer struct {
	h        uint64
	some     bool // something was hashed
	composed bool // the words are in NFKC
}

// words hashes words without their marks, their digits as one 0. It gives up and reports false where the words may not be in NFKC.
func (p *printer) words(text string) bool {
	h, last, signs := p.h, none, signs()
	for _, r := range text {
		was := last
		if last = signs.of(r); last == unlike {
			if !p.composed {
				return false
			}
			last = sign(r)
		}
		if last == none || last == '0' && was == '0' {
			continue
		}
		if was == none && p.some {
			h = (h ^ ' ') * prime
		}
		p.some = true
		if last < utf8.RuneSelf {
			h = (h ^ uint64(last)) * prime
		} else {
			h = hashRune(h, last)
		}
	}
	p.h = h
	return true
}
