package hub

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/edition"
	"copytaster/config"
)

// TestAnnounce has a hub told of the feeds that changed, once each, and of those that it could not be told of with the next news.
func TestAnnounce(t *testing.T) {
	var heard []string
	status := http.StatusAccepted
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("hub.mode") != "publish" || r.Method != http.MethodPost {
			t.Errorf("got %s %v", r.Method, r.Form)
		}
		heard = append(heard, r.Form["hub.url"]...)
		w.WriteHeader(status)
	}))
	defer server.Close()
	exports := []config.Export{{Name: "front", Formats: []string{"rss", "atom"}}, {Name: "sea", Formats: []string{"json"}}}
	stories := map[string][]copytaster.Story{"front": {{ID: "1"}}, "sea": {{ID: "1"}}}
	read := func(e config.Export) ([]copytaster.Story, error) { return stories[e.Name], nil }
	p := edition.Place{Home: "https://news.example", Hub: server.URL}
	a := New(nil)
	step := func(when string, want ...string) {
		t.Helper()
		heard = nil
		err := a.Announce(t.Context(), p, exports, read)
		if !slices.Equal(heard, want) || (err == nil) != (status < 300) {
			t.Errorf("%s: the hub heard %q, want %q; %v", when, heard, want, err)
		}
	}
	step("at first")
	step("nothing new")
	stories["sea"] = append(stories["sea"], copytaster.Story{ID: "2"})
	step("a story more", "https://news.example/feeds/sea.json")
	step("nothing new")
	stories["front"] = []copytaster.Story{{ID: "1", Updated: time.Unix(1, 0)}}
	status = http.StatusServiceUnavailable
	step("the hub is ill", "https://news.example/feeds/front.rss", "https://news.example/feeds/front.atom")
	status = http.StatusNoContent
	step("the hub is well", "https://news.example/feeds/front.rss", "https://news.example/feeds/front.atom")
	step("nothing new")
	p.Hub = ""
	stories["front"] = nil
	step("no hub")
	p.Hub = server.URL
	if err := a.Announce(t.Context(), p, exports, func(config.Export) ([]copytaster.Story, error) { return nil, errors.New("disk") }); err == nil || !strings.Contains(err.Error(), "front: disk") {
		t.Errorf("a store that fails: got %v", err)
	}
}
