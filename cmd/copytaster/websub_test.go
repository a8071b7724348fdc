package main

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"copytaster/store"
)

const pushedFeed = `<rss version="2.0"><channel><title>Harbour</title><link>http://h.example/</link>` +
	`<item><guid isPermaLink="false">%d</guid><title>Ferry %d sails</title><description>It left at noon.</description></item></channel></rss>`

// TestWebSub: a daemon whose pages want a password subscribes at the hub that a feed names, proves to it that it meant to, and takes what the hub
// pushes; who is not subscribed, or does not know the secret, gets nowhere.
func TestWebSub(t *testing.T) {
	t.Chdir(t.TempDir())
	asked := make(chan url.Values, 1)
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		asked <- r.PostForm
		w.WriteHeader(http.StatusAccepted)
	}))
	defer hub.Close()
	outlet := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "<"+hub.URL+`>; rel="hub", <http://`+r.Host+`/feed>; rel="self"`)
		fmt.Fprintf(w, pushedFeed, 1, 1)
	}))
	defer outlet.Close()
	writeConfig(t, "listen: 127.0.0.1:0\nauth: {token: a-token-of-some-length}\n"+
		"fetch: {allow_private: [127.0.0.0/8], full_text: never, callback: 'https://news.example.org/press'}\nfeeds: ["+outlet.URL+"/feed]\n")
	address, stop := startDaemon(t)
	form := <-asked
	path, ok := strings.CutPrefix(form.Get("hub.callback"), "https://news.example.org/press/")
	if !ok || form.Get("hub.mode") != "subscribe" || form.Get("hub.topic") != outlet.URL+"/feed" {
		t.Fatalf("the hub was asked %v", form)
	}
	at := address + "press/" + path
	intent := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {form.Get("hub.topic")}, "hub.challenge": {"tide"}, "hub.lease_seconds": {"86400"}}
	if status, body := exchange(t, http.MethodGet, at+"?"+intent.Encode(), "", ""); status != http.StatusOK || body != "tide" {
		t.Errorf("verification: got %d %q, want the challenge back", status, body)
	}
	for _, c := range []struct {
		name, at, secret string
		item, status     int
	}{
		{"signed", at, form.Get("hub.secret"), 2, http.StatusAccepted},
		{"signed with another secret", at, "guess", 3, http.StatusAccepted},
		{"to nobody", at[:len(at)-1] + "x", form.Get("hub.secret"), 4, http.StatusGone},
	} {
		if status, _ := exchange(t, http.MethodPost, c.at, fmt.Sprintf(pushedFeed, c.item, c.item), c.secret); status != c.status {
			t.Errorf("%s: got %d, want %d", c.name, status, c.status)
		}
	}
	for out, err := "", error(nil); err != nil || !strings.Contains(out, "its hub pushes what is new") || !strings.Contains(out, "2 items in"); {
		if out, err = call(t, "status"); err != nil && !errors.Is(err, store.ErrLocked) || t.Context().Err() != nil {
			t.Fatalf("status: got %s, %v", out, err)
		}
	}
	stop()
	out, err := call(t, "export", "--format", "jsonl")
	if err != nil || !strings.Contains(out, "Ferry 1 sails") || !strings.Contains(out, "Ferry 2 sails") || strings.Contains(out, "Ferry 3") || strings.Contains(out, "Ferry 4") {
		t.Errorf("got %s, %v; want what was polled and what was pushed with the secret", out, err)
	}
}

// exchange sends a request, signed if there is a secret.
func exchange(t *testing.T, method, address, body, secret string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if secret != "" {
		h := hmac.New(sha512.New, []byte(secret))
		h.Write([]byte(body))
		r.Header.Set("X-Hub-Signature", "sha512="+hex.EncodeToString(h.Sum(nil)))
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}
