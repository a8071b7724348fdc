package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/export"
	"copytaster/web/view"

	"golang.org/x/net/html"
)

// readStories gives the stories of a file that the export package's tests use too.
func readStories(t testing.TB, name string) (list []copytaster.Story) {
	t.Helper()
	data, err := os.ReadFile("../export/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// source is a Source over a fixed list; the id "old" leads to the first story, "fault" to an error.
func source(list []copytaster.Story) Source {
	stories := func(q view.Query) ([]copytaster.Story, error) {
		if slices.Contains(q.Words, "fault") {
			return nil, errors.New("the disk is full of secrets")
		}
		q.Filter.Words = q.Words
		out := slices.DeleteFunc(slices.Clone(list), func(s copytaster.Story) bool { return len(s.Items) == 0 || !q.Filter.Match(s) })
		out = out[min(q.Offset, len(out)):]
		return out[:min(q.Limit, len(out))], nil
	}
	return Source{
		Version: "test",
		Stories: stories,
		Brief:   stories,
		Story: func(id string) (copytaster.Story, bool, error) {
			if id == "fault" {
				return copytaster.Story{}, false, errors.New("the disk is full of secrets")
			}
			if id == "old" {
				return list[0], true, nil
			}
			i := slices.IndexFunc(list, func(s copytaster.Story) bool { return s.ID == id })
			if i < 0 {
				return copytaster.Story{}, false, nil
			}
			return list[i], true, nil
		},
		Export: func(name, format string, day time.Time) (export.Channel, []copytaster.Story, bool, error) {
			c := export.Channel{Title: "Front", Host: "news.example", Hub: "https://hub.example/", Self: "http://127.0.0.1:7777/feeds/front." + format}
			if day.IsZero() {
				return c, list, name == "front", nil
			}
			c.Self, c.Current = "http://127.0.0.1:7777/feeds/front/"+day.Format(time.DateOnly)+"."+format, c.Self
			return c, list, name == "front" && day.Year() == 2026, nil
		},
		Exports: func() []ExportEntry {
			return []ExportEntry{{Name: "front", Title: "Front page", Formats: []string{"rss", "atom", "json"}}}
		},
		Feeds: func() []view.Feed {
			return []view.Feed{
				{URL: "https://a.example/rss", Outlet: "A", Words: "well", OK: true, Items: 3, Tags: []string{"coast"}},
				{URL: "https://b.example/rss", Words: "answers with <script>alert(1)</script>"},
				{URL: "https://c.example/rss", Outlet: "C", Disabled: true, Words: "off"},
			}
		},
		Learned: func(outlet string) ([]string, error) {
			if outlet == "fault" {
				return nil, errors.New("the disk is full of secrets")
			}
			return []string{"Sign up <b>now</b> for the harbour's letter"}, nil
		},
		Folds: func(int) ([]view.FoldEntry, error) {
			return []view.FoldEntry{{Time: time.Date(2026, 3, 4, 7, 0, 0, 0, time.UTC), Story: "5d1f0c8a9b3e7742", Title: "Ferries stop", Outlet: "B", With: "A", Rule: "contained", Shared: 120, Contained: 83, Contains: 40}}, nil
		},
		Revision: func() uint64 { return 1 },
	}
}

func site0(t testing.TB) http.Handler {
	return New(source(readStories(t, "front.json")), Options{Base: "http://127.0.0.1:7777", Host: "news.example"})
}

// ask sends a request to the handler; headers come in pairs.
func ask(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.Host, r.RemoteAddr = "localhost:7777", "127.0.0.1:1234"
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPages(t *testing.T) {
	h := site0(t)
	for _, c := range []struct {
		path   string
		status int
		want   string
	}{
		{"/", 200, "Ferries stop as crews &amp; owners quarrel"},
		{"/?agency=AFP", 200, "Ferries stop"},
		{"/?agency=Nobody", 200, "No story matches"},
		{"/?sort=largest&page=7", 200, "Newer"},
		{"/?sort=largest&page=7", 200, "There are not so many stories"},
		{"/?q=fault", 500, "The fault is on our side"},
		{"/story/5d1f0c8a9b3e7742", 200, "What was stripped, and why"},
		{"/story/5d1f0c8a9b3e7742", 200, "Keeps 83 %, cuts 17 %"},
		{"/story/5d1f0c8a9b3e7742", 200, "+ 50 min"},
		{"/story/5d1f0c8a9b3e7742?beside=a1", 200, "<ins>Die Fähren stehen still.</ins>"},
		{"/story/77aa00bb11cc22dd", 200, "<b>すべて</b>"},
		{"/story/none", 404, "no story of that name"},
		{"/story/fault", 500, "The fault is on our side"},
		{"/outlets", 200, "Harbour Courier"},
		{"/outlet?name=Harbour+Courier", 200, "Sign up &lt;b&gt;now"},
		{"/outlet?name=Nobody", 404, "no outlet of that name"},
		{"/outlet", 404, "no outlet of that name"},
		{"/outlet?name=fault", 500, "The fault is on our side"},
		{"/agencies", 200, "Who carries whom"},
		{"/status", 200, "Copies recognised last"},
		{"/status", 200, "answers with &lt;script&gt;"},
		{"/feeds", 200, "JSON Feed 1.1"},
		{"/nowhere", 404, "no page at this address"},
		{"/feeds/other.rss", 404, "no feed of that name"},
		{"/feeds/front/2026-03-04.atom", 200, "<fh:archive>"},
		{"/feeds/front/2026-03-04.rss", 200, `rel="current"`},
		{"/feeds/front/2025-03-04.rss", 404, "no feed of that name"},
		{"/feeds/front/yesterday.rss", 404, "no feed of that name"},
		{"/feeds/front/0001-01-01.rss", 404, "no feed of that name"},
		{"/feeds/other/2026-03-04.rss", 404, "no feed of that name"},
		{"/feeds/front", 404, "no feed of that name"},
		{"/feeds/front.doc", 404, "no feed of that name"},
		{"/feeds/front.rss?since=yesterday", 400, "since is not a time"},
		{"/sources.opml", 200, "<opml"},
		{"/?agency=AFP", 200, `href="/stories.atom?agency=AFP"`},
		{"/stories.rss", 200, "<guid"},
		{"/stories.atom?agency=AFP", 200, "http://127.0.0.1:7777/stories.atom?agency=AFP"},
		{"/stories.json?agency=Nobody", 200, `"items":[]`},
		{"/stories.json?q=fault", 500, "The fault is on our side"},
		{"/healthz", 200, "ok\n"},
	} {
		w := ask(h, "GET", c.path)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("GET %s: got %d, want %d with %q in\n%.1500s", c.path, w.Code, c.status, c.want, w.Body)
		}
		if strings.Contains(w.Body.String(), "secrets") {
			t.Errorf("GET %s: tells the reader an inner error", c.path)
		}
	}
	if w := ask(h, "GET", "/story/old"); w.Code != 301 || w.Header().Get("Location") != "/story/5d1f0c8a9b3e7742" {
		t.Errorf("a merged story: got %d to %q", w.Code, w.Header().Get("Location"))
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		if w := ask(h, method, "/"); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s /: got %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
}

// TestHarmless holds every page over hostile stories to the rule that nothing fetched comes out as markup of its own.
func TestHarmless(t *testing.T) {
	list := readStories(t, "hostile.json")
	h := New(source(list), Options{})
	paths := []string{"/", "/?page=2", "/outlets", "/agencies", "/status", "/feeds", "/outlet?name=A", "/?q=" + "%3Cscript%3E%22onx="}
	for _, s := range list {
		if s.ID != "" {
			paths = append(paths, "/story/"+strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s.ID, " ", "%20"), "/", "%2F"), "<", "%3C"))
		}
	}
	for _, p := range paths {
		w := ask(h, "GET", p)
		if w.Code == 500 {
			t.Errorf("GET %s: got 500", p)
		}
		doc, err := html.Parse(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode {
				harmless(t, p, n)
			}
		}
	}
}

