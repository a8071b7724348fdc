package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"copytaster/store"
)

// call carries out one command and gives what it printed and its error.
func call(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), args, strings.NewReader(""), &out, io.Discard)
	return out.String(), err
}

// TestResume: a feed that is gone is asked again when it is resumed, by a daemon that runs at once, without one at the next run.
func TestResume(t *testing.T) {
	t.Chdir(t.TempDir())
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusGone)
		asked <- struct{}{}
	}))
	defer server.Close()
	feed := server.URL + "/feed"
	writeConfig(t, fmt.Sprintf("listen: 127.0.0.1:0\nfetch: {allow_private: [127.0.0.0/8]}\nfeeds: [%s, {url: %s/off, enabled: false}]\n", feed, server.URL))
	if _, err := call(t, "resume", feed); err == nil || !strings.Contains(err.Error(), "no database") {
		t.Errorf("before the first run: got %v, want that there is no database", err)
	}
	_, stop := startDaemon(t)
	<-asked
	for {
		out, err := call(t, "resume", feed)
		if err == nil && strings.Contains(out, "asked again now") {
			break
		}
		if err == nil || !strings.Contains(err.Error(), "neither suspended nor gone") && !errors.Is(err, store.ErrLocked) {
			t.Fatalf("got %q, %v; want this only until the socket is there and the answer is stored", out, err)
		}
	}
	<-asked
	for { // until this answer is stored too
		if out, err := call(t, "status"); err == nil && strings.Contains(out, "gone for good") && !strings.Contains(out, "tried again") {
			break
		}
	}
	for address, want := range map[string]string{server.URL + "/off": "disabled", "http://other.example/": "no feed"} {
		if _, err := call(t, "resume", address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", address, err, want)
		}
	}
	stop()
	if out, err := call(t, "resume", feed); err != nil || !strings.Contains(out, "at the next run") {
		t.Errorf("without a daemon: got %q, %v", out, err)
	}
	_, stop = startDaemon(t)
	<-asked
	stop()
}

// TestReload: a changed file comes into force by itself, whether it is written or another takes its place, and at the command; mistakes in it are
// named, and the daemon works on.
func TestReload(t *testing.T) {
	t.Chdir(t.TempDir())
	asked := make(chan string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		w.WriteHeader(http.StatusGone)
	}))
	defer server.Close()
	write := func(name, feeds string) {
		t.Helper()
		text := "listen: 127.0.0.1:0\nfetch: {allow_private: [127.0.0.0/8]}\n" + strings.ReplaceAll(feeds, "/", server.URL+"/")
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(path string) {
		t.Helper()
		if got := <-asked; got != path {
			t.Fatalf("got a request for %s, want %s", got, path)
		}
	}
	write("copytaster.yaml", "feeds: [/one]\n")
	if _, err := call(t, "reload"); err == nil || !strings.Contains(err.Error(), "no copytaster runs") {
		t.Errorf("without a daemon: got %v", err)
	}
	_, stop := startDaemon(t)
	expect("/one")

	write("new.yaml", "feeds: [/one, /two]\n")
	if err := os.Rename("new.yaml", "copytaster.yaml"); err != nil {
		t.Fatal(err)
	}
	expect("/two")
	write("copytaster.yaml", "feeds: [/one, /two, /three]\n")
	expect("/three")
	if out, err := call(t, "reload"); err != nil || !strings.Contains(out, "reloaded copytaster.yaml: nothing changed") {
		t.Errorf("got %q, %v; want that nothing changed", out, err)
	}
	write("copytaster.yaml", "feed: [/four]\n")
	if out, err := call(t, "reload"); err == nil || !strings.Contains(err.Error(), "copytaster.yaml:3: feed: unknown key") {
		t.Errorf("with a mistake: got %q, %v", out, err)
	}
	write("copytaster.yaml", "feeds: [/two, /three, /five]\n")
	expect("/five")
	stop()
}
