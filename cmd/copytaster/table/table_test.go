package table

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestColumns(t *testing.T) {
	for in, want := range map[string]string{"abc": "abc  ", "北浜": "北浜 ", "longer than that": "longer than that", "": "     "} {
		if got := Pad(in, 5); got != want {
			t.Errorf("pad %q: got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"abcde": "abcde", "abcdef": "abcd…", "北浜日報の朝": "北浜日報…"} {
		if got := Shorten(in, 5); got != want {
			t.Errorf("shorten %q: got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[float64]int{0: 0, .004: 0, .995: 100, 1: 100} {
		if got := Percent(in); got != want {
			t.Errorf("percent %v: got %d, want %d", in, got, want)
		}
	}
	if got := Minute(time.Time{}) + Minute(time.Date(2026, 3, 1, 6, 5, 4, 0, time.FixedZone("", 3600))); got != "-2026-03-01 05:05" {
		t.Errorf("got %q", got)
	}
}

// failing fails from the second write on.
type failing struct{ writes int }

func (f *failing) Write(p []byte) (int, error) {
	if f.writes++; f.writes > 1 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

func TestTableKeepsTheFirstError(t *testing.T) {
	out := &failing{}
	table := Table{Out: out}
	for range 5 {
		table.Printf("line\n")
	}
	if table.Err == nil || out.writes != 2 {
		t.Errorf("got %v after %d writes, want an error and no write after it", table.Err, out.writes)
	}
}

func TestProgressOfAFileIsALineEveryTenth(t *testing.T) {
	var out bytes.Buffer
	show := Progress(&out, "work", "items")
	for i := range 1001 {
		show(i, 1000)
	}
	if n := strings.Count(out.String(), "\n"); n != 11 || !strings.HasSuffix(out.String(), "work: 1000 of 1000 items\n") {
		t.Errorf("got %d lines: %s", n, out.String())
	}
}
