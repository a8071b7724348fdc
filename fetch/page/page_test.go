package page

import (
	"slices"
	"testing"
)

func TestBlocks(t *testing.T) {
	got := Blocks(`Lead text<p>One <b>two</b>&nbsp;three<blockquote>Said so.</blockquote><script>x</script><figure><figcaption>Pic</figcaption></figure>a<br>b<br><br>c`)
	var text []string
	for _, b := range got {
		text = append(text, b.Text)
	}
	if want := []string{"Lead text", "One two three", "Said so.", "Pic", "a b", "c"}; !slices.Equal(text, want) {
		t.Errorf("Blocks = %q, want %q", text, want)
	}
	if !got[2].Quote || got[3].Kept || got[3].Why != Caption {
		t.Errorf("quote or caption not marked: %+v", got)
	}
}
