package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"copytaster"
	"copytaster/export"

	"github.com/klauspost/compress/gzip"
)

func TestFeed(t *testing.T) {
	h := site0(t)
	for ending, mediaType := range map[string]string{"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"} {
		path := "/feeds/front." + ending
		w := ask(h, "GET", path)
		body := w.Body.String()
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), mediaType) || !strings.Contains(body, "http://127.0.0.1:7777"+path) {
			t.Fatalf("GET %s: got %d %s\n%.500s", path, w.Code, w.Header(), body)
		}
		etag, modified := w.Header().Get("ETag"), w.Header().Get("Last-Modified")
		if etag == "" || modified != "Wed, 04 Mar 2026 09:40:12 GMT" || w.Header().Get("Cache-Control") == "" || !strings.Contains(w.Header().Get("Link"), `rel="hub"`) {
			t.Errorf("GET %s: got headers %v", path, w.Header())
		}
		head := ask(h, "HEAD", path)
		if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("ETag") != etag {
			t.Errorf("HEAD %s: got %d, %d bytes, %v", path, head.Code, head.Body.Len(), head.Header())
		}
		zipped := ask(h, "GET", path, "Accept-Encoding", "br, gzip")
		if got := unzip(t, zipped.Body); got != body || zipped.Header().Get("ETag") == etag || zipped.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("GET %s with gzip: differs from the plain feed, or its tag does not; %v", path, zipped.Header())
		}
		for _, conditional := range [][]string{
			{"If-None-Match", etag}, {"If-None-Match", `"x", W/` + etag}, {"If-Modified-Since", modified},
			{"If-None-Match", zipped.Header().Get("ETag"), "Accept-Encoding", "gzip"},
		} {
			if w := ask(h, "GET", path, conditional...); w.Code != 304 || w.Body.Len() != 0 || w.Header().Get("ETag") == "" {
				t.Errorf("GET %s with %q: got %d, %d bytes", path, conditional, w.Code, w.Body.Len())
			}
		}
		if w := ask(h, "GET", path, "If-None-Match", `"other"`, "If-Modified-Since", modified); w.Code != 200 {
			t.Errorf("GET %s with another tag: got %d, want 200 whatever the date", path, w.Code)
		}
	}
}

func unzip(t *testing.T, r io.Reader) string {
	t.Helper()
	zr, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestSince(t *testing.T) {
	h := site0(t)
	for since, want := range map[string]int{"2026-03-04T00:00:00Z": 1, "2026-03-01T00:00:00Z": 2, "2026-03-01T00:00:00+02:00": 2, "2027-01-01T00:00:00Z": 0} {
		w := ask(h, "GET", "/feeds/front.rss?since="+since)
		if got := strings.Count(w.Body.String(), "<item>"); w.Code != 200 || got != want {
			t.Errorf("since %s: got %d, %d items, want %d", since, w.Code, got, want)
		}
	}
}

func TestAcceptsGzip(t *testing.T) {
	for line, want := range map[string]bool{
		"gzip": true, "deflate, gzip;q=0.5": true, "GZIP": true, "*": true, "gzip;q=0": false, "gzip; q=0.000": false, "*;q=0": false, "": false, "br": false, "gzip;q=0, *": false, "*;q=0, gzip": true,
	} {
		if got := acceptsGzip([]string{line}); got != want {
			t.Errorf("Accept-Encoding %q: got %v, want %v", line, got, want)
		}
	}
}

// TestRevision shows that a feed is rendered once a revision, and anew with the next.
func TestRevision(t *testing.T) {
	revision, rendered := uint64(1), 0
	src := source(readStories(t, "front.json"))
	stories := src.Export
	src.Revision = func() uint64 { return revision }
	src.Export = func(name, format string, day time.Time) (export.Channel, []copytaster.Story, bool, error) {
		rendered++
		return stories(name, format, day)
	}
	h := New(src, Options{})
	for range 3 {
		ask(h, "GET", "/feeds/front.atom")
	}
	revision++
	ask(h, "GET", "/feeds/front.atom")
	if rendered != 2 {
		t.Errorf("rendered %d times for two revisions", rendered)
	}
}

// TestMadeUpNames shows that asking for feeds that are not there fills no memory.
func TestMadeUpNames(t *testing.T) {
	src := source(nil)
	s := &site{Source: src, Options: Options{}}
	f, _ := formatOf("rss")
	for _, name := range []string{"a", "b", "c"} {
		if _, err := s.feeds.get(s.Revision, name, func() (*rendered, error) { return s.render(wanted{name: name, ending: "rss"}, f) }); !errors.Is(err, errNoExport) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if len(s.feeds.kept) != 0 {
		t.Errorf("got %d kept", len(s.feeds.kept))
	}
}

func TestManyReaders(t *testing.T) {
	h := site0(t)
	want := ask(h, "GET", "/feeds/front.atom").Body.Bytes()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got := ask(h, "GET", "/feeds/front.atom").Body.Bytes(); !bytes.Equal(got, want) {
				t.Error("two readers got different feeds")
			}
		})
	}
	wg.Wait()
}

