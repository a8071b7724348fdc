package bench

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestRun measures a small newsroom: every item is stored, and every part of the report is there.
func TestRun(t *testing.T) {
	var out strings.Builder
	if err := Run(t.Context(), &out, Options{Feeds: 20, Rounds: 1, Version: "test"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"20 feeds of 30 items", "first poll", "2 new of 30", "nothing new", "CPU by stage", "640 items stored"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got\n%s\nwant %q in it", out.String(), want)
		}
	}
}

// TestPress: a feed is the same whenever it is asked, two items come a round, and some stand at several outlets.
func TestPress(t *testing.T) {
	p := newPress(40, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	before := p.feed(3)
	if p.feed(3) != before || strings.Count(before, "<item>") != shown {
		t.Errorf("the feed changes by itself, or has not %d items", shown)
	}
	p.round.Add(1)
	known := 0
	for link := range strings.SplitSeq(p.feed(3), "<item>") {
		if _, rest, ok := strings.Cut(link, "<guid>"); ok && strings.Contains(before, "<guid>"+rest[:strings.Index(rest, "</guid>")+7]) {
			known++
		}
	}
	if known != shown-fresh {
		t.Errorf("%d known items after a round, want %d", known, shown-fresh)
	}
	for path, want := range map[string]int{"/3/feed.xml": 200, "/40/feed.xml": 404, "/x": 404} {
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
	r := httptest.NewRequest("GET", "/3/feed.xml", nil)
	r.Header.Set("If-None-Match", `"3-1"`)
	w := httptest.NewRecorder()
	if p.ServeHTTP(w, r); w.Code != 304 {
		t.Errorf("a known feed: status %d, want 304", w.Code)
	}
}
