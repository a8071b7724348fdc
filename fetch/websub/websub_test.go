package websub

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	base  = "https://news.example.org"
	feed  = "https://harbour.example/feed"
	hub   = "https://hub.example/"
	topic = "https://harbour.example/feed?format=rss"
)

// desk is a callback that knows one subscription, and what it told.
type desk struct {
	*Callback
	sub  *Subscription
	told []Notice
	err  error
}

func newDesk() *desk {
	d := &desk{}
	d.Callback = NewCallback(1000, func(_ context.Context, address string, n Notice) error {
		if address != feed {
			return errors.New("another feed")
		}
		d.told = append(d.told, n)
		return d.err
	})
	d.Move(base)
	d.sub = d.Renew(nil, hub, topic, time.Now())
	d.Add(feed, d.sub)
	return d
}

// ask has the callback answer a request.
func (d *desk) ask(method, address, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, address, strings.NewReader(body))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set("hub."+pairs[i], pairs[i+1])
	}
	return "?" + v.Encode()
}

func TestVerification(t *testing.T) {
	for _, c := range []struct {
		name, query string
		status      int
		body        string
		told        Notice
	}{
		{"subscribe", query("mode", "subscribe", "topic", topic, "challenge", "<b>x", "lease_seconds", "3600"), 200, "<b>x", Notice{Lease: time.Hour}},
		{"no lease named", query("mode", "subscribe", "topic", topic, "challenge", "x"), 200, "x", Notice{Lease: asked}},
		{"a lease without end", query("mode", "subscribe", "topic", topic, "challenge", "x", "lease_seconds", "9999999999999"), 200, "x", Notice{Lease: longest}},
		{"no challenge", query("mode", "subscribe", "topic", topic), 404, "", Notice{}},
		{"another topic", query("mode", "subscribe", "topic", topic+"2", "challenge", "x"), 404, "", Notice{}},
		{"an unsubscription that nobody asked for", query("mode", "unsubscribe", "topic", topic, "challenge", "x"), 404, "", Notice{}},
		{"denied", query("mode", "denied", "topic", topic, "reason", "full"), 200, "", Notice{Denied: "full"}},
		{"denied without a word", query("mode", "denied", "topic", topic), 200, "", Notice{Denied: "no reason given"}},
		{"nothing", "", 404, "", Notice{}},
	} {
		d := newDesk()
		w := d.ask("GET", d.sub.Callback+c.query, "")
		if w.Code != c.status || c.status == 200 && w.Body.String() != c.body {
			t.Errorf("%s: got %d %q, want %d %q", c.name, w.Code, w.Body, c.status, c.body)
		}
		if kind := w.Header().Get("Content-Type"); c.body != "" && kind != "text/plain; charset=utf-8" {
			t.Errorf("%s: the challenge is sent back as %s", c.name, kind)
		}
		c.told.Callback = d.sub.Callback
		if c.status == 200 && !reflect.DeepEqual(d.told, []Notice{c.told}) || c.status != 200 && d.told != nil {
			t.Errorf("%s: told %+v, want %+v", c.name, d.told, c.told)
		}
	}
}

func TestContent(t *testing.T) {
	d := newDesk()
	body := "<rss/>"
	sign := func(method string, with func() hash.Hash, secret string) string {
		h := hmac.New(with, []byte(secret))
		h.Write([]byte(body))
		return "X-Hub-Signature: " + method + "=" + hex.EncodeToString(h.Sum(nil))
	}
	good := sign("sha256", sha256.New, d.sub.Secret)
	for _, c := range []struct {
		name, header string
		told         bool
	}{
		{"sha1", sign("sha1", sha1.New, d.sub.Secret), true},
		{"sha256", good, true},
		{"in capitals", "X-Hub-Signature: sha256=" + strings.ToUpper(strings.TrimPrefix(good, "X-Hub-Signature: sha256=")), true},
		{"sha384", sign("sha384", sha512.New384, d.sub.Secret), true},
		{"sha512", sign("sha512", sha512.New, d.sub.Secret), true},
		{"another secret", sign("sha256", sha256.New, "guess"), false},
		{"another method", sign("sha1", sha256.New, d.sub.Secret), false},
		{"an unknown method", sign("md5", sha256.New, d.sub.Secret), false},
		{"cut short", good[:len(good)-2], false},
		{"no hexadecimal", "X-Hub-Signature: sha256=zz", false},
		{"none", "X-Other: 1", false},
	} {
		d.told = nil
		w := d.ask("POST", d.sub.Callback, body, c.header, "Content-Type: application/rss+xml")
		if w.Code != http.StatusAccepted {
			t.Errorf("%s: got %d, want %d whether it is good or not", c.name, w.Code, http.StatusAccepted)
		}
		want := []Notice{{Callback: d.sub.Callback, Body: []byte(body), Type: "application/rss+xml"}}
		if c.told && !reflect.DeepEqual(d.told, want) || !c.told && d.told != nil {
			t.Errorf("%s: told %+v, want it: %v", c.name, d.told, c.told)
		}
	}
	d.err = errors.New("stopping")
	if w := d.ask("POST", d.sub.Callback, body, good); w.Code != http.StatusServiceUnavailable {
		t.Errorf("nobody listens: got %d, want that the hub tries again", w.Code)
	}
	if w := d.ask("POST", d.sub.Callback, strings.Repeat("x", 1001)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: got %d", w.Code)
	}
	if w := d.ask("PUT", d.sub.Callback, body, good); w.Code != http.StatusNotFound {
		t.Errorf("PUT: got %d", w.Code)
	}
}

