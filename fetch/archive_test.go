package fetch

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"copytaster"
)

// shelf is an origin with a feed and its archives; each document is a status or its items and what it links to.
type shelf struct {
	docs  map[string]string
	asked []string
	at    []time.Time
}

func (s *shelf) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked, s.at = append(s.asked, r.URL.String()), append(s.at, time.Now())
	doc, ok := s.docs[r.URL.String()]
	var status int
	if n, _ := fmt.Sscanf(doc, "status %d", &status); n == 1 {
		return reply(status, ""), nil
	}
	if !ok {
		return reply(404, ""), nil
	}
	return reply(200, doc), nil
}

// before is a link to an older document.
func before(rel, href string) string {
	return `<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="` + rel + `" href="` + href + `"/>`
}

func TestBackfill(t *testing.T) {
	const one, two, three, four = "http://harbour.example/1", "http://harbour.example/2", "http://harbour.example/3", "http://harbour.example/4"
	for _, c := range []struct {
		name     string
		backfill int
		docs     map[string]string
		asked    []string // beside the feed
		items    []string
	}{
		{"archives, an item in two of them once", 3, map[string]string{harbour: rss(before("prev-archive", "/1"), 9, 8), one: rss(before("prev-archive", "2"), 8, 7), two: rss("", 6)},
			[]string{one, two}, []string{"f9", "f8", "f7", "f6"}},
		{"pages", 3, map[string]string{harbour: rss(before("next", "/1"), 9), one: rss("", 8)}, []string{one}, []string{"f9", "f8"}},
		{"no more than asked for", 3, map[string]string{harbour: rss(before("next", one), 9), one: rss(before("next", two), 8), two: rss(before("next", three), 7),
			three: rss(before("next", four), 6), four: rss("", 5)}, []string{one, two, three}, []string{"f9", "f8", "f7", "f6"}},
		{"none wanted", 0, map[string]string{harbour: rss(before("next", one), 9), one: rss("", 8)}, nil, []string{"f9"}},
		{"none named", 3, map[string]string{harbour: rss("", 9)}, nil, []string{"f9"}},
		{"a circle", 9, map[string]string{harbour: rss(before("next", one), 9), one: rss(before("next", two), 8), two: rss(before("next", one), 7)}, []string{one, two}, []string{"f9", "f8", "f7"}},
		{"itself", 9, map[string]string{harbour: rss(before("next", "#top"), 9)}, nil, []string{"f9"}},
		{"another host", 3, map[string]string{harbour: rss(before("next", "http://other.example/1"), 9)}, nil, []string{"f9"}},
		{"missing", 3, map[string]string{harbour: rss(before("next", one), 9), one: "status 404"}, []string{one}, []string{"f9"}},
		{"no feed", 3, map[string]string{harbour: rss(before("next", one), 9), one: "<html><title>Archive</title></html>"}, []string{one}, []string{"f9"}},
		{"asked too often", 3, map[string]string{harbour: rss(before("next", one), 9), one: "status 429"}, []string{one}, []string{"f9"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &shelf{docs: c.docs}
			client := New(Options{Transport: s, Backfill: c.backfill, FullText: copytaster.FullTextNever, Floor: 15 * time.Minute})
			d, err := client.Poll(t.Context(), copytaster.Feed{URL: harbour}, State{})
			if err != nil {
				t.Fatal(err)
			}
			var items []string
			for _, it := range d.Items {
				items = append(items, it.GUID)
			}
			if !slices.Equal(s.asked[1:], c.asked) || !slices.Equal(items, c.items) || d.State.Failures > 0 {
				t.Errorf("%s: got requests for %s, items %s, %d failures; want %s and %s", c.name, s.asked[1:], items, d.State.Failures, c.asked, c.items)
			}
			for i := 1; i < len(s.at); i++ {
				if gap := s.at[i].Sub(s.at[i-1]); gap < pageGap {
					t.Errorf("%s: the host was asked again after %v", c.name, gap)
				}
			}
			time.Sleep(time.Until(d.State.Next))
			n := len(s.asked)
			if d, err = client.Poll(t.Context(), copytaster.Feed{URL: harbour}, d.State); err != nil || len(s.asked)-n > 1 || len(d.Items) > 0 {
				t.Errorf("%s: the second poll: got %d requests, %d items, %v; want the feed only, nothing new", c.name, len(s.asked)-n, len(d.Items), err)
			}
			if held := !client.heldUntil(harbour).IsZero(); held != (strings.HasPrefix(c.docs[one], "status 429")) {
				t.Errorf("%s: the host is left alone: %v", c.name, held)
			}
		})
	}
}
