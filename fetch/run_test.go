package fetch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"copytaster"
	"copytaster/fetch/guard"
)

// ledger keeps what is delivered, as a store would.
type ledger struct {
	sync.Mutex // guards all below
	states     map[string]State
	polled     map[string][]time.Time
	outcomes   map[Outcome]int
	items      int
}

func newLedger() *ledger {
	return &ledger{states: map[string]State{}, polled: map[string][]time.Time{}, outcomes: map[Outcome]int{}}
}

func (l *ledger) deliver(d Delivery) error {
	l.Lock()
	defer l.Unlock()
	l.states[d.Feed] = d.State
	l.polled[d.Feed] = append(l.polled[d.Feed], time.Now())
	l.outcomes[d.Outcome]++
	l.items += len(d.Items)
	return nil
}

// times are when the feed's polls were delivered.
func (l *ledger) times(feed string) []time.Time {
	l.Lock()
	defer l.Unlock()
	return slices.Clone(l.polled[feed])
}

// sums are what was delivered so far.
func (l *ledger) sums() (items int, outcomes map[Outcome]int) {
	l.Lock()
	defer l.Unlock()
	return l.items, maps.Clone(l.outcomes)
}

// state is the feed's, as it was last delivered.
func (l *ledger) state(feed string) State {
	l.Lock()
	defer l.Unlock()
	return l.states[feed]
}

// next is when the feed is due.
func (l *ledger) next(feed string) time.Time { return l.state(feed).Next }

// busy is an origin that answers after a latency, counts the requests under way at each host and can be told which hosts hang.
type busy struct {
	sync.Mutex // guards the counts
	now, most  map[string]int
	all, peak  int
	latency    time.Duration
	news       bool // an item every five hours
	hangs      func(host string) bool
}

func (b *busy) RoundTrip(r *http.Request) (*http.Response, error) {
	host := r.URL.Host
	b.Lock()
	if b.now == nil {
		b.now, b.most = map[string]int{}, map[string]int{}
	}
	b.now[host]++
	b.all++
	b.most[host], b.peak = max(b.most[host], b.now[host]), max(b.peak, b.all)
	b.Unlock()
	defer func() {
		b.Lock()
		b.now[host]--
		b.all--
		b.Unlock()
	}()
	if b.hangs != nil && b.hangs(host) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if err := sleep(r.Context(), b.latency); err != nil {
		return nil, err
	}
	edition := 1
	if b.news {
		edition = int(time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) / (5 * time.Hour))
	}
	etag := strconv.Itoa(edition)
	if r.Header.Get("If-None-Match") == etag {
		return reply(304, ""), nil
	}
	return reply(200, bulletin("", 1, []int{edition}), "Etag: "+etag), nil
}

// subscribed are n feeds, spread over so many hosts.
func subscribed(n, hosts int, every time.Duration) (feeds []copytaster.Feed) {
	for i := range n {
		feeds = append(feeds, copytaster.Feed{URL: fmt.Sprintf("http://h%d.example/f%d", i%hosts, i), Every: every})
	}
	return feeds
}

func clientOf(rt http.RoundTripper, workers int) *Client {
	return New(Options{Transport: rt, Workers: workers, Floor: 15 * time.Minute, FullText: copytaster.FullTextNever})
}

func TestRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, l := &busy{latency: 100 * time.Millisecond}, newLedger()
		feeds := append(subscribed(60, 6, time.Hour), copytaster.Feed{URL: "http://off.example/", Disabled: true})
		c, start := clientOf(b, 4), time.Now()
		if err := c.Round(t.Context(), feeds, nil, l.deliver); err != nil || len(l.states) != 60 || l.outcomes[Fresh] != 60 {
			t.Fatalf("got %v, %d feeds, %v; want 60 with news", err, len(l.states), l.outcomes)
		}
		if b.peak != 4 || slices.Max(slices.Collect(maps.Values(b.most))) != 1 {
			t.Errorf("got %d requests at once, by host %v; want 4, 1 each", b.peak, b.most)
		}
		if took := time.Since(start); took > 1700*time.Millisecond {
			t.Errorf("60 polls of 100 ms by 4 workers took %v, want about 1.5 s", took)
		}
		if err := c.Round(t.Context(), feeds, l.states, l.deliver); err != nil || l.outcomes[NotModified] != 0 {
			t.Errorf("a second round at once: got %v, %v; want nothing due", err, l.outcomes)
		}
		time.Sleep(3 * time.Hour)
		if err := c.Round(t.Context(), feeds, l.states, l.deliver); err != nil || l.outcomes[NotModified] != 60 {
			t.Errorf("a round three hours later: got %v, %v; want 60 not modified", err, l.outcomes)
		}
	})
}