func harmless(t *testing.T, where string, n *html.Node) {
	t.Helper()
	if slices.Contains([]string{"script", "style", "iframe", "object", "embed", "img", "base", "textarea", "math"}, n.Data) {
		t.Errorf("%s: has a <%s>", where, n.Data)
	}
	for _, a := range n.Attr {
		v := strings.ToLower(strings.TrimSpace(a.Val))
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(v, "javascript:") || strings.HasPrefix(v, "data:") {
			t.Errorf("%s: <%s> has %s=%q", where, n.Data, a.Key, a.Val)
		}
		outside := strings.HasPrefix(v, "//") || strings.HasPrefix(v, "http:") || strings.HasPrefix(v, "https:")
		if (a.Key == "src" || n.Data == "link" && a.Key == "href") && outside {
			t.Errorf("%s: <%s> loads %q", where, n.Data, a.Val)
		}
	}
}

func TestHeaders(t *testing.T) {
	h := site0(t)
	for _, p := range []string{"/", "/feeds/front.rss", "/nowhere", "/healthz"} {
		got := ask(h, "GET", p).Header()
		csp := got.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || got.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("GET %s: got headers %v", p, got)
		}
	}
	// The style sheet and the icon that a page names are there, and may be kept.
	doc := ask(h, "GET", "/").Body.String()
	for _, name := range []string{"style.css", "icon.svg"} {
		end := strings.Index(doc, name)
		path := doc[strings.LastIndexByte(doc[:end], '"')+1 : end+len(name)]
		if w := ask(h, "GET", path); w.Code != 200 || w.Body.Len() == 0 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("GET %s: got %d, %v", path, w.Code, w.Header())
		}
	}
}

