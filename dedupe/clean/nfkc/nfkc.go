// Package nfkc says what runes become in NFKC where that hangs on nothing beside them, so that tables can be made of them.
package nfkc

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// End is the first rune that tables leave out: below it are most alphabets and the usual marks.
const End = 0x2100

// Alone is what the rune becomes, as far as words go: itself, or a space. It reports false if it may join its neighbours or becomes something else.
func Alone(r rune) (as rune, ok bool) {
	switch {
	case r == '…' || r == '\u00a0': // in NFKC three full stops and a space
		return ' ', true
	case uint32(r) < End:
		return r, stays()[r]
	}
	return r, stay(utf8.AppendRune(nil, r))
}

// stays has one answer for each of the first runes: several tables ask for all of them, and norm has each asked for on the heap.
var stays = sync.OnceValue(func() *[End]bool {
	var t [End]bool
	var b []byte
	for r := range t {
		b = utf8.AppendRune(b[:0], rune(r))
		t[r] = stay(b)
	}
	return &t
})

// stay reports whether the rune is itself in NFKC, whatever stands before it.
func stay(b []byte) bool { return norm.NFKC.IsNormal(b) && norm.NFKC.Properties(b).BoundaryBefore() }
