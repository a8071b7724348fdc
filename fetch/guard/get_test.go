package guard

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

const harbour = "http://harbour.example/feed"

// reply makes a response; headers are "Name: value".
func reply(status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// client asks a function instead of the network; no response means that none comes.
func client(answer func(*http.Request) *http.Response) Client {
	return Client{Agent: "test/1", Timeout: time.Minute, Transport: origins(func(r *http.Request) (*http.Response, error) {
		if resp := answer(r); resp != nil {
			return resp, nil
		}
		<-r.Context().Done()
		return nil, r.Context().Err()
	})}
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
		last := ""
		a := client(func(r *http.Request) *http.Response {
			last = r.URL.String()
			status, to, ok := strings.Cut(c.hops[last], " ")
			if !ok {
				return reply(200, "feed")
			}
			code := 0
			fmt.Sscan(status, &code)
			return reply(code, "", "Location: "+to)
		}).Get(t.Context(), Request{URL: harbour, Max: 1 << 20})
		if last != c.final || a.Final != last || a.Permanent != c.permanent && c.trouble == "" {
			t.Errorf("%s: asked %v at last, permanent %q; want %q, permanent %q", c.name, last, a.Permanent, c.final, c.permanent)
		}
		if (a.Err == nil) != (c.trouble == "") || a.Err != nil && !strings.Contains(Explain(a.Err), c.trouble) {
			t.Errorf("%s: got %v, want words with %q", c.name, a.Err, c.trouble)
		}
	}
}

func TestKind(t *testing.T) {
	for kind, want := range map[string]bool{"": true, "text/html": true, "Application/XHTML+XML; charset=utf-8": true, "audio/mpeg": false, "application/pdf": false} {
		a := client(func(*http.Request) *http.Response { return reply(200, "x", "Content-Type: "+kind) }).
			Get(t.Context(), Request{URL: harbour, Max: 1 << 20, Kind: "html"})
		if got := a.Err == nil && len(a.Body) == 1; got != want {
			t.Errorf("%q: got %v, want it read: %v", kind, a.Err, want)
		}
	}
}

func TestRedirectsEndAtTen(t *testing.T) {
	n := 0
	a := client(func(*http.Request) *http.Response { n++; return reply(302, "", fmt.Sprintf("Location: /%d", n)) }).
		Get(t.Context(), Request{URL: harbour, Max: 1 << 20})
	if n != maxHops+1 || a.Err == nil {
		t.Errorf("got %d requests and %v, want %d and an error", n, a.Err, maxHops+1)
	}
}

