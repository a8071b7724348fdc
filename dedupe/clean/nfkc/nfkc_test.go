package nfkc

import (
	"testing"

	"golang.org/x/text/unicode/norm"
)

// TestAlone: a rune that is told alone becomes what is said between any two letters, and between two of its own kind; a space stands for runes that part words.
func TestAlone(t *testing.T) {
	for r := range rune(End) {
		as, ok := Alone(r)
		if !ok || as == ' ' {
			continue
		}
		for _, around := range []string{"a", "é", "க", "\u0301"} {
			if s := around + string(r) + "b"; norm.NFKC.String(around)+string(as)+"b" != norm.NFKC.String(s) {
				t.Errorf("%U in %q: NFKC is %q, want %U in it", r, s, norm.NFKC.String(s), as)
			}
		}
	}
	for _, r := range []rune{'…', '\u00a0'} {
		if as, ok := Alone(r); as != ' ' || !ok {
			t.Errorf("%U: got %U, %v; want a space", r, as, ok)
		}
	}
	for _, r := range []rune{'\u0301', '½', '²', 'ª', 'ſ'} { // it joins what stands before, they become others
		if _, ok := Alone(r); ok {
			t.Errorf("%U is told alone", r)
		}
	}
}
