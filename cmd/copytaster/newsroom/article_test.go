package newsroom

import (
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestCredits runs testdata/credits.tsv: how each outlet names author and agency.
func TestCredits(t *testing.T) {
	table, err := os.ReadFile("testdata/credits.tsv")
	if err != nil {
		t.Fatal(err)
	}
	all := everything(New(epoch))
	for line := range strings.Lines(string(table)) {
		row := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(row) != 4 {
			continue
		}
		a, ok := all[row[0]]
		if !ok {
			t.Errorf("%s is not there", row[0])
			continue
		}
		first, last := a.Lead(), a.Body[len(a.Body)-1].Text
		if a.Author != row[1] || !strings.HasPrefix(first, row[2]) || !strings.HasSuffix(last, row[3]) {
			t.Errorf("%s is by %q, begins %.60q, ends %q; want %q", row[0], a.Author, first, last, row[1:])
		}
	}
}

// TestTextsStay: rendering both editions changes no text that is kept.
func TestTextsStay(t *testing.T) {
	r := New(epoch)
	everything(r)
	r.Publish(2)
	everything(r)
	if !reflect.DeepEqual(r.texts, texts()) {
		t.Error("a text was changed by those who made something of it")
	}
}

// TestCut: what is cut is the beginning of the story, in whole paragraphs, and never empty.
func TestCut(t *testing.T) {
	for name, story := range texts() {
		got := cut(story.body)
		if len(got) == 0 || len(got) > len(story.body) || !slices.Equal(got, story.body[:len(got)]) {
			t.Errorf("%s is cut to %d of %d paragraphs", name, len(got), len(story.body))
		}
	}
}

// TestExtended: own paragraphs stand in the middle, with the agency's before and behind them.
func TestExtended(t *testing.T) {
	r := New(epoch)
	for _, o := range r.outlets {
		for _, it := range o.Items {
			own := r.texts[it.With].body
			if it.As != "extended" {
				continue
			}
			body := r.made(it, r.texts[it.Story].body)
			at := slices.Index(body, own[0])
			if at < 2 || at+len(own) > len(body)-2 || !slices.Equal(body[at:at+len(own)], own) {
				t.Errorf("%s in %s: own paragraphs at %d of %d", it.Story, o.Name, at, len(body))
			}
		}
	}
}

func TestParseText(t *testing.T) {
	got := parseText("Agency: dpa\nPlace: Hier\nTitle: Ein Titel: mit Punkt\n\nEins.\n\nZwei.\n")
	want := text{agency: "dpa", name: "dpa", place: "Hier", title: "Ein Titel: mit Punkt", body: []paragraph{{Text: "Eins."}, {Text: "Zwei."}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := parseText("Nur ein Absatz.\n"); !reflect.DeepEqual(got, text{body: []paragraph{{Text: "Nur ein Absatz."}}}) {
		t.Errorf("a piece without a head gives %+v", got)
	}
}

// recorded is what the room answers to one request.
func recorded(r *Room, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(method, "http://room.example"+path, nil))
	return w
}

// TestStructuredData: the pages that carry JSON-LD carry it right.
func TestStructuredData(t *testing.T) {
	r := New(epoch)
	pages := 0
	for path, a := range everything(r) {
		_, rest, ok := strings.Cut(recorded(r, http.MethodGet, path).Body.String(), `<script type="application/ld+json">`)
		if ok != (a.Outlet.Page == "structured") {
			t.Errorf("%s has JSON-LD: %v", path, ok)
		}
		if !ok {
			continue
		}
		pages++
		var data struct {
			Type     string `json:"@type"`
			Headline string
			Author   struct{ Name string }
			URL      string `json:"mainEntityOfPage"`
		}
		source, _, _ := strings.Cut(rest, "</script>")
		if err := json.Unmarshal([]byte(source), &data); err != nil {
			t.Errorf("%s: %v in %s", path, err, source)
		}
		if data.Type != "NewsArticle" || data.Headline != a.Title || data.Author.Name != a.Author || data.URL != "http://room.example"+path {
			t.Errorf("%s says %+v, want %q by %q", path, data, a.Title, a.Author)
		}
	}
	if pages < 10 {
		t.Errorf("%d pages with JSON-LD", pages)
	}
}

// TestBoxes: on the Lantern's pages the story stands between boxes, in the order that the layout gives.
func TestBoxes(t *testing.T) {
	r := New(epoch)
	for path, a := range everything(r) {
		if a.Outlet.Page != "boxes" {
			continue
		}
		page := recorded(r, http.MethodGet, path).Body.String()
		at := 0
		for _, want := range []string{"We use cookies", a.Photo.By, "supporting us with a donation", html.EscapeString(a.Body[len(a.Body)-1].Text[:20]), "never miss one", "one-time gift", "All rights reserved"} {
			i := strings.Index(page[at:], want)
			if i < 0 {
				t.Errorf("%s lacks %q behind byte %d", path, want, at)
				break
			}
			at += i
		}
	}
}

// TestTypes: content types fit the feeds' kinds, and their first bytes too.
func TestTypes(t *testing.T) {
	r := New(epoch)
	for i := range r.outlets {
		o := &r.outlets[i]
		if o.Fault == faultError || o.Fault == faultGone || o.Fault == faultMoved {
			continue
		}
		w := recorded(r, http.MethodGet, o.feedPath())
		kind := map[string][2]string{"rss": {"application/rss+xml", "<rss"}, "rss1": {"application/rdf+xml", "<rdf:RDF"}, "atom": {"application/atom+xml", "<feed"}, "json": {"application/feed+json", "{"}}[o.Feed]
		if !strings.HasPrefix(w.Header().Get("Content-Type"), kind[0]) || !strings.Contains(w.Body.String()[:min(200, w.Body.Len())], kind[1]) {
			t.Errorf("%s is %s: %.80q", o.Name, w.Header().Get("Content-Type"), w.Body)
		}
	}
}

func TestMethods(t *testing.T) {
	r := New(epoch)
	if w := recorded(r, http.MethodHead, "/lantern/feed.xml"); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD gives %d and %d bytes", w.Code, w.Body.Len())
	}
	if w := recorded(r, http.MethodPost, "/lantern/feed.xml"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST gives %d", w.Code)
	}
	for _, path := range []string{"/nobody/feed.xml", "/lantern/a/", "/lantern/feed.json", "/robots.txt"} {
		if w := recorded(r, http.MethodGet, path); w.Code != http.StatusNotFound {
			t.Errorf("%s gives %d", path, w.Code)
		}
	}
}
