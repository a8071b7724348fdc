package relay_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"copytaster"
	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/ingest"
	"copytaster/cmd/copytaster/newsroom"
	"copytaster/cmd/copytaster/relay"
	"copytaster/cmd/copytaster/relay/fetcher"
	"copytaster/cmd/copytaster/relay/rig"
	"copytaster/config"
	"copytaster/fetch"
	"copytaster/store"
)

const (
	life     = time.Second     // the length of leases in these tests
	patience = 3 * time.Minute // for anything: NATS may take 20 s to agree after a cut, and more on a machine that is busy
)

// press is the newsroom with a host for each outlet. It notes how many requests each host has under way.
type press struct {
	room    *newsroom.Room
	latency time.Duration

	mu      sync.Mutex // guards what follows
	now     map[string]int
	most    int
	changed chan struct{} // closed when a feed is asked
}

func newPress(latency time.Duration) *press {
	return &press{room: newsroom.New(time.Now()), latency: latency, now: map[string]int{}, changed: make(chan struct{})}
}

// RoundTrip answers as the outlet of the host does.
func (p *press) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.now[r.URL.Host]++
	p.most = max(p.most, p.now[r.URL.Host])
	if strings.Contains(r.URL.Path, "/feed.") {
		close(p.changed)
		p.changed = make(chan struct{})
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.now[r.URL.Host]--
		p.mu.Unlock()
	}()
	select {
	case <-time.After(p.latency):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return p.answer(r)
}

// answer is what the outlet says, whoever else is asking it.
func (p *press) answer(r *http.Request) (*http.Response, error) {
	w, in := httptest.NewRecorder(), r.Clone(r.Context())
	in.Host, in.RequestURI, in.URL = r.URL.Host, r.URL.Path, &url.URL{Path: r.URL.Path}
	p.room.ServeHTTP(w, in)
	a := w.Result()
	a.Request = r
	return a, nil
}

// trip is a function as a transport.
type trip func(*http.Request) (*http.Response, error)

// RoundTrip calls it.
func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// feeds are the newsroom's, each on a host of its own.
func (p *press) feeds() []copytaster.Feed {
	feeds := p.room.Feeds("http://newsroom.localhost")
	for i, f := range feeds {
		slug, _, _ := strings.Cut(strings.TrimPrefix(f.URL, "http://newsroom.localhost/"), "/")
		feeds[i].URL = strings.Replace(f.URL, "newsroom", slug, 1)
	}
	return feeds
}

// await waits until n more requests for feeds have come.
func (p *press) await(t *testing.T, n int) {
	t.Helper()
	end := time.After(patience)
	for range n {
		p.mu.Lock()
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-end:
			t.Fatal("nobody polls")
		}
	}
}

// want are the guids' paths of all items that the press shows in its present editions, by feed, as a client that knows nothing is given them.
func (p *press) want(t *testing.T) map[string]bool {
	t.Helper()
	want := map[string]bool{}
	c := fetch.New(fetch.Options{Transport: trip(p.answer), FullText: copytaster.FullTextNever})
	for _, f := range p.feeds() {
		d, err := c.Poll(t.Context(), f, fetch.State{})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range d.Items {
			want[it.Feed+" "+it.GUID] = true
		}
	}
	return want
}

// program is a daemon or a fetcher that runs.
type program struct {
	t    *testing.T
	name string
	line *rig.Line
	logs *rig.Output // shown if the test fails
	db   *store.DB   // of a daemon
	end  context.CancelFunc
	done chan error
}

// log is a logger of the program.
func (p *program) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(io.Writer(p.logs), nil))
}

func launch(t *testing.T, name string, line *rig.Line, run func(ctx context.Context, p *program) error) *program {
	ctx, cancel := context.WithCancel(t.Context())
	p := &program{t: t, name: name, line: line, logs: &rig.Output{}, end: cancel, done: make(chan error, 1)}
	go func() { p.done <- run(ctx, p) }()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("--- %s\n%s", name, p.logs)
		}
	})
	return p
}

// stop ends the program and waits for that.
func (p *program) stop() {
	p.end()
	if err, running := <-p.done; running {
		if err != nil && !errors.Is(err, context.Canceled) {
			p.t.Errorf("%s ended with %v", p.name, err)
		}
		close(p.done)
	}
}

// kill cuts the program off and ends it: for all others it is dead from one moment to the next.
func (p *program) kill() {
	p.line.Cut(true)
	p.stop()
}

// await waits until the program's log has the words.
func (p *program) await(words string) {
	p.t.Helper()
	for end := time.Now().Add(patience); p.logs.Count(words) == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("%s did not say %q", p.name, words)
		}
	}
}

