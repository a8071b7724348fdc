package demo

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mmcdole/gofeed"

	"copytaster"
	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/newsroom"
	"copytaster/config"
	"copytaster/fetch/feed"
	"copytaster/store"
)

// shown is what a reader keeps of an entry.
type shown struct{ id, link, published, updated string }

// entries reads an exported feed as a reader would, by title.
func entries(t *testing.T, name string) map[string]shown {
	t.Helper()
	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]shown{}
	for _, it := range f.Items {
		list[it.Title] = shown{it.GUID, it.Link, it.Published, it.Updated}
	}
	return list
}

// session opens the database, lets the daemon do something, and closes it again, as a program that is started and stopped.
func session(t *testing.T, cfg *config.Config, w *wire, do func(*daemon.Daemon) error) {
	t.Helper()
	db, err := store.Open(cfg.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d := &daemon.Daemon{Config: cfg, DB: db, Now: daemon.Clock, Log: slog.New(slog.DiscardHandler), Transport: w}
	if err := do(d); err != nil {
		t.Fatal(err)
	}
}

func once(t *testing.T) func(*daemon.Daemon) error {
	return func(d *daemon.Daemon) error { _, err := d.Once(t.Context()); return err }
}

// TestIDsAreForEver follows the merged feed over three starts, a second edition that other outlets' copies come with, a refold, another address and
// a correction that makes one story of two: no entry gets another id or time of publication, and what nobody changed is written as it was.
func TestIDsAreForEver(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{room: newsroom.New(time.Now()), asked: map[string][]time.Time{}}
		cfg := configuration(w.room.Feeds("http://127.0.0.1:4000"), dir, "127.0.0.1:0")
		cfg.Address = "https://news.example.org"
		name := filepath.Join(dir, "front.atom")
		session(t, cfg, w, once(t))
		first := entries(t, name)
		whole, _ := os.ReadFile(name)
		if len(first) < 20 {
			t.Fatalf("got %d entries", len(first))
		}
		same := func(when string) {
			t.Helper()
			now := entries(t, name)
			byID := map[string]string{}
			for _, e := range now {
				byID[e.id] = e.published
			}
			for title, e := range first {
				if n, ok := now[title]; ok && (n.id != e.id || n.published != e.published) {
					t.Errorf("%s: %q was %+v, is %+v", when, title, e, n)
				}
				if p, ok := byID[e.id]; ok && p != e.published {
					t.Errorf("%s: %s was published %s, is %s", when, e.id, e.published, p)
				}
				if !strings.HasPrefix(e.id, "tag:news.example.org,") {
					t.Errorf("%s: %q has the id %s", when, title, e.id)
				}
			}
		}
		for range 3 {
			time.Sleep(time.Minute)
			session(t, cfg, w, once(t))
			same("started again")
		}
		if again, _ := os.ReadFile(name); !bytes.Equal(again, whole) {
			t.Error("nothing is new, but the feed is written otherwise")
		}
		w.room.Publish(2)
		time.Sleep(2 * time.Hour)
		session(t, cfg, w, once(t))
		same("second edition")
		cfg.Address = "https://elsewhere.example"
		session(t, cfg, w, func(d *daemon.Daemon) error {
			_, err := d.Desk().Refold(daemon.Clock(), false, nil)
			return err
		})
		session(t, cfg, w, once(t))
		same("refolded, at another address")
		joined(t, cfg, w, name)
		same("two stories made one")
	})
}

// joined makes one story of the feed's last two entries and wants the id of the older one for it.
func joined(t *testing.T, cfg *config.Config, w *wire, name string) {
	t.Helper()
	var list []shown
	for _, e := range entries(t, name) {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b shown) int { return strings.Compare(a.published+a.id, b.published+b.id) })
	cfg.Stories.Join = [][2]string{{list[0].link, list[1].link}}
	session(t, cfg, w, func(d *daemon.Daemon) error {
		if _, err := d.Desk().Refold(daemon.Clock(), false, nil); err != nil {
			return err
		}
		return d.Export()
	})
	left := map[string]bool{}
	for _, e := range entries(t, name) {
		left[e.id] = true
	}
	if len(left) != len(list)-1 || left[list[0].id] == left[list[1].id] {
		t.Errorf("of %d stories %d are left; of the two that were joined %v and %v", len(list), len(left), left[list[0].id], left[list[1].id])
	}
}

// TestOurFeedsRead has our own reader read the three formats of the demo's feed: the same entries, by id, title, link and times.
func TestOurFeedsRead(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{room: newsroom.New(time.Now()), asked: map[string][]time.Time{}}
		cfg := configuration(w.room.Feeds("http://127.0.0.1:4000"), dir, "127.0.0.1:0")
		session(t, cfg, w, once(t))
		for _, format := range []string{"rss", "atom", "json"} {
			name := filepath.Join(dir, "front."+format)
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := feed.Parse(body, "", "http://127.0.0.1/front."+format)
			if err != nil {
				t.Fatal(err)
			}
			want := entries(t, name)
			items := doc.Items(copytaster.Feed{URL: "http://127.0.0.1/front." + format}, time.Now())
			if len(items) != len(want) {
				t.Errorf("%s: our reader finds %d entries, gofeed %d", format, len(items), len(want))
			}
			for _, it := range items {
				e, ok := want[it.Title]
				published, err := time.Parse(time.RFC3339, e.published)
				if format == "rss" {
					published, err = time.Parse(time.RFC1123, e.published)
				}
				if !ok || err != nil || it.GUID != e.id || it.URL != e.link || !it.Published.Equal(published) {
					t.Errorf("%s: our reader finds %q, %s, %s, %v; gofeed %+v", format, it.Title, it.GUID, it.URL, it.Published, e)
				}
			}
		}
	})
}
