package state

import (
	"testing"
	"time"
)

func TestParseSchedule(t *testing.T) {
	for expr, want := range map[string]string{ // the next time after Monday, 2 March 2026, 09:30 UTC; empty: refused
		"TZ=UTC 0 14 * * *":            "2026-03-02T14:00:00Z",
		"  TZ=UTC   0 14 * * *  ":      "2026-03-02T14:00:00Z",
		"CRON_TZ=Asia/Tokyo 0 6 * * *": "2026-03-02T21:00:00Z",
		"TZ=UTC */20 9-17 * * 1-5":     "2026-03-02T09:40:00Z",
		"TZ=UTC @daily":                "2026-03-03T00:00:00Z",
		"@every 90m":                   "2026-03-02T11:00:00Z",
		"TZ=UTC 0 0 29 2 *":            "2028-02-29T00:00:00Z",
		"":                             "", "TZ=0": "", "TZ=": "", "CRON_TZ=UTC": "", "TZ=UTC ": "", "TZ= 0 6 * * *": "", "TZ=Atlantis/Sunken 0 6 * * *": "",
		"@every -1m": "", "@every 0s": "", "@every soon": "", "@every": "", "@sometimes": "", "0 0 31 2 *": "", "0 0 30 2 1": "2026-03-02T00:00:00Z!",
		"61 * * * *": "", "* * * *": "", "* * * * * *": "", "@every 1ns": "",
	} {
		s, err := ParseSchedule(expr)
		if want == "2026-03-02T00:00:00Z!" {
			if err != nil { // day of month or day of week: Mondays are left
				t.Errorf("%q: %v", expr, err)
			}
			continue
		}
		if (err == nil) != (want != "") {
			t.Errorf("%q: got %v, want refused: %v", expr, err, want == "")
			continue
		}
		if err == nil && s.Next(monday).UTC().Format(time.RFC3339) != want {
			t.Errorf("%q: got %v, want %s", expr, s.Next(monday).UTC(), want)
		}
	}
}

// FuzzParseSchedule: no expression panics, and what is accepted always has a next time that lies ahead.
func FuzzParseSchedule(f *testing.F) {
	for _, s := range []string{"TZ=UTC 0 14 * * *", "@every 90m", "CRON_TZ=UTC", "TZ=0", "0 0 31 2 *", "*/7 1-5 1,15 */2 ?"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		s, err := ParseSchedule(expr)
		if err != nil {
			return
		}
		at := monday
		for range 5 {
			next := s.Next(at)
			if !next.After(at) {
				t.Fatalf("%q: after %v comes %v", expr, at, next)
			}
			at = next
		}
	})
}
