package diff

import (
	"slices"
	"strings"
	"testing"

	"copytaster"
)

// blocks makes a version's text of its lines.
func blocks(text string) (list []copytaster.Block) {
	for line := range strings.Lines(text) {
		list = append(list, copytaster.Block{Text: strings.TrimSuffix(line, "\n"), Kept: true})
	}
	return list
}

// brackets writes what is marked in brackets.
func brackets(paragraphs [][]Run) string {
	var b strings.Builder
	for _, p := range paragraphs {
		for _, r := range p {
			if r.Same {
				b.WriteString(r.Text)
			} else {
				b.WriteString("[" + r.Text + "]")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestCompare(t *testing.T) {
	for _, c := range []struct{ a, b, left, right string }{
		{"The ferry sailed at nine.", "The ferry sailed at nine.", "The ferry sailed at nine.\n", "The ferry sailed at nine.\n"},
		{"The ferry sailed at nine, said the crew.", "THE FERRY sailed at nine", "The ferry sailed at nine, [said the crew.]\n", "THE FERRY sailed at nine\n"},
		{"One two three four.\nFive six seven eight.", "Five six seven eight.\nOne two three four.", "One two three four.\nFive six seven eight.\n", "Five six seven eight.\nOne two three four.\n"},
		{"Nothing shared here.", "Other words entirely.", "[Nothing shared here.]\n", "[Other words entirely.]\n"},
		{"港の船は運休した。", "船は運休したと港が", "[港の]船は運休した。\n", "船は運休した[と港が]\n"},
		{"Yes.", "Yes.", "Yes.\n", "Yes.\n"},
		{"", "Text of four words", "", "[Text of four words]\n"},
	} {
		got := Compare(blocks(c.a), blocks(c.b))
		if left, right := brackets(got.Left), brackets(got.Right); left != c.left || right != c.right {
			t.Errorf("%q beside %q: got %q and %q, want %q and %q", c.a, c.b, left, right, c.left, c.right)
		}
	}
}

// FuzzCompare shows that a comparison loses no text, marks runs in turn, and nothing in a text beside itself.
func FuzzCompare(f *testing.F) {
	f.Add("one two three four five", "two three four five six")
	f.Add("港の船\n  a  b ", "... !!!")
	f.Fuzz(func(t *testing.T, a, b string) {
		va, vb := blocks(a), blocks(b)
		c := Compare(va, vb)
		for _, side := range []struct {
			text       []copytaster.Block
			paragraphs [][]Run
		}{{va, c.Left}, {vb, c.Right}} {
			for i, p := range side.paragraphs {
				var b strings.Builder
				for j, r := range p {
					b.WriteString(r.Text)
					if j > 0 && r.Same == p[j-1].Same {
						t.Errorf("%v: two runs of one kind beside each other", p)
					}
				}
				if b.String() != side.text[i].Text {
					t.Errorf("got %q, want %q", b.String(), side.text[i].Text)
				}
			}
		}
		for _, p := range Compare(va, va).Left {
			if slices.ContainsFunc(p, func(r Run) bool { return !r.Same }) {
				t.Errorf("%q beside itself: got %v", a, p)
			}
		}
	})
}

func FuzzWords(f *testing.F) {
	f.Add("The ferry  sailed.")
	f.Add("港の船 and ships")
	f.Fuzz(func(t *testing.T, s string) {
		list := words(s)
		if strings.Join(list, "") != s || slices.Contains(list, "") {
			t.Errorf("words(%q): got %q", s, list)
		}
	})
}
