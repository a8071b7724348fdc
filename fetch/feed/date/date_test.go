package date

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestDates holds lines "date => RFC 3339 in UTC", or "date => no" for what is none.
func TestDates(t *testing.T) {
	raw, err := os.ReadFile("testdata/dates.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		in, want, ok := strings.Cut(strings.TrimSpace(line), " => ")
		if !ok {
			continue
		}
		got, found := Parse(in)
		show := "no"
		if found {
			show = got.UTC().Format(time.RFC3339)
		}
		if show != want {
			t.Errorf("%q: got %s, want %s", in, show, want)
		}
	}
}

// FuzzParse: what is read lies in the years allowed, and its own RFC 3339 form reads the same.
func FuzzParse(f *testing.F) {
	f.Add("Tue, 3 Mar 2026 10:15:00 +0100")
	f.Add("12. märz 2026 um 9h05")
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := Parse(s)
		if !ok {
			return
		}
		if y := got.UTC().Year(); y < 1800 || y > 2999 {
			t.Fatalf("%q: year %d", s, y)
		}
		again, ok := Parse(got.UTC().Format(time.RFC3339))
		if !ok || again.Unix() != got.Unix() {
			t.Fatalf("%q: got %v, again %v", s, got, again)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"Tue, 03 Mar 2026 10:15:00 +0100", "Tuesday, 3 March 2026 10:15 CET"} {
		b.Run(s, func(b *testing.B) {
			for b.Loop() {
				Parse(s)
			}
		})
	}
}
