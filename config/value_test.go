package config

import (
	"bufio"
	"os"
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

func TestSchedules(t *testing.T) {
	rows(t, "schedules.tsv", func(in, want string) {
		err := checkSchedule(in, Floor)
		if want == "ok" && err != nil || want != "ok" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q gives %v, want %s", in, err, want)
		}
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