func TestUnknownSubscriptionsAreGone(t *testing.T) {
	d := newDesk()
	for name, change := range map[string]func(){
		"another address":      func() { d.Move("https://elsewhere.example") },
		"no WebSub":            func() { d.Move("") },
		"the feed was removed": func() { d.Move(base); d.Drop(feed) },
		"a new one in its place": func() {
			d.Add(feed, d.sub)
			d.Add(feed, New(base, hub, topic))
		},
	} {
		change()
		if w := d.ask("POST", d.sub.Callback, "x"); w.Code != http.StatusGone {
			t.Errorf("%s: POST got %d, want %d", name, w.Code, http.StatusGone)
		}
		if w := d.ask("GET", d.sub.Callback+query("mode", "subscribe", "topic", topic, "challenge", "x"), ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: GET got %d, want %d", name, w.Code, http.StatusNotFound)
		}
		d.Move(base)
		d.Add(feed, d.sub)
	}
	if len(d.told) > 0 {
		t.Errorf("told %+v", d.told)
	}
	var none *Callback
	if none.Holds(d.sub) || d.Holds(nil) || !d.Holds(d.sub) {
		t.Error("Holds is wrong about none")
	}
}

func TestRenewal(t *testing.T) {
	d, now := newDesk(), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := d.sub.AskedFor(now, "")
	renew := func(after time.Duration) bool { return d.Renew(s, hub, topic, now.Add(after)) != nil }
	if renew(23*time.Hour) || !renew(25*time.Hour) || s.Active(now) {
		t.Error("a hub that did not verify is to be asked once more after a day")
	}
	s = s.After(Notice{Lease: 10 * 24 * time.Hour}, now)
	if !s.Working(now) || renew(7*24*time.Hour) || !renew(8*24*time.Hour+time.Second) || s.Active(now.Add(10*24*time.Hour)) {
		t.Error("a lease of ten days is to be renewed after eight")
	}
	if rest := s.Rest(now); rest != 8*24*time.Hour {
		t.Errorf("got a rest of %v, want eight days", rest)
	}
	later := now.Add(9 * 24 * time.Hour)
	s = s.AskedFor(later, "")
	if d.Renew(s, hub, topic, later.Add(time.Hour)) != nil || s.Rest(later) != 24*time.Hour {
		t.Errorf("a renewal that was asked for is not at once again; got a rest of %v, want to the end of the lease", s.Rest(later))
	}
	if s = s.Missed(); s.Working(later) || s.Rest(later) != 0 || !s.Active(later) {
		t.Error("a hub that missed something cannot be relied on")
	}
	if s = s.After(Notice{Body: []byte("x")}, later); !s.Working(later) {
		t.Error("a hub that delivers again can be")
	}
	if s = s.After(Notice{Denied: "full"}, later); s.Active(later) || !strings.Contains(s.Trouble, "full") {
		t.Error("a hub that refuses has no subscription")
	}
	if anew := d.Renew(s, "https://other.example/", topic, now); anew == nil || anew.Callback == s.Callback || anew.Secret == s.Secret {
		t.Errorf("another hub: got %+v, want a subscription of its own", anew)
	}
	form := s.Form()
	if len(form.Get("hub.secret")) < 32 || len(form.Get("hub.secret")) >= 200 || form.Get("hub.mode") != "subscribe" || form.Get("hub.topic") != topic ||
		!strings.HasPrefix(form.Get("hub.callback"), base+"/websub/") || form.Get("hub.lease_seconds") != "864000" {
		t.Errorf("got the request %v", form)
	}
}

func TestDiscover(t *testing.T) {
	for _, c := range []struct {
		headers    []string
		hub, topic string
	}{
		{[]string{`<` + hub + `>; rel="hub", <` + topic + `>; rel=self`}, hub, topic},
		{[]string{`<` + hub + `>; title="a, b; rel=next"; rel="x HUB"`, `<` + topic + `>;rel="self"`}, hub, topic},
		{[]string{`<https://a.example/>; rel=hub`, `<https://b.example/>; rel=hub`}, "https://a.example/", ""},
		{[]string{`<style.css>; rel=preload`, `</next>; rel="next"`, `broken`, `<>`}, "", ""},
		{nil, "", ""},
	} {
		if gotHub, gotTopic := Discover(http.Header{"Link": c.headers}); gotHub != c.hub || gotTopic != c.topic {
			t.Errorf("%q: got %q and %q, want %q and %q", c.headers, gotHub, gotTopic, c.hub, c.topic)
		}
	}
}

// FuzzDiscover: what is found stands between angle brackets in the header, and nothing is found where no relation is named.
func FuzzDiscover(f *testing.F) {
	f.Add(`<https://hub.example/>; rel="hub", <https://a.example/>; rel=self`)
	f.Add(`<a>; title="<b>; rel=hub"; rel="x self`)
	f.Fuzz(func(t *testing.T, header string) {
		hub, topic := Discover(http.Header{"Link": {header}})
		for _, found := range []string{hub, topic} {
			if !strings.Contains(header, "<"+found+">") && found != "" {
				t.Errorf("%q: found %q", header, found)
			}
		}
		if !strings.Contains(strings.ToLower(header), "hub") && hub != "" {
			t.Errorf("%q: found the hub %q without the word", header, hub)
		}
	})
}
