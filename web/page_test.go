package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"copytaster"
	"copytaster/export"
	"copytaster/web/view"

	"golang.org/x/net/html"
)

// noon is a time of the tests.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// paths are all the pages there are over the stories of front.json.
func paths() []string {
	return []string{"/", "/?sort=largest&agency=AFP&page=2", "/?agency=Nobody", "/story/5d1f0c8a9b3e7742", "/story/5d1f0c8a9b3e7742?beside=a1", "/story/77aa00bb11cc22dd", "/outlets", "/agencies", "/outlet?name=Harbour+Courier", "/status", "/feeds", "/nowhere"}
}

// find gives the elements of the names in document order.
func find(doc *html.Node, names ...string) (list []*html.Node) {
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(names, n.Data) {
			list = append(list, n)
		}
	}
	return list
}

// attr is the attribute's value, "" if there is none.
func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// inner is all text in the node.
func inner(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// TestAccessible holds every page to what assistive software needs of its markup: a title, one main part and one main heading, headings
// that skip no level, names on links, fields and buttons, ids that are there once, and a way past the navigation that comes first.
func TestAccessible(t *testing.T) {
	h := site0(t)
	for _, path := range paths() {
		doc, err := html.Parse(ask(h, "GET", path).Body)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(find(doc, "main")); n != 1 || len(find(doc, "h1")) != 1 || inner(find(doc, "title")[0]) == "" || attr(find(doc, "html")[0], "lang") == "" {
			t.Errorf("%s: has %d main parts, %d main headings, or no title or language", path, n, len(find(doc, "h1")))
		}
		checkHeadings(t, path, doc)
		checkNames(t, path, doc)
		if first := find(doc, "a")[0]; attr(first, "href") != "#main" {
			t.Errorf("%s: the first link is %q, want the one past the navigation", path, inner(first))
		}
	}
}

func checkHeadings(t *testing.T, path string, doc *html.Node) {
	t.Helper()
	level := 0
	for _, n := range find(doc, "h1", "h2", "h3", "h4") {
		next := int(n.Data[1] - '0')
		if next > level+1 || inner(n) == "" {
			t.Errorf("%s: <%s> %q follows level %d", path, n.Data, inner(n), level)
		}
		level = next
	}
}

func checkNames(t *testing.T, path string, doc *html.Node) {
	t.Helper()
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("%s: id %q is there twice", path, id)
			}
			ids[id] = true
		}
	}
	for _, n := range find(doc, "a", "button", "summary") {
		if inner(n) == "" {
			t.Errorf("%s: a <%s> without text", path, n.Data)
		}
		if target, ok := strings.CutPrefix(attr(n, "href"), "#"); ok && !ids[target] {
			t.Errorf("%s: a link to #%s, which is not there", path, target)
		}
	}
	for _, n := range find(doc, "input", "select") {
		if p := n.Parent; p.Data != "label" || inner(find(p, "span")[0]) == "" {
			t.Errorf("%s: field %q without a label", path, attr(n, "name"))
		}
	}
	for _, n := range find(doc, "svg") {
		if attr(n, "aria-hidden") != "true" {
			t.Errorf("%s: a picture that is neither named nor hidden", path)
		}
	}
}

