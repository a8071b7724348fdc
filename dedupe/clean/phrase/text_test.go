package phrase

import (
	"testing"
	"unicode"
)

func TestLowerRune(t *testing.T) {
	for r := range unicode.MaxRune + 1 {
		if got, want := lowerRune(r), unicode.ToLower(r); got != want {
			t.Errorf("%c %U became %c, want %c", r, r, got, want)
		}
	}
}
