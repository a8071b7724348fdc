package markup

import (
	"strings"
	"testing"
)

func TestSanitise(t *testing.T) {
	for in, want := range map[string]string{
		`<p onclick="x()">one</p><script>two()</script>`:       `<p>one</p>`,
		`<a href="javascript:x()">go</a>`:                      `go`,
		`plain & simple`:                                       `plain &amp; simple`,
		`<img src="https://a.example/b.png" onerror="boom()">`: `<img src="https://a.example/b.png">`,
	} {
		if got := Sanitise(in); got != want {
			t.Errorf("Sanitise(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUnswallow(t *testing.T) {
	for in, want := range map[string]string{
		"<p>a</p><iframe src=x><p>b</p>":             "<p>a</p><p>b</p>",
		"<iframe></iframe><p>b</p>":                  "<iframe></iframe><p>b</p>",
		"<script>x</script><SCRIPT><p>b":             "<script>x</script><p>b",
		"<title>":                                    "",
		"<titles><i>":                                "<titles><i>",
		"a<style":                                    "a",
		strings.Repeat("<xmp>", 3) + "b":             "b",
		"<noscript><img src=a></noscript><textarea>": "<noscript><img src=a></noscript>",
	} {
		if got := unswallow(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
