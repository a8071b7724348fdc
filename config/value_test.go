package config

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// rows reads a table of testdata: an input, a tab, what is wanted; # begins a comment.
func rows(t *testing.T, name string, test func(in, want string)) {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if in, want, ok := strings.Cut(s.Text(), "\t"); ok && !strings.HasPrefix(in, "#") {
			test(in, strings.TrimLeft(want, "\t"))
		}
	}
}

// word gives a value or the word "error".
func word(v string, err error) string {
	if err != nil {
		return "error"
	}
	return v
}

func TestDurations(t *testing.T) {
	rows(t, "durations.tsv", func(in, want string) {
		d, err := parseDuration(in)
		if got := word(d.String(), err); got != want {
			t.Errorf("%q gives %s, want %s (%v)", in, got, want, err)
		}
	})
}

// TestShort: what short writes is read back as it was.
func TestShort(t *testing.T) {
	for _, d := range []time.Duration{0, time.Millisecond, 90 * time.Second, time.Hour, 30 * day, 36*time.Hour + time.Second} {
		if back, err := parseDuration(short(d)); back != d || err != nil {
			t.Errorf("%s is written %s and read %s (%v)", d, short(d), back, err)
		}
	}
}

func TestSizes(t *testing.T) {
	rows(t, "sizes.tsv", func(in, want string) {
		n, err := parseSize(in)
		if got := word(time.Duration(n).String(), err); got != word(want, err) {
			t.Errorf("%q gives %s, want %s", in, got, want)
		}
	})
}

// verdicts runs a table of what a check finds wrong.
func verdicts(t *testing.T, name string, check func(string) error) {
	t.Helper()
	rows(t, name, func(in, want string) {
		err := check(in)
		if want == "ok" && err != nil || want != "ok" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %q gives %v, want %s", name, in, err, want)
		}
	})
}

func TestVerdicts(t *testing.T) {
	verdicts(t, "schedules.tsv", func(s string) error { return checkSchedule(s, Floor) })
	verdicts(t, "urls.tsv", checkURL)
	verdicts(t, "files.tsv", checkFile)
	verdicts(t, "languages.tsv", checkLanguage)
	verdicts(t, "listen.tsv", func(s string) error {
		var d document
		d.lines, d.wrong = map[string]int{}, map[string]bool{}
		if d.address("listen", s); len(d.mistakes) > 0 {
			return d.errors()
		}
		return nil
	})
}

func TestSameURL(t *testing.T) {
	rows(t, "same_urls.tsv", func(a, b string) {
		same := !strings.HasPrefix(b, "!")
		b = strings.TrimPrefix(b, "!")
		if got := sameURL(a) == sameURL(b); got != same {
			t.Errorf("%s and %s are the same: %v, want %v", a, b, got, same)
		}
	})
}

func TestPrefixes(t *testing.T) {
	rows(t, "prefixes.tsv", func(in, want string) {
		p, err := parsePrefix(in)
		if got := word(p.String(), err); got != want {
			t.Errorf("%q gives %s, want %s", in, got, want)
		}
	})
}

// TestUpwards: every mistake is looked for at its own path and at all above it.
func TestUpwards(t *testing.T) {
	got := slices.Collect(upwards("feeds[3].url"))
	if want := []string{"feeds[3].url", "feeds[3]", "feeds", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// BenchmarkParse reads 10,000 feeds, each with a schedule.
func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	text.WriteString("feeds:\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "  - {url: https://host%d.example/feed.xml, outlet: Outlet %d, tags: [a, b], schedule: '5 6,18 * * *'}\n", i, i)
	}
	for b.Loop() {
		if _, err := Parse([]byte(text.String())); err != nil {
			b.Fatal(err)
		}
	}
}
