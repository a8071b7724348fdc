package daemon

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"copytaster"
	"copytaster/config"
	"copytaster/store"
)

const (
	loadFeeds = 24                // COPYTASTER_FEEDS=5000 is the whole test: 200,000 items; a third of its time is synced commits, but for TMPDIR in memory
	loadShown = 30                // items of a feed
	loadPause = 144 * time.Minute // between two new ones: 10 in 24 hours
)

// country is thousands of feeds, each with an item more every now and then; every third item is an agency's, in eight feeds.
type country struct{ from time.Time }

// newest is the number of the newest item of a feed; feeds differ in when they get one.
func (c country) newest(feed int) int {
	return loadShown + int((time.Since(c.from)+time.Duration(feed%97)*time.Minute)/loadPause)
}

// RoundTrip answers for every feed, with 304 if it shows nothing new.
func (c country) RoundTrip(r *http.Request) (*http.Response, error) {
	feed, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	if err != nil {
		return nil, err
	}
	last := c.newest(feed)
	a := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/rss+xml"}, "Etag": {fmt.Sprintf(`"%d"`, last)}}, Request: r, Body: http.NoBody, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	if r.Header.Get("If-None-Match") == fmt.Sprintf(`"%d"`, last) {
		a.StatusCode = http.StatusNotModified
		return a, nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<rss version="2.0"><channel><title>Outlet %d</title><link>http://outlet%d.example/</link><description>d</description>`, feed, feed)
	for n := last; n > last-loadShown; n-- {
		seed, by := uint64(feed)<<32|uint64(n), ""
		if n%3 == 0 {
			seed, by = 1<<63|uint64(feed/8)<<32|uint64(n), "HAVEN (AFP) - "
		}
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%d-%d</guid><title>Report %d of outlet %d</title><link>http://outlet%d.example/%d</link><description>%s%s</description></item>`, feed, n, n, feed, feed, n, by, report(seed))
	}
	b.WriteString(`</channel></rss>`)
	a.Body, a.ContentLength = io.NopCloser(&b), int64(b.Len())
	return a, nil
}

// report is a text of 60 words, the same for the same seed.
func report(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 9))
	var b strings.Builder
	for range 60 {
		fmt.Fprintf(&b, "%s%s%d ", []string{"ker", "tal", "mon", "dor", "vel", "sun", "bra", "nik"}[r.IntN(8)], []string{"ama", "ent", "oru", "ist", "eva", "ung"}[r.IntN(6)], r.IntN(50))
	}
	return b.String()
}

// TestDayOfLoad is 24 hours of many feeds in virtual time: every item that a feed showed is stored, there are no more goroutines in the end than in the beginning, and no
// more memory for each article that is compared.
func TestDayOfLoad(t *testing.T) {
	feeds, err := strconv.Atoi(cmp.Or(os.Getenv("COPYTASTER_FEEDS"), strconv.Itoa(loadFeeds)))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("fetch: {contact: 'https://example.org/', full_text: never}\nfeeds:\n")
	for i := range feeds {
		fmt.Fprintf(&text, "  - http://outlet%d.example/%d\n", i, i)
	}
	cfg, err := config.Parse([]byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Database = filepath.Join(t.TempDir(), "copytaster.db")
	db, err := store.Open(cfg.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	synctest.Test(t, func(t *testing.T) { dayOfLoad(t, cfg, db) })
}

// measure is what is measured every hour.
type measure struct {
	goroutines, items, indexed int
	heap                       uint64
}

func dayOfLoad(t *testing.T, cfg *config.Config, db *store.DB) {
	land := country{time.Now()}
	d := &Daemon{Config: cfg, DB: db, Log: slog.New(slog.DiscardHandler), Now: Clock, Version: "test", Transport: land}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	var hours []measure
	for range 24 {
		time.Sleep(time.Hour)
		synctest.Wait()
		hours = append(hours, d.measure(t))
	}
	time.Sleep(3 * time.Hour) // until each feed was asked again
	want := map[string]bool{}
	for i, f := range cfg.Feeds {
		for n := 1; n <= land.newest(i)-1; n++ { // the newest may be younger than the last poll
			want[copytaster.ItemID(f.URL, fmt.Sprintf("%d-%d", i, n))] = true
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	err := db.View(func(tx *store.Tx) error {
		for it, err := range tx.Items(time.Time{}) {
			if err != nil {
				return err
			}
			delete(want, it.ID)
		}
		return nil
	})
	if err != nil || len(want) > 0 {
		t.Errorf("%v; %d items that were shown are not stored", err, len(want))
	}
	first, last := hours[2], hours[len(hours)-1]
	for h, m := range hours {
		t.Logf("hour %2d: %d goroutines, %d items, %.1f MB heap, %.0f bytes for each of %d articles compared", h+1, m.goroutines, m.items, float64(m.heap)/1e6, m.per(), m.indexed)
	}
	if last.goroutines > first.goroutines+2 {
		t.Errorf("goroutines: %d in the third hour, %d in the last", first.goroutines, last.goroutines)
	}
	if last.per() > 1.25*first.per() {
		t.Errorf("memory for an article: %.0f bytes in the third hour, %.0f in the last", first.per(), last.per())
	}
}

func (m measure) per() float64 { return float64(m.heap) / float64(max(1, m.indexed)) }

func (d *Daemon) measure(t *testing.T) (m measure) {
	t.Helper()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	p, err := d.Present()
	if err != nil {
		t.Fatal(err)
	}
	return measure{runtime.NumGoroutine(), p.Items, p.Indexed, s.HeapAlloc}
}
