package learn

import (
	"sync"
	"unicode"

	"copytaster/dedupe/clean/nfkc"
)

// alphabet says what becomes of a rune: by a table for those of most alphabets and the usual marks, for which Unicode's own take ten times as long.
type alphabet struct {
	table [nfkc.End]uint16
	rest  func(rune) rune
}

// What may become of a rune beside its lower case.
const (
	none   rune = 0 // it parts words
	unlike rune = 1 // it is not told alone: in NFKC it joins its neighbours, or becomes several
)

// newAlphabet makes the table of what becomes of a rune.
func newAlphabet(becomes func(rune) rune) *alphabet {
	a := &alphabet{rest: becomes}
	for r := range a.table {
		a.table[r] = uint16(becomes(rune(r)))
	}
	return a
}

// of is so short that it is inlined, beyond is not.
func (a *alphabet) of(r rune) rune {
	if uint32(r) < nfkc.End {
		return rune(a.table[r])
	}
	return a.beyond(r)
}

//go:noinline
func (a *alphabet) beyond(r rune) rune {
	switch {
	case 'ぁ' <= r && r <= 'ゖ', 'ァ' <= r && r <= 'ヺ', '\u4e00' <= r && r <= '\u9fff', '가' <= r && r <= '힣':
		return r // Kana, Han, Hangul
	}
	return a.rest(r)
}

// signs says what runes become in a fingerprint.
var signs = sync.OnceValue(func() *alphabet {
	return newAlphabet(func(r rune) rune {
		if as, told := nfkc.Alone(r); told {
			return sign(as)
		}
		return unlike
	})
})

// sign is what a rune of a text in NFKC becomes in a fingerprint.
func sign(r rune) rune {
	switch {
	case unicode.IsDigit(r):
		return '0'
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return unicode.ToLower(r)
	}
	return none
}

// letters says what runes become in a word.
var letters = sync.OnceValue(func() *alphabet {
	return newAlphabet(func(r rune) rune {
		if low := unicode.ToLower(r); unicode.IsLetter(low) {
			return low
		}
		return none
	})
})