func TestCacheKeepsNoErrors(t *testing.T) {
	var c cache[*rendered]
	first := func() uint64 { return 1 }
	if _, err := c.get(first, "a", func() (*rendered, error) { return nil, errors.New("once") }); err == nil {
		t.Fatal("got no error")
	}
	want := &rendered{}
	if got, err := c.get(first, "a", func() (*rendered, error) { return want, nil }); got != want || err != nil {
		t.Errorf("got %v, %v after an error", got, err)
	}
}

func BenchmarkFeed304(b *testing.B) {
	h := site0(b)
	etag := ask(h, "GET", "/feeds/front.atom").Header().Get("ETag")
	for b.Loop() {
		if w := ask(h, "GET", "/feeds/front.atom", "If-None-Match", etag); w.Code != http.StatusNotModified {
			b.Fatal(w.Code)
		}
	}
}

// BenchmarkFront is a whole front page of 40 stories at 12 outlets each, choices from 500 counted anew each time.
func BenchmarkFront(b *testing.B) {
	src := source(many(500))
	src.Revision = nil
	h := New(src, Options{})
	for b.Loop() {
		if w := ask(h, "GET", "/"); w.Code != http.StatusOK || w.Body.Len() > 100_000 {
			b.Fatal(w.Code, w.Body.Len())
		}
	}
}

func BenchmarkStory(b *testing.B) {
	list := many(1)
	h := New(source(list), Options{})
	for b.Loop() {
		if w := ask(h, "GET", "/story/"+list[0].ID); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}

func BenchmarkBeside(b *testing.B) {
	list := many(1)
	h := New(source(list), Options{})
	for b.Loop() {
		if w := ask(h, "GET", "/story/"+list[0].ID+"?beside="+list[0].Items[3].ID); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}

// many makes stories of 12 versions of 3,000 characters each.
func many(n int) (list []copytaster.Story) {
	text := strings.Repeat("Ferries between the mainland and the outer islands stopped. ", 5)
	for i := range n {
		s := copytaster.Story{ID: fmt.Sprintf("%016x", i), Published: noon, Updated: noon}
		for j := range 12 {
			it := copytaster.Item{ID: fmt.Sprint(i, "-", j), Outlet: fmt.Sprint("Outlet ", j), Title: "Ferries stop as crews and owners quarrel", Language: "en", Published: noon.Add(time.Duration(j) * time.Hour)}
			for range 10 {
				it.Blocks = append(it.Blocks, copytaster.Block{Text: text, Kept: true})
			}
			s.Items, s.Shares = append(s.Items, it), append(s.Shares, copytaster.Share{Kept: 1})
		}
		list = append(list, s)
	}
	return list
}