func TestRoundEndsWithDeliver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("disk full")
		n := 0
		var mu sync.Mutex
		err := clientOf(&busy{latency: time.Second}, 2).Round(t.Context(), subscribed(20, 20, time.Hour), nil, func(Delivery) error {
			mu.Lock()
			defer mu.Unlock()
			if n++; n > 4 {
				return full
			}
			return nil
		})
		if !errors.Is(err, full) || n > 7 {
			t.Errorf("got %v after %d deliveries, want %v after 5 and what was under way", err, n, full)
		}
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		b := &busy{hangs: func(string) bool { return true }}
		err := clientOf(b, 2).Run(ctx, subscribed(50, 50, time.Hour), nil, nil, newLedger().deliver)
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != time.Minute || b.all != 0 {
			t.Errorf("got %v after %v with %d requests under way, want the context's end at once and none", err, took, b.all)
		}
	})
}

// A thousand outlets that time out together do not keep a thousand others waiting: they give up their places.
func TestHangingOutletsStarveNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, l := &busy{latency: 200 * time.Millisecond, hangs: func(host string) bool { return host[1]%2 == 0 && len(host) == len("h0000.example") }}, newLedger()
		var feeds []copytaster.Feed
		for i := range 2000 {
			feeds = append(feeds, copytaster.Feed{URL: fmt.Sprintf("http://h%d%03d.example/feed", i%2, i/2), Every: time.Hour})
		}
		start := time.Now()
		if err := clientOf(b, 64).Round(t.Context(), feeds, nil, l.deliver); err != nil {
			t.Fatal(err)
		}
		last := time.Duration(0)
		for url, at := range l.polled {
			if l.states[url].Failures == 0 {
				last = max(last, at[0].Sub(start))
			}
		}
		t.Logf("the last healthy feed was polled after %v, all after %v, %d requests at once", last, time.Since(start), b.peak)
		if last > 25*time.Second || l.outcomes[Failed] != 1000 || l.outcomes[Fresh] != 1000 {
			t.Errorf("got %v, the last healthy one after %v; want 1,000 of each, within 25 s", l.outcomes, last)
		}
	})
}

// When most outlets hang from one moment on, the others are polled when they are due: as late as before, which is what keeps polls apart.
func TestAnOutageDelaysNoHealthyFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var outage atomic.Bool
		b, l := &busy{latency: 200 * time.Millisecond, hangs: func(host string) bool { return outage.Load() && host < "h5" }}, newLedger()
		feeds := subscribed(2000, 2000, time.Hour)
		restarted(t, b, feeds, l, 3*time.Hour)
		usual := l.latest(t, b, feeds)
		outage.Store(true)
		worst := l.latest(t, b, feeds)
		failing := 0
		for _, s := range l.states {
			failing += min(s.Failures, 1)
		}
		t.Logf("%d of 2,000 feeds hang for 3 h: a healthy one is at most %v late, %v before", failing, worst, usual)
		if worst > usual+2*time.Second || failing < 1000 {
			t.Errorf("a healthy feed was %v late while %d hang, %v before; want the same, with 1,000 or more", worst, failing, usual)
		}
	})
}

// latest runs the feeds for 3 hours and gives how long after its time the latest of the polls came that ended well.
func (l *ledger) latest(t *testing.T, rt http.RoundTripper, feeds []copytaster.Feed) (worst time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
	defer cancel()
	err := clientOf(rt, 64).Run(ctx, feeds, maps.Clone(l.states), nil, func(d Delivery) error {
		due := l.next(d.Feed)
		if d.State.Failures == 0 {
			l.Lock()
			worst = max(worst, time.Since(due))
			l.Unlock()
		}
		return l.deliver(d)
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	return worst
}

// When no name can be looked up for two days no outlet is to blame: nothing is suspended, status says what it is, and within an hour and
// a quarter after names are back every feed has been asked.
func TestNamesAreGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, l, feeds := &busy{news: true}, newLedger(), subscribed(500, 500, 30*time.Minute)
		gone := time.Now().Add(6 * time.Hour)
		back := gone.Add(48 * time.Hour)
		net := transport(func(r *http.Request) (*http.Response, error) {
			if now := time.Now(); now.After(gone) && now.Before(back) {
				return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", Name: r.URL.Host, IsTemporary: true}}
			}
			return b.RoundTrip(r)
		})
		restarted(t, net, feeds, l, 53*time.Hour)
		s := l.states[feeds[7].URL]
		if words := s.Words(time.Now()); !strings.Contains(words, "the name h7.example cannot be looked up") || !strings.Contains(words, "failing since") || !strings.Contains(words, "tried again") || s.Stopped() {
			t.Errorf("status says %q", words)
		}
		time.Sleep(time.Until(back))
		restarted(t, net, feeds, l, 75*time.Minute)
		for _, f := range feeds {
			if s := l.states[f.URL]; s.Failures > 0 || s.Success.Before(back) {
				t.Errorf("%s: %s", f.URL, s.Words(time.Now()))
			}
		}
	})
}

