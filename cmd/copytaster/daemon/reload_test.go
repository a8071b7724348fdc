package daemon

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"copytaster/config"
	"copytaster/store"
)

// common begins the configurations of the tests.
const common = "fetch: {full_text: never}\n"

// newspaper is a network on which every feed holds one item. It names each feed that is asked.
type newspaper chan string

func (n newspaper) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case n <- r.URL.Path:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	text := `<rss version="2.0"><channel><title>News</title><item><guid>1</guid><title>One</title></item></channel></rss>`
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

// working is a daemon that works on a file with the text, until the test ends. It has polled the first feed.
func working(t *testing.T, text string, log io.Writer) (*Daemon, newspaper) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "news.yaml")
	write(t, name, text)
	cfg, err := config.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(cfg.Database)
	if err != nil {
		t.Fatal(err)
	}
	net := make(newspaper)
	d := &Daemon{Config: cfg, File: name, DB: db, Now: Clock, Log: slog.New(slog.NewTextHandler(log, nil)), Level: new(slog.LevelVar), Transport: net}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, db.Close()); err != nil {
			t.Error(err)
		}
	})
	<-net
	return d, net
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestReloadSaysWhatChanged(t *testing.T) {
	d, net := working(t, common+"feeds: [https://a.example/one]\n", io.Discard)
	d.build()
	for _, c := range []struct{ text, says, asks string }{
		{common + "feeds: [https://a.example/one]\n", "nothing changed", ""},
		{common + "feeds: [https://a.example/one, https://b.example/two]\n", "1 feed added", "/two"},
		{common + "feeds: [{url: https://b.example/two, outlet: Two}, https://c.example/three]\n", "1 feed added, 1 feed removed, 1 feed changed", "/three"},
		{common + "feeds: [https://c.example/three]\nevery: 15m\nlog: {level: warn, format: json}\nlisten: 127.0.0.1:1\nmax_size: 1GiB\ndatabase: b.db\n",
			"1 feed removed, every, log; only from the next start on: database, listen, max_size, log.format", ""},
		{"feeds: [https://c.example/three, https://d.example/four]\nfetch: {workers: 3, full_text: never}\nstories: {window: 48h}\naddress: https://n.example\n" +
			"exports: [{name: late, title: Late}]\nstrip: [x]\noutlets: {A: {strip: [y]}}\nretention: 60d\nauth: {token: abcdefghijklmnop}\nids: n.example\n",
			"1 feed added, address, auth, ids, every, retention, log, fetch, strip, outlets, stories, exports", "/four"},
		{"", "nothing changed", ""},
	} {
		if c.text != "" {
			write(t, d.File, c.text)
		}
		words, err := d.Reload(t.Context())
		if err != nil || words != c.says && !strings.HasPrefix(words, c.says+";") {
			t.Errorf("%s\ngot %q, %v; want %q", c.text, words, err, c.says)
		}
		if c.asks != "" {
			if got := <-net; got != c.asks {
				t.Errorf("%s: got a request for %s, want %s", c.text, got, c.asks)
			}
		}
	}
	if d.config().Database == filepath.Join(filepath.Dir(d.File), "b.db") || d.config().Fetch.Workers != 3 {
		t.Errorf("got database %s and %d workers, want the old database and 3", d.config().Database, d.config().Fetch.Workers)
	}
	rec := httptest.NewRecorder()
	d.serveSite(rec, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/feeds/late.rss", nil))
	if rec.Code != http.StatusUnauthorized {
		t.Errorf("got %d for a page after auth was set, want %d", rec.Code, http.StatusUnauthorized)
	}
}

func TestReloadOfAWrongFileChangesNothing(t *testing.T) {
	var log bytes.Buffer
	d, _ := working(t, common+"feeds: [https://a.example/one]\n", &log)
	before := d.config()
	write(t, d.File, common+"feeds: [https://a.example/one]\nevery: often\nlisten: here\n")
	_, err := d.Reload(t.Context())
	for _, want := range []string{"running configuration stays in force", "news.yaml:3: every", "news.yaml:4: listen"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	if err := os.Remove(d.File); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reload(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: got %v, want %v", err, fs.ErrNotExist)
	}
	if d.config() != before {
		t.Error("the configuration is another")
	}
	d.File = ""
	if _, err := d.Reload(t.Context()); err == nil {
		t.Error("without a file to begin with: got no error")
	}
}

func TestHangupReloads(t *testing.T) {
	d, net := working(t, common+"feeds: [https://a.example/one]\n", io.Discard)
	write(t, d.File, common+"feeds: [https://a.example/one, https://b.example/two]\n")
	ctx, cancel := context.WithCancel(t.Context())
	hangup, ended := make(chan os.Signal), make(chan struct{})
	go func() { d.reloadAt(ctx, hangup); close(ended) }()
	hangup <- os.Interrupt // whichever: Watch asks for SIGHUP only
	if got := <-net; got != "/two" {
		t.Errorf("got a request for %s, want /two", got)
	}
	cancel()
	<-ended
}
