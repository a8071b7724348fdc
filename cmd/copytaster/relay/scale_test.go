package relay_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"copytaster"
	"copytaster/cmd/copytaster/ingest"
	"copytaster/cmd/copytaster/relay"
	"copytaster/cmd/copytaster/relay/rig"
	"copytaster/fetch"
	"copytaster/store"
)

// TestFourFetchers: where outlets take 200 ms to answer, four fetchers poll nearly four times as much as one. COPYTASTER_FETCHERS=1 wants 3.5 times, on a machine that has
// nothing else to do.
func TestFourFetchers(t *testing.T) {
	t.Parallel() // it waits most of the time
	const latency, workers, asked = 200 * time.Millisecond, 4, 96
	cluster := rig.Start(t, 1)
	slow := trip(func(r *http.Request) (*http.Response, error) {
		<-time.After(latency)
		body := `<rss version="2.0"><channel><title>t</title><link>http://a.example/</link><description>d</description></channel></rss>`
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/rss+xml"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	polled := make(chan struct{})
	var g errgroup.Group
	g.Go(func() error {
		return ask(ctx, t, cluster, func(ctx context.Context, l *relay.Leader) error {
			var g errgroup.Group
			for i := range asked { // always more orders than workers
				f := copytaster.Feed{URL: fmt.Sprintf("http://host%d.example/feed", i), Every: time.Hour}
				g.Go(func() (err error) {
					for s := (fetch.State{}); err == nil; {
						if s, err = l.Poll(ctx, f, s, time.Time{}); err == nil {
							polled <- struct{}{}
						}
						s.Next = time.Time{}
					}
					return err
				})
			}
			return g.Wait()
		})
	})
	took := func(n int) time.Duration {
		began := time.Now()
		for range n {
			<-polled
		}
		return time.Since(began)
	}
	startFetcher(t, "one", cluster, slow, workers)
	took(20)
	one := took(100)
	for _, name := range []string{"two", "three", "four"} {
		startFetcher(t, name, cluster, slow, workers)
	}
	took(320) // partitions pass on meanwhile, each when no order of it is being carried out
	four := took(300) / 3
	ratio := one.Seconds() / four.Seconds()
	t.Logf("%.1f polls a second by one, %.1f by four: %.2f times", 100/one.Seconds(), 100/four.Seconds(), ratio)
	least := 2.5
	if os.Getenv("COPYTASTER_FETCHERS") != "" {
		least = 3.5
	}
	if ratio < least {
		t.Errorf("four fetchers poll %.2f times what one does, want %.1f", ratio, least)
	}
	cancel()
	for ended := make(chan error, 1); ; {
		go func() { ended <- g.Wait() }()
		select {
		case <-polled:
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			return
		}
	}
}

// ask leads without a daemon.
func ask(ctx context.Context, t *testing.T, cluster *rig.Cluster, lead func(context.Context, *relay.Leader) error) error {
	db, err := store.Open(filepath.Join(t.TempDir(), "a.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	r, err := relay.Open(ctx, relay.Options{URL: cluster.Line().URL(), Stream: "t", Lease: life})
	if err != nil {
		return err
	}
	defer r.Close()
	if err := r.Join(ctx, db); err != nil {
		return err
	}
	f, in := r.NewFollower(db), make(chan ingest.Delivery)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.Roles().Run(ctx) })
	g.Go(func() error {
		return ingest.New(db, ingest.Options{}).Run(context.WithoutCancel(ctx), in, func(ingest.Result) { f.Stored() })
	})
	g.Go(func() error {
		defer close(in)
		return f.Run(ctx, func(a relay.Arrival) error { return a.Send(ctx, in) })
	})
	g.Go(func() error {
		return r.Lead(ctx, f, func(ctx context.Context, l *relay.Leader) error {
			if err := l.Settle(ctx, relay.SettingsOf(fetch.Options{}, "")); err != nil {
				return err
			}
			return lead(ctx, l)
		})
	})
	return g.Wait()
}
