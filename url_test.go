package copytaster

import "testing"

func TestCanonicalURL(t *testing.T) {
	for in, want := range map[string]string{
		"http://Example.ORG:80/a/":                              "https://example.org/a",
		"https://www.example.org/a?utm_source=x&id=3&a=1#0":     "https://example.org/a?a=1&id=3",
		"https://m.example.org/a/amp":                           "https://example.org/a",
		"https://amp.example.org/story.amp?fbclid=1":            "https://example.org/story",
		"https://example.org/amp/story":                         "https://example.org/story",
		"https://example.org/":                                  "https://example.org",
		"https://user:secret@example.org/a":                     "https://example.org/a",
		"http://example.org:8080/a":                             "http://example.org:8080/a",
		"https://m.org/a":                                       "https://m.org/a", // the name itself is m
		"https://example.org/?p=12":                             "https://example.org?p=12",
		"https://example.org/a%2Fb/":                            "https://example.org/a%2Fb",
		" https://example.org/a\n":                              "https://example.org/a",
		"urn:newsml:agency:20260301:1":                          "urn:newsml:agency:20260301:1",
		"/relative":                                             "/relative",
		"https://exa mple.org/":                                 "https://exa mple.org/",
		"https://example.org/a?at_custom1=x&at_link_id=y&q=now": "https://example.org/a?q=now",
	} {
		if got := CanonicalURL(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzCanonicalURLIsAFixedPoint(f *testing.F) {
	f.Add("https://www.example.org/a/amp?utm_source=x&b=2&a=1#x")
	f.Fuzz(func(t *testing.T, s string) {
		once := CanonicalURL(s)
		if twice := CanonicalURL(once); twice != once {
			t.Errorf("%q: got %q, then %q; want the same", s, once, twice)
		}
	})
}
