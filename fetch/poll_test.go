package fetch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"copytaster"
)

// loopback is a Client that may connect to this machine.
func loopback() *Client {
	return New(Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, FullText: copytaster.FullTextNever})
}

func TestHeaderOverTheWire(t *testing.T) {
	var got []http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header)
		w.Header().Set("Set-Cookie", "id=1")
		w.Header().Set("ETag", `W/"x  y"`)
		w.Header().Set("Last-Modified", "a day in spring")
		io.WriteString(w, rss("", 1))
	}))
	defer srv.Close()
	c, s := loopback(), State{}
	for range 2 {
		d, err := c.Poll(t.Context(), copytaster.Feed{URL: srv.URL + "/feed?id=7"}, s)
		if err != nil || d.Outcome == Failed {
			t.Fatal(err, d.State.Trouble)
		}
		s = d.State
	}
	want := map[string]string{"If-None-Match": `W/"x  y"`, "If-Modified-Since": "a day in spring", "A-Im": "feed", "Accept-Encoding": "gzip, br, zstd",
		"User-Agent": "copytaster/0", "Cookie": "", "Referer": "", "Accept": feedTypes}
	for name, v := range want {
		if g := got[1].Get(name); g != v {
			t.Errorf("%s: got %q, want %q", name, g, v)
		}
	}
	for _, name := range []string{"If-None-Match", "If-Modified-Since", "A-Im"} {
		if v := got[0].Get(name); v != "" {
			t.Errorf("first request: got %s %q, want none", name, v)
		}
	}
}

func TestAgentNamesContact(t *testing.T) {
	if got := New(options(nil)).guard.Agent; got != "copytaster/1.2 (+mailto:desk@example.org)" {
		t.Errorf("got %q", got)
	}
}

// paths is an origin whose answers hang on the path: a status and a Location, or a feed.
func paths(asked *[]string, hops map[string]string) origin {
	return func(r *http.Request) *http.Response {
		*asked = append(*asked, r.URL.String())
		status, to, ok := strings.Cut(hops[r.URL.String()], " ")
		if !ok {
			return reply(200, rss("", 1), `Etag: "`+r.URL.Path+`"`)
		}
		code := 0
		fmt.Sscan(status, &code)
		return reply(code, "", "Location: "+to)
	}
}

func TestMovedFeedIsFollowedForGood(t *testing.T) {
	var asked []string
	hops := map[string]string{harbour: "301 /new", "http://harbour.example/new": "302 /today"}
	all := polls(t, options(paths(&asked, hops)), copytaster.Feed{URL: harbour, Every: 13 * time.Hour}, 5)
	if got := all[4].State.Address; got != "http://harbour.example/new" {
		t.Errorf("got address %q, want the permanent hop alone", got)
	}
	if n := len(slices.DeleteFunc(asked, func(a string) bool { return a != harbour })); n != 3 {
		t.Errorf("the old address was asked %d times, want 3: at first, after 13 hours, after a day", n)
	}
}

func TestValidatorsGoToNoOtherAddress(t *testing.T) {
	var sent []string
	all := polls(t, options(func(r *http.Request) *http.Response {
		sent = append(sent, r.URL.Path+" "+r.Header.Get("If-None-Match"))
		if r.URL.Path == "/feed" {
			return reply(302, "", "Location: /today")
		}
		return reply(200, rss("", 1), `Etag: "t"`)
	}), copytaster.Feed{URL: harbour}, 2)
	want := []string{"/feed ", "/today ", "/feed ", `/today "t"`}
	if !slices.Equal(sent, want) || all[1].Outcome != Unchanged {
		t.Errorf("got %q, want %q", sent, want)
	}
}

func TestAnswersThatAreNoFeed(t *testing.T) {
	for body, words := range map[string]string{"": "empty", "<!doctype html><title>Welcome</title><p>Hello": "web page", "\x00\x01\x02": "",
		strings.Repeat(" ", 2<<20): "over the limit"} {
		o := options(func(*http.Request) *http.Response { return reply(200, body, `Etag: "x"`) })
		o.MaxBody = 1 << 20
		d := polls(t, o, copytaster.Feed{URL: harbour}, 1)[0]
		if d.Outcome != Failed || !strings.Contains(d.State.Trouble, words) || d.State.ETag != "" || d.State.Hash != 0 {
			t.Errorf("%.20q: got %s, %q, validator %q; want failed with %q and none", body, d.Outcome, d.State.Trouble, d.State.ETag, words)
		}
	}
}

func TestTroubleInWords(t *testing.T) {
	for words, resp := range map[string]*http.Response{
		"Cloudflare": reply(403, "", "Cf-Mitigated: challenge"), "refuses us (403)": reply(403, ""), "refuses us (401)": reply(401, ""),
		"gone for good": reply(410, ""), "not found": reply(404, ""), "too often": reply(429, ""), "out of service": reply(503, ""),
		"418 I'm a teapot": reply(418, ""), "it answers 599": reply(599, ""), "without a Location": reply(301, ""),
		"although nothing was asked": reply(304, ""),
	} {
		d := polls(t, options(func(*http.Request) *http.Response { return resp }), copytaster.Feed{URL: harbour}, 1)[0]
		if !strings.Contains(d.State.Trouble, words) || !strings.Contains(d.State.Words(d.At), d.State.Trouble) && !d.State.Gone {
			t.Errorf("status %d: got %q, want %q in it", resp.StatusCode, d.State.Trouble, words)
		}
	}
}

func TestPollEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		before := State{ETag: `"a"`, Failures: 2}
		d, err := New(options(func(*http.Request) *http.Response { return nil })).Poll(ctx, copytaster.Feed{URL: harbour}, before)
		if err == nil || d.State.Failures != 2 {
			t.Errorf("got %v and %d failures, want an error and the state as it was", err, d.State.Failures)
		}
	})
}

// An instance manipulation brings only what is new: what was known stays known.
func TestDeltas(t *testing.T) {
	n := 0
	all := polls(t, options(func(r *http.Request) *http.Response {
		n++
		if n > 1 && (r.Header.Get("If-None-Match") != fmt.Sprintf(`"%d"`, n-1) || r.Header.Get("A-IM") != "feed") {
			t.Errorf("poll %d: got validator %s, A-IM %s", n, r.Header.Get("If-None-Match"), r.Header.Get("A-IM"))
		}
		etag := fmt.Sprintf(`Etag: "%d"`, n)
		switch n {
		case 1:
			return reply(200, rss("", 1, 2, 3), etag)
		case 4:
			return reply(200, rss("", 1, 2, 3, 102, 103), etag)
		}
		return reply(226, rss("", 100+n), etag, "Im: feed")
	}), copytaster.Feed{URL: harbour}, 4)
	for i, want := range []int{3, 1, 1, 0} {
		if got := len(all[i].Items); got != want {
			t.Errorf("poll %d: got %d items, want %d", i+1, got, want)
		}
	}
}

func TestCaught(t *testing.T) {
	if err := caught(func() error { panic("index out of range") }); err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("got %v, want the panic as an error", err)
	}
	if err := caught(func() error { return nil }); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}