func TestHosts(t *testing.T) {
	h := New(source(nil), Options{Base: "https://news.example/", Hosts: []string{"Desk.Example"}})
	for host, ok := range map[string]bool{
		"localhost": true, "localhost:7777": true, "LOCALHOST.:1": true, "a.localhost": true, "127.0.0.1:80": true, "127.9.9.9": true, "[::1]:7777": true, "[::1]": true,
		"news.example": true, "news.example:443": true, "desk.example": true,
		"evil.example": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false, "": false, "10.0.0.1": false, "0.0.0.0": false, "notlocalhost": false, "news.example.evil": false,
	} {
		r := httptest.NewRequest("GET", "/healthz", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Code == 200; got != ok {
			t.Errorf("Host %q: got %d, want answered=%v", host, w.Code, ok)
		}
	}
}

func TestLocalAddress(t *testing.T) {
	srv := httptest.NewServer(New(source(nil), Options{}))
	defer srv.Close()
	resp, err := http.Get(srv.URL + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "ok\n" {
		t.Errorf("over the network: got %q, %v", body, err)
	}
}

func TestHealth(t *testing.T) {
	src := source(nil)
	src.Health = func() error { return errors.New("store: closed") }
	if w := ask(New(src, Options{}), "GET", "/healthz"); w.Code != 503 || w.Body.String() != "store: closed\n" {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
}

// TestEmpty shows that a new installation, without anything yet, has all its pages.
func TestEmpty(t *testing.T) {
	h := New(Source{
		Brief: func(view.Query) ([]copytaster.Story, error) { return nil, nil },
		Story: func(string) (copytaster.Story, bool, error) { return copytaster.Story{}, false, nil },
	}, Options{})
	for _, p := range []string{"/", "/outlets", "/agencies", "/status", "/feeds", "/sources.opml", "/healthz"} {
		if w := ask(h, "GET", p); w.Code != 200 {
			t.Errorf("GET %s: got %d\n%s", p, w.Code, w.Body)
		}
	}
	if w := ask(h, "GET", "/feeds/front.rss"); w.Code != 404 {
		t.Errorf("a feed: got %d", w.Code)
	}
}

func TestServerHasBounds(t *testing.T) {
	s := Server(http.NotFoundHandler())
	for _, d := range []time.Duration{s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout} {
		if d <= 0 || d > 5*time.Minute {
			t.Errorf("got a timeout of %v", d)
		}
	}
	if s.MaxHeaderBytes == 0 {
		t.Error("headers have no bound")
	}
}
