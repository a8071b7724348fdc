package fetch

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"copytaster"
)

// still answers every conditional request with 304 at once.
func still(r *http.Request) *http.Response {
	if r.Header.Get("If-None-Match") != "" {
		return reply(304, "")
	}
	return reply(200, rss("", 1, 2, 3), `Etag: "a"`)
}

// BenchmarkRound polls feeds without news over no network: what the roster and the rules cost. core% is the part of one core that so many
// feeds take when each is polled every hour.
func BenchmarkRound(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			feeds, states := subscribed(n, n/2, time.Hour), map[string]State{}
			for _, f := range feeds {
				states[f.URL] = State{ETag: `"a"`, From: f.URL, Next: monday, Polled: monday.Add(-time.Hour), Changed: monday.Add(-time.Hour)}
			}
			o := options(still)
			o.Workers, o.Now = 64, func() time.Time { return monday }
			c := New(o)
			for b.Loop() {
				if err := c.Round(b.Context(), feeds, states, func(Delivery) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(100*b.Elapsed().Seconds()/float64(b.N)/3600, "core%")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/feed")
		})
	}
}

// BenchmarkPoll polls a feed of 30 items and 60 KB: all new, only its head changed, the same bytes, not modified.
func BenchmarkPoll(b *testing.B) {
	var items []int
	for n := range 30 {
		items = append(items, n)
	}
	body := bulletin("", 45, items)
	touched := strings.Replace(body, "<channel>", "<channel><lastBuildDate>Mon, 02 Mar 2026 09:00:00 GMT</lastBuildDate>", 1)
	for _, kind := range []string{"new", "touched", "same", "304"} {
		b.Run(kind, func(b *testing.B) {
			now := body
			c := New(options(func(*http.Request) *http.Response {
				if now == "" {
					return reply(304, "")
				}
				return reply(200, now, `Etag: "a"`)
			}))
			known, _ := c.Poll(b.Context(), copytaster.Feed{URL: harbour}, State{})
			s := known.State
			switch kind {
			case "new":
				s = State{}
			case "touched":
				now = touched
			case "304":
				now = ""
			}
			for b.Loop() {
				if d, err := c.Poll(b.Context(), copytaster.Feed{URL: harbour}, s); err != nil || d.Outcome == Failed {
					b.Fatal(err, d.State.Trouble)
				}
			}
		})
	}
}
