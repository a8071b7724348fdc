package fetch

import (
	"bytes"
	"compress/gzip"
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

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

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
	if got := New(options(nil)).agent; got != "copytaster/1.2 (+mailto:desk@example.org)" {
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

func TestRedirects(t *testing.T) {
	for _, c := range []struct {
		name      string
		hops      map[string]string
		final     string // the last address asked
		permanent string
		trouble   string // words in it
	}{
		{name: "none", final: harbour},
		{name: "one 301", hops: map[string]string{harbour: "301 /new"}, final: "http://harbour.example/new", permanent: "http://harbour.example/new"},
		{name: "one 308 to https", hops: map[string]string{harbour: "308 https://harbour.example/new"}, final: "https://harbour.example/new", permanent: "https://harbour.example/new"},
		{name: "one 302", hops: map[string]string{harbour: "302 new"}, final: "http://harbour.example/new"},
		{name: "303", hops: map[string]string{harbour: "303 new"}, final: "http://harbour.example/new"},
		{name: "301, then 307", hops: map[string]string{harbour: "301 /a", "http://harbour.example/a": "307 /b"}, final: "http://harbour.example/b", permanent: "http://harbour.example/a"},
		{name: "302, then 301", hops: map[string]string{harbour: "302 /a", "http://harbour.example/a": "301 /b"}, final: "http://harbour.example/b"},
		{name: "301, then 308", hops: map[string]string{harbour: "301 /a", "http://harbour.example/a": "308 /b"}, final: "http://harbour.example/b", permanent: "http://harbour.example/b"},
		{name: "a fragment is dropped", hops: map[string]string{harbour: "301 /a#x"}, final: "http://harbour.example/a", permanent: "http://harbour.example/a"},
		{name: "circle", hops: map[string]string{harbour: "302 /a", "http://harbour.example/a": "302 /feed"}, final: "http://harbour.example/a", trouble: "circle"},
		{name: "from https to http", hops: map[string]string{harbour: "301 https://harbour.example/a", "https://harbour.example/a": "301 http://harbour.example/b"},
			final: "https://harbour.example/a", trouble: "unprotected"},
		{name: "to a file", hops: map[string]string{harbour: "302 file:///etc/passwd"}, final: harbour, trouble: "only http and https"},
		{name: "with a password", hops: map[string]string{harbour: "302 http://me:pw@harbour.example/"}, final: harbour, trouble: "password"},
		{name: "to nowhere", hops: map[string]string{harbour: "302 "}, final: harbour, trouble: "Location"},
	} {
		var asked []string
		f := copytaster.Feed{URL: harbour}
		cl := New(options(paths(&asked, c.hops)))
		a := cl.get(t.Context(), request{url: f.URL, max: 1 << 20})
		if asked[len(asked)-1] != c.final || a.permanent != c.permanent && c.trouble == "" {
			t.Errorf("%s: asked %v, permanent %q; want the last %q, permanent %q", c.name, asked, a.permanent, c.final, c.permanent)
		}
		if got := a.trouble(State{}); (got == "") != (c.trouble == "") || !strings.Contains(got, c.trouble) {
			t.Errorf("%s: got trouble %q, want words with %q", c.name, got, c.trouble)
		}
	}
}

func TestRedirectsEndAtTen(t *testing.T) {
	n := 0
	a := New(options(func(*http.Request) *http.Response { n++; return reply(302, "", fmt.Sprintf("Location: /%d", n)) })).
		get(t.Context(), request{url: harbour, max: 1 << 20})
	if n != maxHops+1 || a.err == nil {
		t.Errorf("got %d requests and %v, want %d and an error", n, a.err, maxHops+1)
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

func TestEncodings(t *testing.T) {
	plain := rss("", 1, 2)
	for encoding, body := range map[string]string{"": plain, "identity": plain, "gzip": packed("gzip", plain), "x-gzip": packed("gzip", plain),
		"br": packed("br", plain), "zstd": packed("zstd", plain), "GZIP": packed("gzip", plain), "gzip ": plain, "zstd ": plain} {
		all := polls(t, options(func(*http.Request) *http.Response { return reply(200, body, "Content-Encoding: "+encoding) }), copytaster.Feed{URL: harbour}, 1)
		if d := all[0]; len(d.Items) != 2 || d.Wire != int64(len(body)) || d.Body != int64(len(plain)) {
			t.Errorf("%q: got %d items, %d bytes, inflated %d; want 2, %d, %d (%s)", encoding, len(d.Items), d.Wire, d.Body, len(body), len(plain), d.State.Trouble)
		}
	}
}

func packed(how, s string) string {
	var b bytes.Buffer
	var w io.WriteCloser
	switch how {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		w, _ = zstd.NewWriter(&b)
	}
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

func TestBodiesThatAreRefused(t *testing.T) {
	bomb := strings.Repeat(" ", 2<<20)
	for name, c := range map[string]struct{ encoding, body, words string }{
		"gzip bomb":          {"gzip", packed("gzip", bomb), "over the limit"},
		"br bomb":            {"br", packed("br", bomb), "over the limit"},
		"zstd bomb":          {"zstd", packed("zstd", bomb), "over the limit"},
		"plain":              {"", bomb, "over the limit"},
		"cut gzip":           {"gzip", packed("gzip", rss("", 1, 2))[:100], "cut off"},
		"unknown encoding":   {"compress", "x", "Content-Encoding"},
		"broken br":          {"br", "<rss/>", "brotli"},
		"empty":              {"", "", "empty"},
		"a web page":         {"", "<!doctype html><title>Welcome</title><p>Hello", "web page"},
		"neither this nor …": {"", "\x00\x01\x02", ""},
	} {
		o := options(func(*http.Request) *http.Response {
			return reply(200, c.body, "Content-Encoding: "+c.encoding, `Etag: "x"`)
		})
		o.MaxBody = 1 << 20
		all := polls(t, o, copytaster.Feed{URL: harbour}, 1)
		if d := all[0]; d.Outcome != Failed || !strings.Contains(d.State.Trouble, c.words) || d.State.ETag != "" || d.State.Hash != 0 {
			t.Errorf("%s: got %s, %q, validator %q; want failed with %q and none", name, d.Outcome, d.State.Trouble, d.State.ETag, c.words)
		}
	}
}

// drip gives a byte a second.
type drip struct{ ctx context.Context }

func (d drip) Read(p []byte) (int, error) {
	p[0] = ' '
	return 1, sleep(d.ctx, time.Second)
}
func (drip) Close() error { return nil }

func TestSlowOutlets(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(*http.Request) *http.Response
		words  string
		within time.Duration
	}{
		"silent":  {func(*http.Request) *http.Response { return nil }, "no answer within", headerLimit},
		"drips":   {func(r *http.Request) *http.Response { return dripping(r) }, "too slowly", slowWindow},
		"steady":  {func(r *http.Request) *http.Response { return steady(r, 10<<10) }, "not ready after", time.Minute},
		"drips 2": {func(r *http.Request) *http.Response { return steady(r, 1000) }, "too slowly", slowWindow},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := options(c.answer)
			start := time.Now()
			d, err := New(o).Poll(t.Context(), copytaster.Feed{URL: harbour}, State{})
			if took := time.Since(start); err != nil || d.Outcome != Failed || !strings.Contains(d.State.Trouble, c.words) || took > c.within {
				t.Errorf("%s: got %s, %q after %v; want %q within %v", name, d.Outcome, d.State.Trouble, took, c.words, c.within)
			}
		})
	}
}

func dripping(r *http.Request) *http.Response {
	resp := reply(200, "")
	resp.Body = drip{r.Context()}
	return resp
}

// steady gives n bytes a second, without end.
func steady(r *http.Request, n int) *http.Response {
	in, out := io.Pipe()
	go func() {
		for sleep(r.Context(), time.Second) == nil {
			if _, err := out.Write(make([]byte, n)); err != nil {
				return
			}
		}
		out.CloseWithError(r.Context().Err())
	}()
	resp := reply(200, "")
	resp.Body = in
	return resp
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
