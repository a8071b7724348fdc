package view

import (
	"slices"
	"strings"
	"testing"

	"copytaster"
	"copytaster/config"
)

// TestCorrectionsAreConfiguration reads the lines that a page offers as the configuration would.
func TestCorrectionsAreConfiguration(t *testing.T) {
	const tricky = "https://a.example/x?q=1&r=\"<s>\": # y"
	read := func(lines string) config.Stories {
		c, err := config.Parse([]byte("feeds: [https://a.example/f]\n" + lines))
		if err != nil {
			t.Fatalf("%s\n%v", lines, err)
		}
		return c.Stories
	}
	v := newVersion(copytaster.Item{URL: tricky}, noon)
	if got := read(v.Apart).Split; len(got) != 1 || !strings.HasPrefix(got[0], "https://a.example/x?q=1&r=") {
		t.Errorf("%s gives split %q", v.Apart, got)
	}
	a, b := story0("a", [3]any{"A", "", 0}), story0("b", [3]any{"B", "", 0})
	a.Items[0].URL, b.Items[0].URL = "https://a.example/1", "https://b.example/2"
	p := NewStory(a, Asked{Same: "b", Another: &b})
	if p.Same == nil || p.Same.ID != "b" {
		t.Fatalf("got %+v", p.Same)
	}
	if got := read(p.Same.YAML).Join; len(got) != 1 || got[0] != [2]string{"https://a.example/1", "https://b.example/2"} {
		t.Errorf("%s gives join %q", p.Same.YAML, got)
	}
}

func TestSameWithout(t *testing.T) {
	a, b := story0("a", [3]any{"A", "", 0}), story0("b", [3]any{"B", "", 0})
	if s := newSame(a, Asked{}); s != nil {
		t.Errorf("nothing asked: got %+v", s)
	}
	if s := newSame(a, Asked{Same: "a", Another: &a}); s == nil || s.ID != "" {
		t.Errorf("the story itself: got %+v", s)
	}
	if s := newSame(a, Asked{Same: "none"}); s == nil || s.ID != "" || s.Typed != "none" {
		t.Errorf("no such story: got %+v", s)
	}
	if s := newSame(a, Asked{Same: "b", Another: &b}); s == nil || s.ID != "b" || s.YAML != "" {
		t.Errorf("stories without addresses: got %+v", s)
	}
	if v := newVersion(b.Items[0], noon); v.Apart != "" {
		t.Errorf("an article without an address: got %q", v.Apart)
	}
}

func TestStoryIDAsTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"5d1f0c8a9b3e7742": "5d1f0c8a9b3e7742", " http://127.0.0.1:8765/story/5d1f0c8a9b3e7742?beside=a1 ": "5d1f0c8a9b3e7742", "/story/x/": "x", "": ".",
	} {
		if got := StoryID(typed); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

// TestAnyTwoBeside puts any two versions next to each other, in the order in which they are named.
func TestAnyTwoBeside(t *testing.T) {
	s := story0("s", [3]any{"A", "", 0}, [3]any{"B", "", 10}, [3]any{"C", "", 20})
	for _, c := range []struct {
		ids  []string
		want string
	}{
		{[]string{"sC", "sB"}, "CB"}, {[]string{"sB"}, "AB"}, {[]string{"none", "sB"}, "AB"}, {[]string{"sB", "sB"}, ""}, {[]string{"sA"}, ""}, {nil, ""}, {[]string{"sA", "sB", "sC"}, "AB"},
	} {
		got := ""
		if b := NewStory(s, Asked{Beside: c.ids}).Beside; b != nil {
			got = b.A.Outlet + b.B.Outlet
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.ids, got, c.want)
		}
	}
}

func TestArrivals(t *testing.T) {
	s := story0("s", [3]any{"A", "", 30}, [3]any{"B", "", 0}, [3]any{"C", "", 120})
	got := NewStory(s, Asked{}).Spread
	want := []Arrival{{"sB", "B", "", 0, false}, {"sA", "A", "30 min", 25, true}, {"sC", "C", "2 h", 100, false}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
