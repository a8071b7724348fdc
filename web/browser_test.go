package web

import (
	"context"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestBrowser opens every page in a real Chromium and wants its heading there and the console silent: no script, no refused style,
// nothing missing. Without a browser it is skipped.
func TestBrowser(t *testing.T) {
	browser := findBrowser()
	if browser == "" || testing.Short() {
		t.Skip("no Chromium here, or -short")
	}
	srv := httptest.NewServer(New(source(readStories(t, "front.json")), Options{}))
	defer srv.Close()
	for path, want := range map[string]string{
		"/":                                 "Ferries stop as crews",
		"/?sort=largest":                    "Carried by most outlets",
		"/story/5d1f0c8a9b3e7742":           "3 versions at 3 outlets",
		"/story/5d1f0c8a9b3e7742?beside=a1": "Side by side",
		"/story/77aa00bb11cc22dd":           "One version",
		"/outlets":                          "how long after the first",
		"/agencies":                         "Who carries whom",
		"/outlet?name=Harbour+Courier":      "How fast it is",
		"/status":                           "items are stored",
		"/feeds":                            "JSON Feed 1.1",
	} {
		out, console := open(t, browser, srv.URL+path)
		if !strings.Contains(out, want) {
			t.Errorf("%s: %q is not there in\n%.1500s", path, want, out)
		}
		if console != "" {
			t.Errorf("%s: the console says %s", path, console)
		}
	}
}

// findBrowser gives the name of an installed Chromium, empty if there is none.
func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// open gives the page as the browser made it, and what went to its console.
func open(t *testing.T, browser, address string) (dom, console string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--enable-logging=stderr", "--user-data-dir="+t.TempDir(), "--dump-dom", address)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", address, err, stderr.String())
	}
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(line, "CONSOLE") {
			console += line
		}
	}
	return stdout.String(), console
}
