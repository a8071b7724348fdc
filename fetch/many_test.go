package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"copytaster"
	"copytaster/fetch/guard"
	"copytaster/fetch/state"
)

const (
	manyFeeds = 2_000           // TestScheduleOfMany schedules so many; COPYTASTER_SCHEDULE=1000000 is the whole test
	manyHours = 2               // of virtual time
	manyPolls = 2 * time.Second // a poll takes, with its pages and the way there and back
)

// aged is a state as a feed has after a while, with 30 items of which the last came some time ago.
func aged(r *rand.Rand, now time.Time) State {
	s := State{ETag: `"5f3a-61c2"`, Success: now, Polled: now, Changed: now.Add(-time.Duration(r.ExpFloat64() * float64(24*time.Hour))), Title: "An outlet", Language: "en"}
	for range 30 {
		s.Known = append(s.Known, state.Mark{GUID: r.Uint64(), Text: r.Uint64()})
		s.Spans = append(s.Spans, r.Uint64())
	}
	return s
}

// TestScheduleOfMany schedules many feeds that others poll, of hosts with five each: no host is asked twice at a time, and no second sees many more polls than
// the mean. It says what that costs.
func TestScheduleOfMany(t *testing.T) {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("COPYTASTER_SCHEDULE"), strconv.Itoa(manyFeeds)))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 1))
		now, before := time.Now(), held()
		feeds, states := make([]copytaster.Feed, n), make(map[string]State, n)
		unchanged := state.Response{Status: http.StatusNotModified, Header: http.Header{}, Floor: 15 * time.Minute}
		for i := range feeds {
			feeds[i] = copytaster.Feed{URL: fmt.Sprintf("https://host%d.example/feed/%d", i/5, i), Every: time.Hour}
			s := aged(r, now)
			after := s.After(now, feeds[i], unchanged)
			ago := time.Duration(r.Float64() * float64(after.Next.Sub(now)))
			after.Polled, after.Next = now.Add(-ago), after.Next.Add(-ago)
			states[feeds[i].URL] = after
		}
		var mu sync.Mutex // guards what follows
		seconds, under, most, polls := map[int64]int{}, map[string]int{}, 0, 0
		c := New(Options{Workers: 1024, Floor: 15 * time.Minute, Elsewhere: func(_ context.Context, f copytaster.Feed, s State, _ time.Time) (State, error) {
			host, now := guard.Host(f.URL), time.Now()
			mu.Lock()
			polls++
			seconds[now.Unix()]++
			under[host]++
			most = max(most, under[host])
			mu.Unlock()
			time.Sleep(manyPolls)
			mu.Lock()
			defer mu.Unlock()
			if under[host]--; under[host] == 0 {
				delete(under, host)
			}
			return s.After(now, f, unchanged), nil
		}})
		var bytes int64
		time.AfterFunc(manyHours*time.Hour/2, func() { bytes = held() - before })
		ctx, cancel := context.WithTimeout(t.Context(), manyHours*time.Hour)
		defer cancel()
		if err := c.Run(ctx, feeds, states, nil, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		mean, peak := float64(polls)/(manyHours*3600), 0
		for _, k := range seconds {
			peak = max(peak, k)
		}
		t.Logf("%d feeds: %.1f polls a second, %d in the busiest; %d bytes of memory a feed; %.0f fetchers of 32 workers", n, mean, peak, bytes/int64(n), mean*manyPolls.Seconds()/32)
		if most > 1 {
			t.Errorf("%d polls of a host at once", most)
		}
		if float64(peak) > 3*mean+5 {
			t.Errorf("%d polls in the busiest second, %.1f in the mean", peak, mean)
		}
	})
}

// held is how many bytes of memory are in use.
func held() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
