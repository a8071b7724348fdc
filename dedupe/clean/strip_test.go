package clean

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"copytaster"
)

// TestProseIsKept holds paragraphs of stories against the lexicon, alone and in a story, where they must be no credit either.
func TestProseIsKept(t *testing.T) {
	for _, text := range lines(t, "prose.txt") {
		if kind, ok := Default().Match(text); ok {
			t.Errorf("%q was taken for %s", text, kind)
		}
		for _, b := range Default().Strip(blocks(story[0], story[1], text, story[2]), Rules{}) {
			if !b.Kept {
				t.Errorf("beside %q: %q was cut as %s", text, b.Text, b.Why)
			}
		}
		if got := shown(creditsOf([]string{story[0], story[1], text, story[2]}, Meta{})); got != "-" {
			t.Errorf("%q gave credits %s", text, got)
		}
	}
}

// TestArticles strips whole articles, block by block with the reason.
func TestArticles(t *testing.T) {
	files, err := filepath.Glob("testdata/article_*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no articles: %v", err)
	}
	for _, name := range files {
		var text, want []string
		for _, row := range lines(t, filepath.Base(name)) {
			why, line, _ := strings.Cut(row, "\t")
			text, want = append(text, line), append(want, strings.TrimPrefix(why, "+"))
		}
		for i, b := range Default().Strip(blocks(text...), Rules{Title: "Lake rises again"}) {
			if b.Why != want[i] || b.Kept != (want[i] == "") {
				t.Errorf("%s: %q: got %q, want %q", name, b.Text, b.Why, want[i])
			}
		}
	}
}

// TestTailKeepsTheStory: hits behind the story never take more than a quarter of its text with them.
func TestTailKeepsTheStory(t *testing.T) {
	text := append([]string{story[0], "Sign up for our newsletter"}, story[1:]...)
	text = append(text, "Read more", "Share this article", "Comments", "Advertisement", "Subscribe now")
	for i, b := range Default().Strip(blocks(text...), Rules{}) {
		if prose := slices.Contains(story, b.Text); b.Kept != prose {
			t.Errorf("block %d %q: kept %t as %q", i, b.Text, b.Kept, b.Why)
		}
	}
}

func TestRules(t *testing.T) {
	in := blocks("Lake rises", story[0], "Read more", "Join the lake club", story[1])
	in = append(in, copytaster.Block{Text: "The quay", Why: Caption}, copytaster.Block{Text: "Old mark", Why: "newsletter"})
	out := Default().Strip(in, Rules{
		Title: "Lake Rises!",
		Strip: []*regexp.Regexp{regexp.MustCompile("lake club")},
		Keep:  []*regexp.Regexp{regexp.MustCompile("^Read more$")},
	})
	var got []string
	for _, b := range out {
		got = append(got, b.Why)
	}
	if want := []string{Titled, "", "", Pinned, "", Caption, ""}; !slices.Equal(got, want) {
		t.Errorf("reasons %q, want %q", got, want)
	}
}

// TestLearnedLinesAreBounded: learned lines alone cut at most 40 % of an article, and never the only block that is left.
func TestLearnedLinesAreBounded(t *testing.T) {
	all := func(int) bool { return true }
	for _, b := range Default().Strip(blocks(story...), Rules{Learned: all}) {
		if !b.Kept {
			t.Errorf("all was learned, and %q cut", b.Text)
		}
	}
	one := func(n int) func(int) bool { return func(i int) bool { return i == n } }
	out := Default().Strip(blocks(story...), Rules{Learned: one(3)})
	if out[3].Why != Learned || !out[0].Kept {
		t.Errorf("one learned block: got %+v", out)
	}
	if out := Default().Strip(blocks(story[3]), Rules{Learned: one(0)}); !out[0].Kept {
		t.Error("the only block was cut")
	}
}

// FuzzStrip: no block is lost or changed, a block is kept if and only if there is no reason against it, and stripping again changes nothing.
func FuzzStrip(f *testing.F) {
	f.Add("Support us!\nThe lake rose.\nRead more\n© 2025")
	f.Add("07.03.2025\n\n|:|\n!?")
	f.Fuzz(func(t *testing.T, text string) {
		in := blocks(strings.Split(text, "\n")...)
		once := Default().Strip(in, Rules{Title: text})
		if len(once) != len(in) {
			t.Fatalf("%d blocks became %d", len(in), len(once))
		}
		for i, b := range once {
			if b.Text != in[i].Text || b.Kept != (b.Why == "") {
				t.Errorf("block %+v became %+v", in[i], b)
			}
		}
		if !slices.Equal(once, Default().Strip(once, Rules{Title: text})) {
			t.Errorf("stripped twice, %q differs", text)
		}
	})
}

func BenchmarkStrip(b *testing.B) {
	article := blocks(append(slices.Clone(story), "Read more", "Share this article", "AFP contributed reporting.")...)
	for b.Loop() {
		Default().Read(article, Rules{}, Meta{})
	}
}
