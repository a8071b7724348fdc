package metrics

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("got status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestMetrics(t *testing.T) {
	m := New("v1", func() (Present, error) {
		return Present{Now: now, Size: 4096, Items: 7, Writable: true, Cluster: &Cluster{Leads: true, Led: true, Fetchers: 3, Lag: 5}, Feeds: []Feed{{"https://a.example/f", "well", now.Add(-time.Hour)}, {"https://b.example/f", "failing", now.Add(-50 * time.Hour)}, {"https://c.example/f", "gone", time.Time{}}}}, nil
	})
	m.Polled(Poll{Outcome: "new", Took: time.Second, Bytes: 100, Pages: 2, Missed: 1})
	m.Committed(Commit{New: 3, Updated: 1, Folded: 2, Stories: []int{1, 4}, Took: time.Millisecond})
	m.Failed()
	m.Exported(nil)
	m.Exported(errors.New("no room"))
	got := scrape(t, m)
	for _, want := range []string{
		`copytaster_polls_total{outcome="new"} 1`, `copytaster_pages_total{outcome="text"} 2`, `copytaster_items_total{kind="new"} 3`, "copytaster_folds_total 2",
		`copytaster_story_items_bucket{le="3"} 1`, "copytaster_commit_seconds_count 1", "copytaster_store_failures_total 1", `copytaster_exports_total{outcome="failed"} 1`,
		"copytaster_database_bytes 4096", "copytaster_stored_items 7", "copytaster_database_writable 1", `copytaster_feeds{health="failing"} 1`,
		`copytaster_feed_silence_seconds_bucket{le="3600"} 1`, "copytaster_feed_silence_seconds_count 2", fmt.Sprintf(`copytaster_feed_last_success_seconds{feed="https://b.example/f"} %g`, float64(now.Add(-50*time.Hour).Unix())),
		"copytaster_cluster_leads 1", "copytaster_cluster_fetchers 3", "copytaster_cluster_lag_deliveries 5",
		`copytaster_info{version="v1"} 1`, "go_goroutines",
	} {
		if !strings.Contains(got, want+"\n") && !strings.Contains(got, want+" ") {
			t.Errorf("no line %q", want)
		}
	}
	if problems, err := testutil.GatherAndLint(m.registry); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
}

// TestSeriesAreBounded: ten thousand feeds give no more series than a hundred.
func TestSeriesAreBounded(t *testing.T) {
	series := func(feeds int) int {
		m := New("v1", func() (p Present, err error) {
			for i := range feeds {
				p.Feeds = append(p.Feeds, Feed{fmt.Sprintf("https://%d.example/f", i), "well", now.Add(-time.Duration(i) * time.Second)})
			}
			p.Now = now
			return p, nil
		})
		return strings.Count(scrape(t, m), "\n")
	}
	if few, many := series(100), series(10000); few != many {
		t.Errorf("got %d lines for 100 feeds, %d for 10,000; want as many", few, many)
	}
}

func TestUnreadableDatabase(t *testing.T) {
	m := New("v1", func() (Present, error) { return Present{}, errors.New("damaged") })
	if got := scrape(t, m); !strings.Contains(got, "copytaster_database_readable 0\n") {
		t.Errorf("got %s, want that the database cannot be read", got)
	}
	var none *Metrics
	none.Polled(Poll{})
	none.Committed(Commit{})
	none.Failed()
	none.Exported(nil)
}