// TestLinks follows every link of every page that stays here.
func TestLinks(t *testing.T) {
	h := site0(t)
	seen := map[string]bool{}
	for _, path := range paths() {
		doc, err := html.Parse(ask(h, "GET", path).Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range find(doc, "a", "link") {
			to := attr(n, "href")
			if !strings.HasPrefix(to, "/") || seen[to] {
				continue
			}
			seen[to] = true
			if w := ask(h, "GET", to); w.Code != http.StatusOK {
				t.Errorf("%s links to %s: got %d", path, to, w.Code)
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("followed %d links only", len(seen))
	}
}

// TestPageValidators shows that a page that has not changed is not sent again, and goes out compressed to who takes that.
func TestPageValidators(t *testing.T) {
	h := site0(t)
	for _, path := range paths()[:11] {
		plain := ask(h, "GET", path)
		if w := ask(h, "GET", path, "If-None-Match", plain.Header().Get("ETag")); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("%s again: got %d, %d bytes", path, w.Code, w.Body.Len())
		}
		size := plain.Body.Len()
		zipped := ask(h, "GET", path, "Accept-Encoding", "gzip")
		if got := zipped.Body.Len(); got >= size {
			t.Errorf("%s: got %d bytes compressed, %d plain", path, got, size)
		}
		if unzip(t, zipped.Body) != plain.Body.String() {
			t.Errorf("%s: compressed it is another page", path)
		}
		if w := ask(h, "HEAD", path); w.Code != http.StatusOK || w.Body.Len() != 0 {
			t.Errorf("HEAD %s: got %d, %d bytes", path, w.Code, w.Body.Len())
		}
	}
}

// TestSizes shows that no page grows with what outlets send: monstrous titles, thousands of outlets, versions and feeds.
func TestSizes(t *testing.T) {
	huge := strings.Repeat("Monstrous ", 100_000)
	var list []copytaster.Story
	for i := range 500 {
		s := copytaster.Story{ID: fmt.Sprint(i), Published: noon}
		for j := range 20 {
			s.Items = append(s.Items, copytaster.Item{ID: fmt.Sprint(i, j), Outlet: fmt.Sprint("Outlet ", i*20+j), Title: huge, Published: noon, Blocks: []copytaster.Block{{Text: huge, Kept: true}}})
		}
		s.Items[0].Outlet = huge
		list = append(list, s)
	}
	src := source(list)
	src.Feeds = func() []view.Feed { return make([]view.Feed, 20_000) }
	h := New(src, Options{})
	for path, most := range map[string]int{"/": 100_000, "/status": 500_000, "/outlets": 500_000} {
		if w := ask(h, "GET", path); w.Code != http.StatusOK || w.Body.Len() > most {
			t.Errorf("%s: got %d, %d bytes, want %d at most", path, w.Code, w.Body.Len(), most)
		}
	}
	versions := copytaster.Story{ID: "s", Published: noon}
	for i := range 5_000 {
		versions.Items = append(versions.Items, copytaster.Item{ID: fmt.Sprint(i), Outlet: fmt.Sprint("Outlet ", i), Published: noon})
	}
	if p := view.NewStory(versions, view.Asked{}); len(p.Versions) != view.MaxVersions || p.More != 4_800 || p.Count != 5_000 {
		t.Errorf("got %d versions, %d more of %d", len(p.Versions), p.More, p.Count)
	}
}

// TestFormKeepsChoice shows that the form names what is asked for even if it is not among what it offers.
func TestFormKeepsChoice(t *testing.T) {
	doc, err := html.Parse(ask(site0(t), "GET", "/?outlet=Elsewhere&agency=AFP&language=fr").Body)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, n := range find(doc, "select") {
		for _, o := range find(n, "option") {
			if slices.ContainsFunc(o.Attr, func(a html.Attribute) bool { return a.Key == "selected" }) {
				got[attr(n, "name")] = inner(o)
			}
		}
	}
	if got["outlet"] != "Elsewhere" || got["agency"] != "AFP" || got["language"] != "fr" || got["tag"] != "" {
		t.Errorf("got %v", got)
	}
}

// TestFaults shows a failing source as a page that says so, never as half a page or a panic.
func TestFaults(t *testing.T) {
	src := source(readStories(t, "front.json"))
	src.Brief = func(view.Query) ([]copytaster.Story, error) { return nil, errors.New("the disk is full of secrets") }
	src.Stories = src.Brief
	h := New(src, Options{})
	for _, path := range []string{"/", "/outlets", "/stories.atom"} {
		if w := ask(h, "GET", path); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secrets") || !strings.Contains(w.Body.String(), "</html>") {
			t.Errorf("%s: got %d\n%.500s", path, w.Code, w.Body)
		}
	}
	calls := 0
	src.Brief = func(view.Query) ([]copytaster.Story, error) {
		if calls++; calls%2 == 0 {
			return nil, errors.New("the choices")
		}
		return nil, nil
	}
	if w := ask(New(src, Options{}), "GET", "/"); w.Code != http.StatusInternalServerError {
		t.Errorf("without choices: got %d", w.Code)
	}
}

func TestMetrics(t *testing.T) {
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "polls 1\n") })
	if w := ask(New(source(nil), Options{Metrics: metrics}), "GET", "/metrics"); w.Body.String() != "polls 1\n" {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
	if w := ask(New(source(nil), Options{}), "GET", "/metrics"); w.Code != http.StatusNotFound {
		t.Errorf("without metrics: got %d", w.Code)
	}
}

// TestManyClients has 200 clients read over the network while the stories change under them.
func TestManyClients(t *testing.T) {
	var revision atomic.Uint64
	src := source(readStories(t, "front.json"))
	src.Revision = func() uint64 { return revision.Add(1) / 50 }
	srv := httptest.NewServer(New(src, Options{}))
	defer srv.Close()
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			path := []string{"/", "/story/5d1f0c8a9b3e7742", "/feeds/front.rss", "/feeds/front.json", "/outlets"}[i%5]
			resp, err := http.Get(srv.URL + path)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK || len(body) < 500 {
				t.Errorf("%s: got %d, %d bytes, %v", path, resp.StatusCode, len(body), err)
			}
		})
	}
	wg.Wait()
}

// TestViewsStandApart shows that the feeds of two views are two feeds, and that a story has one id in all of them.
func TestViewsStandApart(t *testing.T) {
	h := New(source(readStories(t, "front.json")), Options{Host: "news.example"})
	all, some := ask(h, "GET", "/stories.atom").Body.String(), ask(h, "GET", "/stories.atom?agency=AFP").Body.String()
	id := func(doc string) string {
		_, rest, _ := strings.Cut(doc, "<id>")
		id, _, _ := strings.Cut(rest, "</id>")
		return id
	}
	if id(all) == id(some) || !strings.HasPrefix(id(all), "tag:news.example,") {
		t.Errorf("got ids %s and %s", id(all), id(some))
	}
	const story = "<id>tag:news.example,2026:story/5d1f0c8a9b3e7742</id>"
	exported := ask(h, "GET", "/feeds/front.atom").Body.String()
	for _, doc := range []string{all, some, exported} {
		if !strings.Contains(doc, story) {
			t.Errorf("%s is not in\n%.500s", story, doc)
		}
	}
}

func TestHubLink(t *testing.T) {
	f, _ := formatOf("atom")
	s := &site{}
	for hub, want := range map[string]string{"": "", "https://hub.example/": `<https://hub.example/>; rel="hub", <https://a.example/f>; rel="self"`, "https://hub.example/>\r\nX: y": ""} {
		out, err := s.write(f, export.Channel{Hub: hub, Self: "https://a.example/f"}, nil)
		if err != nil || out.link != want {
			t.Errorf("hub %q: got %q, %v; want %q", hub, out.link, err, want)
		}
	}
}
