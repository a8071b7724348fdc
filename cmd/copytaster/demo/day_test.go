package demo

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/newsroom"
	"copytaster/store"
)

// wire is a network on which only the newsroom is. It counts the requests for each path.
type wire struct {
	room *newsroom.Room

	mu    sync.Mutex // guards asked
	asked map[string][]time.Time
}

// RoundTrip answers as the newsroom would.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.asked[r.URL.Path] = append(w.asked[r.URL.Path], time.Now())
	w.mu.Unlock()
	rec := httptest.NewRecorder()
	w.room.ServeHTTP(rec, r)
	answer := rec.Result()
	answer.Request = r
	return answer, nil
}

// TestVirtualDay runs the daemon for a day of virtual time over a real database: polls keep their distance, the second edition joins what
// stands, the exports follow, the newsroom's truth is met, and everything ends when it is told to.
func TestVirtualDay(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{room: newsroom.New(time.Now()), asked: map[string][]time.Time{}}
		cfg := configuration(w.room.Feeds("http://127.0.0.1:4000"), dir, "127.0.0.1:0")
		cfg.Every, cfg.Floor = time.Hour, 15*time.Minute
		db, err := store.Open(cfg.Database)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		d := &daemon.Daemon{Config: cfg, DB: db, Now: daemon.Clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Transport: w}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- d.Run(ctx, func(ctx context.Context) error { <-ctx.Done(); return nil })
		}()

		time.Sleep(2 * time.Hour)
		synctest.Wait()
		first, err := os.ReadFile(filepath.Join(dir, "front.rss"))
		if err != nil || !strings.Contains(string(first), "<item>") {
			t.Errorf("after two hours: export: %v, %d bytes; want stories in it", err, len(first))
		}
		if wrong, err := AgainstTruth(d.Reader(), w.room); err != nil || len(wrong) > 0 {
			t.Errorf("after two hours: %v, wrong: %q", err, wrong)
		}

		w.room.Publish(2)
		time.Sleep(22 * time.Hour)
		synctest.Wait()
		if second, err := os.ReadFile(filepath.Join(dir, "front.rss")); err != nil || string(second) == string(first) {
			t.Errorf("after the second edition: %v; want another export", err)
		}
		if wrong, err := AgainstTruth(d.Reader(), w.room); err != nil || len(wrong) > 0 {
			t.Errorf("after a day: %v, wrong: %q", err, wrong)
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("stopped: got %v, want no error", err)
		}
		w.checkManners(t)
	})
}

// checkManners: no feed is asked more than once in an hour, and none that is well is forgotten.
func (w *wire) checkManners(t *testing.T) {
	for path, times := range w.asked {
		if !strings.Contains(path, "feed") {
			continue
		}
		if len(times) > 25 {
			t.Errorf("%s: asked %d times in a day, every is an hour", path, len(times))
		}
		for i := 1; i < len(times); i++ {
			if gap := times[i].Sub(times[i-1]); gap < 55*time.Minute && gap > 0 {
				t.Errorf("%s: asked again after %v", path, gap)
			}
		}
	}
}
