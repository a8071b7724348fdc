package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"copytaster"
)

const gif = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// TestImages passes on what a story's items name and what is a picture, and asks nobody for anything else.
func TestImages(t *testing.T) {
	items := []copytaster.Item{{ID: "a", Outlet: "A", Image: "https://a.example/a.gif"}, {ID: "b", Outlet: "B"}, {ID: "c", Outlet: "C", Image: "https://a.example/page"}, {ID: "d", Outlet: "D", Image: "https://a.example/gone"}}
	src := source([]copytaster.Story{{ID: "s", Published: noon, Items: items}})
	var asked []string
	src.Image = func(_ context.Context, address string) ([]byte, error) {
		asked = append(asked, address)
		switch address {
		case "https://a.example/a.gif":
			return []byte(gif), nil
		case "https://a.example/page":
			return []byte("<html><script>alert(1)</script>"), nil
		}
		return nil, errors.New("it answers 404")
	}
	h := New(src, Options{})
	for path, want := range map[string]int{"/story/s/image/a": 200, "/story/s/image/b": 404, "/story/s/image/c": 404, "/story/s/image/d": 404, "/story/s/image/none": 404, "/story/none/image/a": 404, "/story/fault/image/a": 500} {
		w := ask(h, "GET", path, "Accept-Encoding", "gzip")
		if w.Code != want || want != 200 && strings.Contains(w.Body.String(), "alert") {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
		if h := w.Header(); want == 200 && (h.Get("Content-Type") != "image/gif" || w.Body.String() != gif || h.Get("Content-Encoding") != "" || !strings.Contains(h.Get("Cache-Control"), "private") || h.Get("X-Content-Type-Options") != "nosniff") {
			t.Errorf("%s: got %v", path, h)
		}
	}
	if len(asked) != 3 {
		t.Errorf("asked for %q", asked)
	}
	if page := ask(h, "GET", "/story/s").Body.String(); !strings.Contains(page, `src="/story/s/image/a"`) || strings.Contains(page, "a.example/a.gif") {
		t.Errorf("the page does not show the picture, or names the outlet's address\n%s", page)
	}
	src.Image = nil
	h = New(src, Options{})
	if page := ask(h, "GET", "/story/s").Body.String(); strings.Contains(page, "<img") || !strings.Contains(page, `href="https://a.example/a.gif"`) {
		t.Errorf("without a proxy: the page does not link to the picture, or shows it\n%s", page)
	}
	if w := ask(h, "GET", "/story/s/image/a"); w.Code != http.StatusNotFound {
		t.Errorf("without a proxy: got %d", w.Code)
	}
}