// transport is a function that answers requests.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Outlets that failed last time come after the others.
func TestHealthyFeedsComeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, l := &busy{latency: 200 * time.Millisecond, hangs: func(host string) bool { return host < "h5" }}, newLedger()
		feeds, states := subscribed(1000, 1000, time.Hour), map[string]State{}
		for _, f := range feeds {
			states[f.URL] = State{Failures: 1, Next: time.Now().Add(-time.Minute)}
			if !b.hangs(guard.Host(f.URL)) {
				states[f.URL] = State{Next: time.Now()}
			}
		}
		start := time.Now()
		if err := clientOf(b, 64).Round(t.Context(), feeds, states, l.deliver); err != nil {
			t.Fatal(err)
		}
		for url, at := range l.polled {
			if took := at[0].Sub(start); l.states[url].Failures == 0 && took > 3*time.Second {
				t.Fatalf("%s waited %v behind feeds that failed before", url, took)
			}
		}
	})
}

// restarted runs the feeds for a while, over the states of the ledger.
func restarted(t *testing.T, rt http.RoundTripper, feeds []copytaster.Feed, l *ledger, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := clientOf(rt, 64).Run(ctx, feeds, maps.Clone(l.states), nil, l.deliver); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

// minutes counts the polls of every minute since start.
func (l *ledger) minutes(start time.Time) (count map[int]int) {
	count = map[int]int{}
	for _, polls := range l.polled {
		for _, at := range polls {
			count[int(at.Sub(start)/time.Minute)]++
		}
	}
	return count
}

func TestRestartIsNoRushHour(t *testing.T) {
	for _, away := range []time.Duration{time.Second, 20 * time.Minute, 9 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			b, l, feeds := &busy{latency: 100 * time.Millisecond, news: true}, newLedger(), subscribed(1000, 700, time.Hour)
			restarted(t, b, feeds, l, 6*time.Hour)
			time.Sleep(away)
			clear(l.polled)
			start := time.Now()
			restarted(t, b, feeds, l, 3*time.Hour)
			count := l.minutes(start)
			total := 0
			for _, n := range count {
				total += n
			}
			mean, most := float64(total)/180, slices.Max(slices.Collect(maps.Values(count)))
			t.Logf("away %v: %d polls in 3 h, a minute %.1f, at most %d", away, total, mean, most)
			if float64(most) > 2*mean || len(l.polled) != len(feeds) {
				t.Errorf("away %v: at most %d polls in a minute with a mean of %.1f, %d feeds polled; want twice the mean at most, all", away, most, mean, len(l.polled))
			}
		})
	}
}

func TestChangesTouchOnlyWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, l, feeds := &busy{latency: 100 * time.Millisecond}, newLedger(), subscribed(6, 6, time.Hour)
		changes := make(chan Change)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- clientOf(b, 4).Run(ctx, feeds[:4], nil, changes, l.deliver) }()
		time.Sleep(time.Minute)
		due := l.next(feeds[2].URL)
		changes <- Change{Feeds: feeds[2:]} // without the first two, with two new ones
		time.Sleep(time.Minute)
		if len(l.times(feeds[4].URL)) != 1 || len(l.times(feeds[2].URL)) != 1 {
			t.Error("after the change: want the new feeds polled at once and the others not again")
		}
		time.Sleep(5 * time.Hour)
		if n := len(l.times(feeds[0].URL)); n != 1 {
			t.Errorf("a removed feed was polled %d times, want once", n)
		}
		if at := l.times(feeds[2].URL); len(at) < 4 || at[1].Sub(due) > time.Second {
			t.Errorf("a feed that stayed was polled at %v, want as if nothing had happened, at %v", at, due)
		}
		changes <- Change{Feeds: feeds}
		time.Sleep(time.Minute)
		if n := len(l.times(feeds[0].URL)); n != 2 {
			t.Errorf("a feed that came back was polled %d times, want once more", n)
		}
		cancel()
		<-done
		if l.outcomes[Fresh] != 6 {
			t.Errorf("got %v, want 6 with news: the feed that came back had its validators", l.outcomes)
		}
	})
}

