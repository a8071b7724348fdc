package newsroom

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
	"golang.org/x/text/encoding/charmap"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// open serves a room on loopback and gives its address.
func open(t *testing.T) (*Room, string) {
	t.Helper()
	r := New(epoch)
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	return r, s.URL
}

// get fetches without following redirects.
func get(t *testing.T, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// sound fetches an outlet's feed as it would be without its fault, if it has any bytes.
func sound(t *testing.T, r *Room, base string, o *outlet) string {
	t.Helper()
	address := base + o.feedPath()
	if o.Fault == faultMoved {
		res, _ := get(t, address)
		if res.StatusCode != http.StatusMovedPermanently {
			t.Errorf("%s answers %d, want 301", address, res.StatusCode)
		}
		address = base + res.Header.Get("Location")
	}
	res, body := get(t, address)
	if want := map[string]int{faultError: 500, faultGone: 410}[o.Fault]; want != 0 {
		if res.StatusCode != want {
			t.Errorf("%s answers %d, want %d", address, res.StatusCode, want)
		}
		return ""
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("ETag") == "" || res.Header.Get("Last-Modified") == "" {
		t.Errorf("%s answers %d with %v", address, res.StatusCode, res.Header)
	}
	return repaired(t, r, o, body)
}

// repaired undoes a fault of the bytes, after it has shown that they do have it.
func repaired(t *testing.T, r *Room, o *outlet, body string) string {
	t.Helper()
	switch o.Fault {
	case faultCharset:
		if strings.ToValidUTF8(body, "") == body || !strings.Contains(body, `encoding="UTF-8"`) {
			t.Errorf("%s is not windows-1252 that says UTF-8", o.Name)
		}
		body, err := charmap.Windows1252.NewDecoder().String(body)
		if err != nil {
			t.Error(err)
		}
		return body
	case faultCut:
		if _, err := gofeed.NewParser().ParseString(body); err == nil || strings.Count(body, "<item>") != strings.Count(body, "</item>")+1 {
			t.Errorf("%s does not end within an item", o.Name)
		}
		return body[:strings.LastIndex(body, "<item>")] + "</channel></rss>"
	}
	return body
}

// TestFeeds: every feed parses, save for its fault, and its entries have what a reader needs; every page that is linked exists and
// holds the whole text, and a feed without summaries holds it too.
func TestFeeds(t *testing.T) {
	r, base := open(t)
	for edition := 1; edition <= 2; edition++ {
		r.Publish(edition)
		for i := range r.outlets {
			o := &r.outlets[i]
			body := sound(t, r, base, o)
			if body == "" {
				continue
			}
			wellFormed(t, o, body)
			feed, err := gofeed.NewParser().ParseString(body)
			if err != nil {
				t.Errorf("%s: %v", o.Name, err)
				continue
			}
			checkFeed(t, r, base, o, feed)
		}
	}
}

// wellFormed reads a feed as strictly as its form is: the only faults are those that are meant.
func wellFormed(t *testing.T, o *outlet, body string) {
	t.Helper()
	if o.Feed == "json" {
		if !json.Valid([]byte(body)) {
			t.Errorf("%s is no JSON", o.Name)
		}
		return
	}
	for dec := xml.NewDecoder(strings.NewReader(body)); ; {
		if _, err := dec.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Errorf("%s: %v", o.Name, err)
			return
		}
	}
}

func checkFeed(t *testing.T, r *Room, base string, o *outlet, feed *gofeed.Feed) {
	t.Helper()
	want := r.articles(o, base)
	if o.Fault == faultCut {
		want = want[:len(want)-1]
	}
	if feed.Title != o.Name || feed.Language != o.Language || len(feed.Items) != len(want) {
		t.Errorf("%s: title %q, language %q, %d items, want %d", o.Name, feed.Title, feed.Language, len(feed.Items), len(want))
		return
	}
	for i, it := range feed.Items {
		a := want[i]
		if it.Title != a.Title || it.Link != a.URL() || (it.GUID == "") != (o.Feed == "rss1") || it.PublishedParsed == nil || !it.PublishedParsed.Equal(a.Published) {
			t.Errorf("%s: %q, %s, %q, %s, want %q, %s, an id, %s", o.Name, it.Title, it.Link, it.GUID, it.Published, a.Title, a.URL(), a.Published)
		}
		if !o.Summary && it.Content != a.HTML() {
			t.Errorf("%s: the feed gives %d bytes of text, want %d", a.Path(), len(it.Content), len(a.HTML()))
		}
		res, page := get(t, it.Link)
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d", it.Link, res.StatusCode)
		}
		for _, p := range a.Body {
			if !strings.Contains(unescaped(page), p.Text) {
				t.Errorf("%s lacks %q", it.Link, p.Text)
			}
		}
	}
}