func TestEncodings(t *testing.T) {
	plain := strings.Repeat("The ferry left the pier at noon. ", 100)
	for encoding, body := range map[string]string{"": plain, "identity": plain, "gzip": packed("gzip", plain), "x-gzip": packed("gzip", plain),
		"br": packed("br", plain), "zstd": packed("zstd", plain), "GZIP": packed("gzip", plain), "gzip ": plain, "zstd ": plain} {
		a := client(func(*http.Request) *http.Response { return reply(200, body, "Content-Encoding: "+encoding) }).
			Get(t.Context(), Request{URL: harbour, Max: int64(len(plain))})
		if a.Err != nil || string(a.Body) != plain || a.Wire != int64(len(body)) {
			t.Errorf("%q: got %v, %d bytes of %d; want %d of %d", encoding, a.Err, len(a.Body), a.Wire, len(plain), len(body))
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
	default:
		return s
	}
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

func TestBodiesThatAreRefused(t *testing.T) {
	bomb := strings.Repeat(" ", 2<<20)
	for name, c := range map[string]struct{ encoding, body, words string }{
		"gzip bomb":        {"gzip", packed("gzip", bomb), "over the limit"},
		"br bomb":          {"br", packed("br", bomb), "over the limit"},
		"zstd bomb":        {"zstd", packed("zstd", bomb), "over the limit"},
		"plain":            {"", bomb, "over the limit"},
		"cut gzip":         {"gzip", packed("gzip", "a body that is cut off")[:30], "cut off"},
		"unknown encoding": {"compress", "x", "Content-Encoding"},
		"broken br":        {"br", "<rss/>", "brotli"},
	} {
		a := client(func(*http.Request) *http.Response { return reply(200, c.body, "Content-Encoding: "+c.encoding) }).
			Get(t.Context(), Request{URL: harbour, Max: 1 << 20})
		if a.Err == nil || a.Body != nil || !strings.Contains(Explain(a.Err), c.words) {
			t.Errorf("%s: got %v, %d bytes; want words with %q and none", name, a.Err, len(a.Body), c.words)
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

// sleep waits, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

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
			start := time.Now()
			a := client(c.answer).Get(t.Context(), Request{URL: harbour, Max: 1 << 30})
			if took := time.Since(start); a.Err == nil || !strings.Contains(a.Err.Error(), c.words) || took > c.within {
				t.Errorf("%s: got %v after %v; want %q within %v", name, a.Err, took, c.words, c.within)
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

// FuzzInflate: whatever a body is said to be, no more than the limit comes out, and a plain one comes out as it is.
func FuzzInflate(f *testing.F) {
	c := Client{Spare: new(Spare)}
	for _, how := range []string{"gzip", "br", "zstd", ""} {
		f.Add(how, []byte(packed(how, "The ferry left.")))
	}
	f.Fuzz(func(t *testing.T, encoding string, body []byte) {
		const limit = 1 << 16
		wire, err := c.read(bytes.NewReader(body), int64(len(body)), limit)
		if (err == nil) != (len(body) <= limit) || err == nil && !bytes.Equal(wire.Bytes(), body) {
			t.Fatalf("got %v and %d bytes of %d", err, wire.Len(), len(body))
		}
		if err != nil {
			return
		}
		c.Spare.give(wire)
		head := min(len(body), 9)
		out, err := c.inflate(bytes.NewBuffer(slices.Clone(body[:head])), bytes.NewReader(body[head:]), encoding, limit)
		if err == nil && out.Len() > limit {
			t.Fatalf("%q: %d bytes came out", encoding, out.Len())
		}
		if encoding == "" && (err != nil || !bytes.Equal(out.Bytes(), body)) {
			t.Fatalf("plain: got %v and %q of %q", err, out, body)
		}
		if err == nil {
			c.Spare.give(out)
		}
	})
}

// A body that came before is told by the sum of its bytes as they come, and not inflated again.
func TestSame(t *testing.T) {
	for _, how := range []string{"gzip", ""} {
		c := client(func(*http.Request) *http.Response {
			return reply(200, packed(how, "The ferry left."), "Content-Encoding: "+how)
		})
		first := c.Get(t.Context(), Request{URL: harbour, Max: 1000})
		again := c.Get(t.Context(), Request{URL: harbour, Max: 1000, Sum: first.Sum})
		if string(first.Body) != "The ferry left." || first.Same || !again.Same || again.Body != nil || again.Wire != first.Wire || again.Err != nil {
			t.Errorf("%q: got %+v, then %+v", how, first, again)
		}
	}
}

func TestExplain(t *testing.T) {
	a := dialling("nowhere")
	a.Transport = Transport(nil, 2, nil)
	for url, words := range map[string]string{"http://127.0.0.1:1/": "allow_private", "gopher://x/": "only http", "http://[::1]/": "allow_private"} {
		if got := a.Get(t.Context(), Request{URL: url, Max: 1}); got.Err == nil || !strings.Contains(Explain(got.Err), words) {
			t.Errorf("%s: got %v, want %q", url, got.Err, words)
		}
	}
	if got := Explain(fmt.Errorf("dial: %w", context.DeadlineExceeded)); got != "no answer in time" {
		t.Errorf("got %q", got)
	}
}

// A form keeps its method and what it says over a redirect that promises so, and goes nowhere over any other.
func TestForm(t *testing.T) {
	for status, follows := range map[int]bool{301: false, 302: false, 303: false, 307: true, 308: true} {
		var sent []string
		a := client(func(r *http.Request) *http.Response {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			sent = append(sent, fmt.Sprint(r.Method, " ", r.URL.Path, " ", string(body), " ", r.ContentLength))
			if r.URL.Path == "/feed" {
				return reply(status, "", "Location: /new")
			}
			return reply(202, "")
		}).Get(t.Context(), Request{URL: harbour, Form: url.Values{"a": {"b c"}}, Max: 1000})
		want := []string{"POST /feed a=b+c 5"}
		if follows {
			want = append(want, "POST /new a=b+c 5")
		}
		if !slices.Equal(sent, want) || (a.Err == nil) != follows {
			t.Errorf("%d: sent %q, %v; want %q", status, sent, a.Err, want)
		}
	}
}

// Of a body that blows up no more is read than shows it.
func TestBomb(t *testing.T) {
	bomb := packed("gzip", strings.Repeat("\x00", 96<<20))
	rest := strings.NewReader(bomb)
	a := client(func(*http.Request) *http.Response {
		resp := reply(200, "", "Content-Encoding: gzip")
		resp.Body = io.NopCloser(rest)
		return resp
	}).Get(t.Context(), Request{URL: harbour, Max: 1 << 20})
	if a.Err == nil || !strings.Contains(a.Err.Error(), "fetch.max_body") || rest.Len() < len(bomb)/2 {
		t.Errorf("got %v, %d of %d bytes left", a.Err, rest.Len(), len(bomb))
	}
}