// Feeds that are to be asked more often are so from now on, not only after the wait that they are in, and the new client knows who wants a rest.
func TestChangeOfOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, l, feeds := &busy{news: true}, newLedger(), subscribed(3, 3, 0)
		feeds[1].Every = 20 * time.Hour
		opt := Options{Transport: b, Floor: 15 * time.Minute, FullText: copytaster.FullTextNever, Every: 20 * time.Hour}
		c, changes := New(opt), make(chan Change)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- c.Run(ctx, feeds, nil, changes, l.deliver) }()
		time.Sleep(2 * time.Hour)
		opt.Every = time.Hour
		c.hold(feeds[2].URL, time.Now().Add(4*time.Hour))
		changes <- Change{Client: c.With(opt), Feeds: feeds}
		time.Sleep(3 * time.Hour)
		often, seldom := len(l.times(feeds[0].URL)), len(l.times(feeds[1].URL))
		_, outcomes := l.sums()
		if held := outcomes[Held]; often < 3 || seldom != 1 || held == 0 {
			t.Errorf("got %d polls in 5 hours, want 3; %d of the feed that names its own wait, want 1; %d of a host that wants a rest put off, want 1 or more", often, seldom, held)
		}
		cancel()
		<-done
	})
}

// A feed that was suspended or is gone is left alone over changes of the list, and asked at once when it is resumed.
func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, l, feeds := &busy{}, newLedger(), subscribed(3, 3, time.Hour)
		states := map[string]State{feeds[0].URL: {Suspended: true}, feeds[1].URL: {Gone: true}}
		changes := make(chan Change)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- clientOf(b, 4).Run(ctx, feeds, states, changes, l.deliver) }()
		changes <- Change{Feeds: feeds}
		time.Sleep(30 * time.Hour)
		if a, b, c := len(l.times(feeds[0].URL)), len(l.times(feeds[1].URL)), len(l.times(feeds[2].URL)); a+b > 0 || c < 10 {
			t.Errorf("got %d, %d and %d polls, want none of the two that are stopped", a, b, c)
		}
		for _, url := range []string{feeds[0].URL, feeds[1].URL, feeds[2].URL, "http://unknown.example/"} {
			changes <- Change{Resume: url}
			before := len(l.times(url))
			time.Sleep(time.Second)
			if got, want := len(l.times(url))-before, states[url].Stopped(); (got == 1) != want || got > 1 {
				t.Errorf("%s: got %d polls after it was resumed, want one if it was stopped: %v", url, got, want)
			}
		}
		time.Sleep(30 * time.Hour)
		if n := len(l.times(feeds[1].URL)); n < 10 {
			t.Errorf("a feed that was resumed was polled %d times in 30 hours, want as often as any", n)
		}
		cancel()
		<-done
	})
}

// A clock that jumps back by a year stops nobody: feeds are asked on as if it had not.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var jump atomic.Int64
		l := newLedger()
		c := New(Options{Transport: &busy{latency: time.Second, news: true}, FullText: copytaster.FullTextNever, Floor: 15 * time.Minute,
			Now: func() time.Time { return time.Now().Add(time.Duration(jump.Load())) }})
		ctx, cancel := context.WithTimeout(t.Context(), 12*time.Hour)
		defer cancel()
		time.AfterFunc(6*time.Hour, func() { jump.Store(int64(-365 * 24 * time.Hour)) })
		c.Run(ctx, subscribed(20, 20, time.Hour), nil, nil, l.deliver)
		for url, at := range l.polled {
			for i := 1; i < len(at); i++ {
				if gap := at[i].Sub(at[i-1]); gap < time.Hour || gap > 4*time.Hour {
					t.Errorf("%s was asked again after %v", url, gap)
				}
			}
			if last := at[len(at)-1]; time.Since(last) > 3*time.Hour {
				t.Errorf("%s was not asked for %v", url, time.Since(last))
			}
		}
	})
}

// TestPolledElsewhere: what polls instead gets each feed when it is due, as it stands, with the rest that its host wants; one of a host at a time.
func TestPolledElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // guards what follows
		under, polls := map[string]int{}, 0
		resting := time.Now().Add(time.Hour)
		c := New(Options{Workers: 100, Floor: 15 * time.Minute, Elsewhere: func(_ context.Context, f copytaster.Feed, s State, rest time.Time) (State, error) {
			host := guard.Host(f.URL)
			mu.Lock()
			defer mu.Unlock()
			if polls++; under[host] > 0 || f.Every != time.Hour {
				t.Errorf("%s: %d others of its host under way, every %v", f.URL, under[host], f.Every)
			}
			if polls > 6 && !rest.Equal(resting) {
				t.Errorf("%s: got rest until %v, want %v", f.URL, rest, resting)
			}
			under[host]++
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			under[host]--
			s.Polled, s.Next, s.Hold = time.Now(), time.Now().Add(time.Hour), resting
			return s, nil
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Minute)
		defer cancel()
		deliver := func(Delivery) error { t.Error("delivered twice"); return nil }
		if err := c.Run(ctx, subscribed(12, 6, time.Hour), nil, nil, deliver); !errors.Is(err, context.DeadlineExceeded) || polls != 36 {
			t.Errorf("got %v and %d polls, want 36 in 2 hours and a half", err, polls)
		}
	})
}