// unescaped undoes the escapes of html/template.
func unescaped(s string) string {
	return strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&#43;", "+", "&amp;", "&").Replace(s)
}

// TestLinks follows every link from the list of outlets on.
func TestLinks(t *testing.T) {
	r, base := open(t)
	r.Publish(2)
	link := regexp.MustCompile(`href="(/[^"]*)"`)
	seen := map[string]bool{"/": true}
	for todo := []string{"/"}; len(todo) > 0; todo = todo[1:] {
		res, body := get(t, base+todo[0])
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d", todo[0], res.StatusCode)
		}
		for _, m := range link.FindAllStringSubmatch(body, -1) {
			if !seen[m[1]] {
				seen[m[1]] = true
				todo = append(todo, m[1])
			}
		}
	}
	pages := 0
	for i := range r.outlets {
		pages += len(r.outlets[i].Items)
	}
	if want := 1 + len(r.outlets) + pages; len(seen) != want {
		t.Errorf("%d pages can be reached, want %d", len(seen), want)
	}
	if res, _ := get(t, base+"/lantern/a/none.html"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a page that is not there answers %d", res.StatusCode)
	}
}

// TestValidators: an answer is not sent twice to one who shows its validators, and is once the second edition changed it.
func TestValidators(t *testing.T) {
	r, base := open(t)
	for _, path := range []string{"/harbour-post/feed.xml", "/ridgeway-herald/feed.json", "/harbour-post/a/library.html"} {
		r.Publish(1)
		first, _ := get(t, base+path)
		etag, date := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
		for edition, want := range map[int]int{1: http.StatusNotModified, 2: http.StatusOK} {
			r.Publish(edition)
			if res, _ := get(t, base+path, "If-None-Match", etag); res.StatusCode != want {
				t.Errorf("%s in edition %d answers %d to its first ETag, want %d", path, edition, res.StatusCode, want)
			}
			if res, _ := get(t, base+path, "If-Modified-Since", date); res.StatusCode != want {
				t.Errorf("%s in edition %d answers %d to its first date, want %d", path, edition, res.StatusCode, want)
			}
		}
	}
}

// TestSecondEdition: it adds copies to standing stories, new stories, and corrects one; nothing else changes.
func TestSecondEdition(t *testing.T) {
	r := New(epoch)
	first := everything(r)
	r.Publish(2)
	added, changed := 0, []string{}
	for path, a := range everything(r) {
		before, ok := first[path]
		switch {
		case !ok:
			added++
		case before.HTML() != a.HTML():
			changed = append(changed, path)
			if !a.Updated.Equal(epoch) || a.Title != before.Title || !a.Published.Equal(before.Published) {
				t.Errorf("%s was corrected at %s", path, a.Updated)
			}
		case !a.Updated.Equal(a.Published):
			t.Errorf("%s says that it was changed", path)
		}
	}
	if want := []string{"/harbour-post/a/library.html"}; !slices.Equal(changed, want) || added != 7 {
		t.Errorf("%d items new, want 7; changed %v, want %v", added, changed, want)
	}
}

// everything maps the paths of all articles of the present edition.
func everything(r *Room) map[string]article {
	all := map[string]article{}
	for i := range r.outlets {
		for _, a := range r.articles(&r.outlets[i], "") {
			all[a.Path()] = a
		}
	}
	return all
}

// TestTimes: items lie within the 36 hours before the epoch.
func TestTimes(t *testing.T) {
	r := New(epoch)
	r.Publish(2)
	for path, a := range everything(r) {
		if a.Published.After(epoch) || a.Published.Before(epoch.Add(-36*time.Hour)) {
			t.Errorf("%s is dated %s", path, a.Published)
		}
	}
}

// TestConcurrency is for the race detector: readers meet a second edition.
func TestConcurrency(t *testing.T) {
	r := New(epoch)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, f := range r.Feeds("http://room.example") {
				r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, f.URL, nil))
			}
		})
	}
	r.Publish(2)
	wg.Wait()
}

// TestConfiguredFeeds: what Feeds names is what is served.
func TestConfiguredFeeds(t *testing.T) {
	r, base := open(t)
	feeds := r.Feeds(base)
	if len(feeds) != len(r.outlets) || len(feeds) < 10 {
		t.Errorf("%d feeds", len(feeds))
	}
	for _, f := range feeds {
		if res, _ := get(t, f.URL); res.StatusCode == http.StatusNotFound || f.Outlet == "" || f.Language == "" {
			t.Errorf("%+v answers %d", f, res.StatusCode)
		}
	}
}
