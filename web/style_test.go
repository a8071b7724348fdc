package web

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
)

// themes gives the colours of the style sheet by name, in light and in dark.
func themes(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	css, err := files.ReadFile("assets/style.css")
	if err != nil {
		t.Fatal(err)
	}
	roots := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(css), -1)
	if len(roots) != 2 {
		t.Fatalf("got %d sets of colours, want one in light and one in dark", len(roots))
	}
	read := func(s string) map[string]string {
		m := map[string]string{}
		for _, v := range regexp.MustCompile(`--([a-z]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(s, -1) {
			m[v[1]] = v[2]
		}
		return m
	}
	return read(roots[0][1]), read(roots[1][1])
}

// luminance is the relative luminance of a colour (WCAG 2.2).
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	var c [3]int
	if _, err := fmt.Sscanf(colour, "#%02x%02x%02x", &c[0], &c[1], &c[2]); err != nil {
		t.Fatalf("colour %q: %v", colour, err)
	}
	var l float64
	for i, weight := range []float64{.2126, .7152, .0722} {
		v := float64(c[i]) / 255
		if v <= .04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+.055)/1.055, 2.4)
		}
		l += weight * v
	}
	return l
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + .05) / (min(la, lb) + .05)
}

// TestContrast holds text to 4.5 : 1 on all it stands on, and what frames a control to 3 : 1 where it is all there is (WCAG 2.2 AA).
func TestContrast(t *testing.T) {
	light, dark := themes(t)
	for name, theme := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, pair := range []struct {
			front, back string
			least       float64
		}{
			{"ink", "paper", 7}, {"ink", "raised", 7}, {"ink", "mark", 4.5}, {"soft", "paper", 4.5}, {"soft", "raised", 4.5},
			{"accent", "paper", 4.5}, {"accent", "raised", 4.5}, {"good", "paper", 4.5}, {"paper", "ink", 4.5}, {"paper", "accent", 4.5},
		} {
			if got := contrast(t, theme[pair.front], theme[pair.back]); got < pair.least {
				t.Errorf("%s: %s on %s: got %.2f : 1, want %.1f", name, pair.front, pair.back, got, pair.least)
			}
		}
	}
	if len(light) != len(dark) {
		t.Errorf("the themes have %d and %d colours", len(light), len(dark))
	}
}

// TestStyleIsOurs shows that the style sheet loads nothing and that every class it names stands in a template.
func TestStyleIsOurs(t *testing.T) {
	css, err := files.ReadFile("assets/style.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, banned := range []string{"url(", "@import", "http"} {
		if strings.Contains(string(css), banned) {
			t.Errorf("the style sheet has %q", banned)
		}
	}
	var templates strings.Builder
	for _, name := range []string{"base", "front", "story", "outlets", "outlet", "agencies", "status", "feeds", "message"} {
		data, err := files.ReadFile("assets/" + name + ".html")
		if err != nil {
			t.Fatal(err)
		}
		templates.Write(data)
	}
	for _, m := range regexp.MustCompile(`\.([a-z]+)\b`).FindAllStringSubmatch(string(css), -1) {
		if !regexp.MustCompile(`class="[^"]*\b` + m[1] + `\b|}` + m[1] + `\{`).MatchString(templates.String()) {
			t.Errorf("the style sheet names .%s, which no page has", m[1])
		}
	}
}
