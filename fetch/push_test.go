package fetch

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"copytaster"
	"copytaster/fetch/websub"
)

// port is an origin with a feed of ever more items, and its hub, which verifies at once and pushes when it is told to.
type port struct {
	t         *testing.T
	callback  *websub.Callback
	elsewhere bool // another client polls it

	sync.Mutex // guards all below
	newest     int
	asked      []time.Time // for the feed
	requests   []url.Values
	refuses    int // status of the hub
	lease      time.Duration
}

func (p *port) RoundTrip(r *http.Request) (*http.Response, error) {
	p.Lock()
	defer p.Unlock()
	if r.URL.Host != "hub.example" {
		p.asked = append(p.asked, time.Now())
		return reply(200, p.feed(), "Link: <http://hub.example/>; rel=hub", "Etag: "+strconv.Itoa(p.newest)), nil
	}
	body, err := io.ReadAll(r.Body)
	form, bad := url.ParseQuery(string(body))
	if err != nil || bad != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		p.t.Errorf("the hub got %s %q, %v, %v", r.Method, body, err, bad)
	}
	p.requests = append(p.requests, form)
	if p.refuses != 0 {
		return reply(p.refuses, ""), nil
	}
	go p.verify(form)
	return reply(202, ""), nil
}

func (p *port) feed() string {
	return rss(`<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="self" href="`+harbour+`?all"/>`, p.newest, p.newest-1, p.newest-2)
}

// verify asks whether the subscription was meant, as section 5.3 says.
func (p *port) verify(form url.Values) {
	q := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {form.Get("hub.topic")}, "hub.challenge": {"tide"}, "hub.lease_seconds": {strconv.Itoa(int(p.lease / time.Second))}}
	w := httptest.NewRecorder()
	p.callback.ServeHTTP(w, httptest.NewRequest(http.MethodGet, form.Get("hub.callback")+"?"+q.Encode(), nil))
	if w.Code != http.StatusOK || w.Body.String() != "tide" {
		p.t.Errorf("the verification got %d %q, want the challenge back", w.Code, w.Body)
	}
}

// publish brings out an item and pushes it, if the hub works.
func (p *port) publish(push bool) {
	p.Lock()
	p.newest++
	body := rss("", p.newest)
	p.Unlock()
	if push {
		p.push(body)
	}
}

// push delivers to who last asked for it.
func (p *port) push(body string) {
	p.Lock()
	form := p.requests[len(p.requests)-1]
	p.Unlock()
	h := hmac.New(sha256.New, []byte(form.Get("hub.secret")))
	h.Write([]byte(body))
	r := httptest.NewRequest(http.MethodPost, form.Get("hub.callback"), strings.NewReader(body))
	r.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(h.Sum(nil)))
	r.Header.Set("Content-Type", "application/rss+xml")
	w := httptest.NewRecorder()
	if p.callback.ServeHTTP(w, r); w.Code != http.StatusAccepted {
		p.t.Errorf("the push got %d, want %d", w.Code, http.StatusAccepted)
	}
}

// polls counts the requests for the feed since then.
func (p *port) polls(since time.Time) (n int) {
	p.Lock()
	defer p.Unlock()
	for _, at := range p.asked {
		if at.After(since) {
			n++
		}
	}
	return n
}

