// Package nfkc says what runes become in NFKC where that hangs on nothing beside them, so that tables can be made of them.
package nfkc

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// End is the first rune that tables leave out: below it are most alphabets and the usual marks.
const End = 0x2100

// Alone is what the rune becomes, as far as words go: itself, or a space. It reports false if it may join its neighbours or becomes something else.
func Alone(r rune) (as rune, ok bool) {
	if r == '…' || r == '\u00a0' { // in NFKC three full stops and a space
		return ' ', true
	}
	var room [utf8.UTFMax]byte
	b := utf8.AppendRune(room[:0], r)
	return r, norm.NFKC.IsNormal(b) && norm.NFKC.Properties(b).BoundaryBefore()
}