// startDaemon starts one on the database file, which it makes if there is none.
func startDaemon(t *testing.T, name, file string, cluster *rig.Cluster, feeds []copytaster.Feed) *program {
	t.Helper()
	cfg, err := config.Parse([]byte("feeds: [https://a.example/f]"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	line := cluster.Line()
	cfg.NATS = config.NATS{URL: line.URL(), Stream: "t", MaxSize: 64 << 20}
	cfg.Database, cfg.Feeds, cfg.Every, cfg.Floor = file, feeds, time.Second, 0 // no rule of our own making
	p := launch(t, name, line, func(ctx context.Context, p *program) error {
		d := &daemon.Daemon{Config: cfg, DB: db, Log: p.log(), Now: daemon.Clock, Version: "test", Lease: life}
		return errors.Join(d.Run(ctx), db.Close())
	})
	p.db = db
	return p
}

func startFetcher(t *testing.T, name string, cluster *rig.Cluster, p http.RoundTripper, workers int) *program {
	line := cluster.Line()
	return launch(t, name, line, func(ctx context.Context, prog *program) error {
		r, err := relay.Open(ctx, relay.Options{URL: line.URL(), Stream: "t", Lease: life, Name: name, Log: prog.log()})
		if err != nil {
			return err
		}
		defer r.Close()
		if err := r.Find(ctx); err != nil {
			return err
		}
		f := fetcher.New(fetcher.Options{Relay: r, Workers: workers, Log: prog.log(), Poll: fetch.Options{Transport: p, Boilerplate: daemon.Boilerplate}})
		g, ctx := errgroup.WithContext(ctx)
		g.Go(func() error { return r.Roles().Run(ctx) })
		g.Go(func() error { return f.Run(ctx) })
		return g.Wait()
	})
}

// holdings are the story of each item of a database, by feed and guid. None is there twice.
func holdings(t *testing.T, db *store.DB) map[string]string {
	t.Helper()
	has := map[string]string{}
	if err := db.View(func(tx *store.Tx) error {
		for it, err := range tx.Items(time.Time{}) {
			if err != nil {
				return err
			}
			key := it.Feed + " " + it.GUID
			if has[key] != "" {
				t.Errorf("%s is there twice", key)
			}
			has[key] = tx.StoryOf(it.ID)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return has
}

// awaitItems waits until the database holds all that is wanted.
func (p *program) awaitItems(want map[string]bool) map[string]string {
	p.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		has := holdings(p.t, p.db)
		missing := slices.DeleteFunc(slices.Sorted(maps.Keys(want)), func(k string) bool { return has[k] != "" })
		if len(missing) == 0 {
			return has
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s: %d items are missing, such as %s", p.name, len(missing), missing[0])
		}
	}
}

// replay stores the whole stream in a new database, as a single machine would that got the same deliveries.
func replay(t *testing.T, cluster *rig.Cluster, feeds []copytaster.Feed, until uint64) map[string]string {
	t.Helper()
	db, err := store.Open(filepath.Join(t.TempDir(), "replay.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := relay.Open(t.Context(), relay.Options{URL: cluster.Line().URL(), Stream: "t", MaxSize: 64 << 20, Lease: life})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Join(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	f, in, done := r.NewFollower(db), make(chan ingest.Delivery), errors.New("done")
	var g errgroup.Group
	g.Go(func() error {
		return ingest.New(db, ingest.Options{}).Run(context.Background(), in, func(ingest.Result) { f.Stored() })
	})
	err = f.Run(t.Context(), func(a relay.Arrival) error {
		if err := a.Send(t.Context(), in); err != nil {
			return err
		}
		if a.Last && a.Sequence >= until {
			return done
		}
		return nil
	})
	close(in)
	if err := g.Wait(); err != nil || !errors.Is(err, done) && err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, done) {
		t.Fatal(err)
	}
	return holdings(t, db)
}

func sequence(t *testing.T, db *store.DB) (n uint64) {
	t.Helper()
	if err := db.View(func(tx *store.Tx) error { n = tx.Sequence(); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestCluster is a life of two daemons and two fetchers on a cluster of three NATS servers, in which each of them dies once or is cut off.
func TestCluster(t *testing.T) {
	t.Parallel() // it waits most of the time
	cluster, p, dir := rig.Start(t, 3), newPress(20*time.Millisecond), t.TempDir()
	feeds := p.feeds()
	a := startDaemon(t, "a", filepath.Join(dir, "a.db"), cluster, feeds)
	a.await("leads")
	b := startDaemon(t, "b", filepath.Join(dir, "b.db"), cluster, feeds)
	one, two := startFetcher(t, "one", cluster, p, 8), startFetcher(t, "two", cluster, p, 8)
	a.awaitItems(p.want(t))
	b.awaitItems(p.want(t))

	p.room.Publish(2)
	want := p.want(t)
	p.await(t, 1)
	one.kill() // in the middle of a poll
	three := startFetcher(t, "three", cluster, p, 8)
	a.awaitItems(want)

	cluster.Kill(1)
	p.await(t, 10)
	cluster.Revive(1)
	a.line.Cut(true) // goes on by itself, and must not lead
	b.await("leads")
	p.await(t, 10)
	a.line.Cut(false)
	a.await("leads no more")
	two.line.Cut(true)
	two.await("given up")
	two.line.Cut(false)
	cluster.Part(0, 2, true) // each of them finds that the other is dead, and the third that neither is
	p.await(t, 3)
	cluster.Part(0, 2, false)
	p.await(t, 10)

	b.awaitItems(want)
	a.awaitItems(want)
	three.stop()
	two.stop()
	n := sequence(t, b.db)
	for sequence(t, a.db) < n {
		time.Sleep(10 * time.Millisecond)
	}
	hasA, hasB := holdings(t, a.db), holdings(t, b.db)
	if !maps.Equal(hasA, hasB) {
		t.Errorf("a has %v\nb has %v", hasA, hasB)
	}
	if single := replay(t, cluster, feeds, n); !maps.Equal(single, hasB) {
		t.Errorf("a single machine has %v\nthe cluster %v", single, hasB)
	}
	if p.most > 1 {
		t.Errorf("%d requests at once for a host", p.most)
	}
	t.Logf("%d messages, %d items", n, len(hasA))
}