// run runs test beside a client that polls the port's feed every hour.
func (p *port) run(states map[string]State, test func(l *ledger)) *ledger {
	changes := make(chan Change)
	p.callback = websub.NewCallback(1<<20, func(ctx context.Context, feed string, n websub.Notice) error {
		select {
		case changes <- Change{Mail: &Mail{feed, n}}:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	p.callback.Move("http://127.0.0.1:8765")
	l := newLedger()
	ctx, cancel := context.WithCancel(p.t.Context())
	done := make(chan error)
	opt := Options{Transport: p, Floor: 15 * time.Minute, FullText: copytaster.FullTextNever, Push: p.callback}
	if p.elsewhere {
		there := opt
		there.Push = websub.NewCallback(0, nil)
		there.Push.Move("http://127.0.0.1:8765")
		other := New(there)
		opt.Elsewhere = func(ctx context.Context, f copytaster.Feed, s State, _ time.Time) (State, error) {
			d, err := other.Poll(ctx, f, s)
			if err == nil {
				err = l.deliver(d)
			}
			return d.State, err
		}
	}
	c := New(opt)
	go func() {
		done <- c.Run(ctx, []copytaster.Feed{{URL: harbour, Every: time.Hour}}, states, changes, l.deliver)
	}()
	time.Sleep(time.Minute)
	test(l)
	cancel()
	<-done
	return l
}

func TestPushedFeedIsPolledOnceADay(t *testing.T) { polledOnceADay(t, false) }

func TestPushedFeedIsPolledOnceADayElsewhere(t *testing.T) { polledOnceADay(t, true) }

func polledOnceADay(t *testing.T, elsewhere bool) {
	synctest.Test(t, func(t *testing.T) {
		p := &port{t: t, newest: 3, lease: 10 * 24 * time.Hour, elsewhere: elsewhere}
		start := time.Now()
		l := p.run(nil, func(l *ledger) {
			for range 7 * 24 {
				p.publish(true)
				time.Sleep(time.Hour)
			}
			if items, _ := l.sums(); items != 3+7*24 {
				t.Errorf("got %d items, want the 3 of the first poll and %d pushed ones, each once", items, 7*24)
			}
			if words := l.state(harbour).Words(time.Now()); !strings.Contains(words, "hub pushes") {
				t.Errorf("status: %s", words)
			}
		})
		if n := p.polls(start.Add(2 * time.Hour)); n < 5 || n > 7 || len(p.requests) != 1 {
			t.Errorf("got %d polls in a week and %d requests to the hub, want one a day and one", n, len(p.requests))
		}
		if topic := p.requests[0].Get("hub.topic"); topic != harbour+"?all" {
			t.Errorf("got the topic %s, want what the feed says of itself", topic)
		}
		p.publish(false)          // while nobody was here
		before := len(p.requests) // a restart keeps the subscription, a lease that nears its end is renewed
		p.run(l.states, func(l *ledger) {
			p.publish(true)
			time.Sleep(time.Minute)
			if items, outcomes := l.sums(); outcomes[Pushed] != 1 || items != 2 {
				t.Errorf("after a restart: got %v with %d items, want the push to be taken and what was missed to be polled", outcomes, items)
			}
			time.Sleep(2 * 24 * time.Hour)
		})
		if last := p.requests[len(p.requests)-1]; len(p.requests) != before+1 || last.Get("hub.callback") != p.requests[0].Get("hub.callback") {
			t.Errorf("after nine days: got the requests %v, want one more for the same subscription", p.requests)
		}
	})
}

// A feed whose hub worked is polled as usual from the moment on at which hubs cannot reach us any more.
func TestPollingGoesOnWithoutACallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &port{t: t, newest: 3, lease: 10 * 24 * time.Hour}
		l := p.run(nil, func(*ledger) {
			for range 30 {
				p.publish(true)
				time.Sleep(time.Hour)
			}
		})
		if wait := time.Until(l.next(harbour)); wait < 5*time.Hour {
			t.Fatalf("got the next poll in %v, want a long wait while its hub works", wait)
		}
		restarted(t, p, []copytaster.Feed{{URL: harbour, Every: time.Hour}}, l, time.Minute)
		if !time.Now().Before(l.next(harbour)) || time.Until(l.next(harbour)) > 2*time.Hour {
			t.Errorf("without a callback: got the next poll in %v, want one at once and then every hour", time.Until(l.next(harbour)))
		}
	})
}

func TestPollingGoesOnWithoutAHubThatWorks(t *testing.T) {
	for name, c := range map[string]struct {
		port   *port
		pushes bool
		words  string
	}{
		"refuses":             {&port{refuses: 403}, false, "its hub refuses"},
		"broken":              {&port{refuses: 500}, false, "500"},
		"moved":               {&port{refuses: 301}, false, "its hub cannot be asked"},
		"silent":              {&port{lease: 10 * 24 * time.Hour}, false, "well"},
		"a lease of an hour":  {&port{lease: time.Hour}, true, "well"},
		"a lease of a moment": {&port{lease: time.Second}, true, "well"},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := c.port
			p.t, p.newest = t, 3
			start := time.Now()
			p.run(nil, func(l *ledger) {
				for range 48 {
					time.Sleep(time.Hour)
					p.publish(c.pushes)
				}
				if n := p.polls(start); n < 40 {
					t.Errorf("%s: got %d polls in two days, want as if there were no hub", name, n)
				}
				if items, _ := l.sums(); items < 48 {
					t.Errorf("%s: got %d items, want all 50", name, items)
				}
				if words := l.state(harbour).Words(time.Now()); !strings.Contains(words, c.words) {
					t.Errorf("%s: status %q, want %q in it", name, words, c.words)
				}
			})
			if p.refuses != 0 && len(p.requests) > 3 {
				t.Errorf("%s: the hub was asked %d times in two days, want once a day", name, len(p.requests))
			}
		})
	}
}

// What cannot be read, is of another subscription, or comes in a flood neither fails the feed nor loses what follows.
func TestBadPushesHarmNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &port{t: t, newest: 3, lease: 24 * time.Hour}
		p.run(nil, func(l *ledger) {
			p.push("a brochure")
			time.Sleep(time.Second)
			if s := l.state(harbour); s.Failures > 0 || !strings.Contains(s.Words(time.Now()), "what its hub pushes cannot be read") {
				t.Errorf("status: %s", s.Words(time.Now()))
			}
			for range 3 * maxMail {
				p.publish(true)
			}
			time.Sleep(48 * time.Hour)
			if items, _ := l.sums(); items < 3+maxMail {
				t.Errorf("got %d items", items)
			}
			if s := l.state(harbour); s.Failures > 0 {
				t.Errorf("status: %s", s.Words(time.Now()))
			}
		})
	})
}
