package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
		if err == nil || !strings.Contains(err.Error(), "neither suspended nor gone") { // until the answer is stored
			t.Fatalf("got %q, %v", out, err)
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
