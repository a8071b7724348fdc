package passage

import (
	"math/rand/v2"
	"strings"
	"testing"

	"copytaster"
	"copytaster/dedupe/shingle/sample"
)

// TestAlign: the passages of either side are its text, and each that says where it stands on the other has the same words there.
func TestAlign(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	words := strings.Fields(sample.Prose(1, 400))
	text := func() (blocks []copytaster.Block) {
		for range 1 + r.IntN(4) {
			from := r.IntN(300)
			blocks = append(blocks, copytaster.Block{Text: strings.Join(words[from:from+r.IntN(100)], " ") + ".", Kept: true})
		}
		return blocks
	}
	for range 100 {
		a, b := text(), text()
		x, y := Align(a, b)
		check(t, a, x, y)
		check(t, b, y, x)
	}
}

func check(t *testing.T, blocks []copytaster.Block, here, there []Passage) {
	var want, got []string
	for _, b := range blocks {
		want = append(want, b.Text)
	}
	for i, p := range here {
		got = append(got, p.Text)
		if p.With < 0 {
			continue
		}
		if there[p.With].With != i || letters(there[p.With].Text) != letters(p.Text) {
			t.Fatalf("%q stands as %q on the other side", p.Text, there[p.With].Text)
		}
	}
	if got, want := strings.Join(got, ""), strings.Join(want, "\n"); strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Fatalf("passages are %q, want %q", got, want)
	}
}

// letters is the text without marks, spaces and case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .\n", r) {
			return -1
		}
		return r
	}, strings.ToLower(s))
}
