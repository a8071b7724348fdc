package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"copytaster"
)

// coast is 200 outlets for a month: every answer's fault is drawn at random, and every request is held against what the answers before
// it asked for.
type coast struct {
	sync.Mutex // guards all below
	t          *testing.T
	rng        *rand.Rand
	begun      time.Time
	towns      map[string]*town // by address of the feed
	flying     map[string]int   // requests under way, by host
	held       map[string]time.Time
	delivered  map[string]int    // by item id
	shown      map[string]string // items that a good answer held: the feed, by item id
	requests   int
	faults     map[string]int
	broken     int // rules, by now
}

// town is one outlet: what it does all month, and what it may expect.
type town struct {
	url        string
	host       string
	style      string // maxage, expires, ttl, skip, blind, etag, moved, gone, lost
	every      time.Duration
	notBefore  time.Time // no request before
	why        string
	lastAsked  time.Time
	read       bool // it answered well once
	failures   int
	unanswered int // requests since the feed said that it is gone
	rhythm     time.Duration
	showing    []int // the items of its last good answer
}

// ending is when, after the start, the gone and the lost come to be so.
const ending = 10 * 24 * time.Hour

func newCoast(t *testing.T, seed uint64) (*coast, []copytaster.Feed) {
	c := &coast{t: t, rng: rand.New(rand.NewPCG(seed, 6)), begun: time.Now(), towns: map[string]*town{}, flying: map[string]int{},
		held: map[string]time.Time{}, delivered: map[string]int{}, shown: map[string]string{}, faults: map[string]int{}}
	styles := []string{"etag", "maxage", "expires", "ttl", "skip", "blind", "etag", "moved", "gone", "lost"}
	var feeds []copytaster.Feed
	for i := range 200 {
		host := fmt.Sprintf("town%d.example", i%120)
		w := &town{url: fmt.Sprintf("http://%s/%d", host, i), host: host, style: styles[i%len(styles)],
			every: []time.Duration{15 * time.Minute, 2 * time.Hour, 3 * time.Hour, 5 * time.Hour, 12 * time.Hour, time.Hour, 6 * time.Hour, 4 * time.Hour, 8 * time.Hour, 24 * time.Hour}[i/10%10], rhythm: time.Duration(3+i%40) * time.Hour}
		c.towns[w.url] = w
		feeds = append(feeds, copytaster.Feed{URL: w.url, Every: w.every})
	}
	return c, feeds
}

// breaks notes that a rule was broken; the first few are shown.
func (c *coast) breaks(w *town, format string, args ...any) {
	if c.broken++; c.broken < 20 {
		c.t.Errorf("%v after the start, %s (%s, every %v): %s", time.Since(c.begun).Round(time.Second), w.url, w.style, w.every, fmt.Sprintf(format, args...))
	}
}

func (c *coast) RoundTrip(r *http.Request) (*http.Response, error) {
	address := strings.TrimSuffix(r.URL.String(), "/new")
	c.Lock()
	w := c.towns[address]
	c.arrive(w, r)
	fault, latency := c.draw(w, r), time.Duration(c.rng.IntN(400))*time.Millisecond
	c.Unlock()
	defer c.leave(w.host)
	if err := sleep(r.Context(), latency); err != nil {
		return nil, err
	}
	if fault == "hangs" {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	c.Lock()
	defer c.Unlock()
	return c.answer(w, r, fault)
}

// arrive holds a request against the rules.
func (c *coast) arrive(w *town, r *http.Request) {
	now := time.Now()
	c.requests++
	if c.flying[w.host]++; c.flying[w.host] > 1 {
		c.breaks(w, "%d requests to its host at once", c.flying[w.host])
	}
	if strings.HasSuffix(r.URL.Path, "/new") && w.lastAsked.Equal(now) {
		return // the second hop of a redirect
	}
	if now.Before(w.notBefore) {
		c.breaks(w, "asked %v too early: %s", w.notBefore.Sub(now), w.why)
	}
	if until := c.held[w.host]; now.Before(until) {
		c.breaks(w, "asked %v too early: its host wants a rest", until.Sub(now))
	}
	if w.style == "skip" && now.UTC().Hour() < 6 && w.read {
		c.breaks(w, "asked at %v", now.UTC().Format(time.TimeOnly))
	}
	if w.style == "gone" && w.unanswered > 0 {
		c.breaks(w, "asked although it is gone")
	}
	// A day and its jitter after the last time or the host's rest, six skipped hours, an hour and a half of restart.
	latest := later(w.lastAsked, c.held[w.host]).Add(27*time.Hour + 6*time.Hour + 2*time.Hour)
	if !w.lastAsked.IsZero() && now.After(latest) {
		c.breaks(w, "not asked for %v, its host rested until %v ago", now.Sub(w.lastAsked), now.Sub(c.held[w.host]))
	}
	w.lastAsked = now
}

func (c *coast) leave(host string) {
	c.Lock()
	defer c.Unlock()
	c.flying[host]--
}

// draw draws a fault for one answer in fifteen.
func (c *coast) draw(w *town, r *http.Request) string {
	all := []string{"500", "503", "503 later", "429", "429 later", "429 date", "502", "hangs", "reset", "cut", "page", "loop", "404", "403"}
	switch {
	case w.style == "gone" && time.Since(c.begun) > ending:
		return "410"
	case w.style == "lost" && time.Since(c.begun) > ending:
		return "404"
	case c.rng.IntN(15) > 0 || strings.HasSuffix(r.URL.Path, "/new"):
		return ""
	}
	return all[c.rng.IntN(len(all))]
}

// expect notes the earliest next request that the rules allow.
func (w *town) expect(now time.Time, wait time.Duration, why string) {
	w.notBefore, w.why = now.Add(max(wait, w.every, 15*time.Minute)), why
}

func (c *coast) answer(w *town, r *http.Request, fault string) (*http.Response, error) {
	now := time.Now()
	c.faults[fault]++
	if fault == "" {
		return c.good(w, r), nil
	}
	w.failures++
	w.expect(now, min(15*time.Minute<<min(w.failures-1, 8), 24*time.Hour), "back-off after "+fault)
	pause := time.Duration(1+c.rng.IntN(6)) * time.Hour
	status, after, _ := strings.Cut(fault, " ")
	switch status {
	case "reset":
		return nil, errors.New("connection reset")
	case "cut":
		return reply(200, "\x1f\x8b\x08\x00\x00", "Content-Encoding: gzip", `Etag: "cut"`), nil
	case "page":
		return reply(200, "<!doctype html><html><title>Back soon</title></html>", `Etag: "page"`), nil
	case "loop":
		return reply(302, "", "Location: "+r.URL.String()), nil
	case "410":
		w.unanswered++
	case "503", "429":
		if after == "" {
			pause = min(time.Hour<<min(w.failures-1, 8), 24*time.Hour)
		}
		w.expect(now, pause, fault)
		if status == "429" {
			c.held[w.host] = now.Add(pause)
		}
	}
	code := 0
	fmt.Sscan(status, &code)
	switch after {
	case "later":
		return reply(code, "", fmt.Sprintf("Retry-After: %d", pause/time.Second)), nil
	case "date":
		const fast = 3 * time.Hour // the server's clock
		return reply(code, "", "Date: "+now.Add(fast).UTC().Format(http.TimeFormat), "Retry-After: "+now.Add(fast+pause).UTC().Format(http.TimeFormat)), nil
	}
	return reply(code, ""), nil
}

// good answers with the feed as it is now, or 304.
func (c *coast) good(w *town, r *http.Request) *http.Response {
	now := time.Now()
	if w.style == "moved" && !strings.HasSuffix(r.URL.Path, "/new") {
		if now.Sub(c.begun) > 6*24*time.Hour && w.failures == 0 {
			c.breaks(w, "the old address is still asked")
		}
		w.lastAsked = now
		return reply(301, "", "Location: "+r.URL.Path+"/new")
	}
	w.failures, w.read = 0, true
	w.expect(now, 0, "every")
	body, etag := w.body(c.begun, now)
	head := []string{"Etag: " + etag}
	switch w.style {
	case "maxage":
		head = append(head, "Cache-Control: max-age=7200")
		w.expect(now, 2*time.Hour, "max-age")
	case "expires":
		head = append(head, "Expires: "+now.Add(3*time.Hour).UTC().Format(http.TimeFormat))
		w.expect(now, 3*time.Hour-time.Second, "Expires")
	case "ttl":
		w.expect(now, 150*time.Minute, "ttl")
	case "blind":
		w.expect(now, time.Hour, "no validators")
		return reply(200, body)
	}
	if r.Header.Get("If-None-Match") == etag {
		return reply(304, "", head...)
	}
	return reply(200, body, head...)
}

// body is the feed at a time: the last twelve items of its rhythm.
func (w *town) body(begun, now time.Time) (body, etag string) {
	w.showing = nil
	last := int(now.Sub(begun) / w.rhythm)
	for n := last; n >= 0 && len(w.showing) < 12; n-- {
		w.showing = append(w.showing, n)
	}
	head := map[string]string{"ttl": "<ttl>150</ttl>", "skip": "<skipHours><hour>0</hour><hour>1</hour><hour>2</hour><hour>3</hour><hour>4</hour><hour>5</hour></skipHours>"}
	return bulletin(head[w.style], 1, w.showing), fmt.Sprintf(`"%d"`, last)
}

func (c *coast) deliver(d Delivery) error {
	c.Lock()
	defer c.Unlock()
	for _, it := range d.Items {
		c.delivered[it.ID]++
	}
	if w := c.towns[d.Feed]; d.State.Failures == 0 && d.Outcome != Held {
		for _, n := range w.showing {
			c.shown[copytaster.ItemID(w.url, fmt.Sprintf("f%d", n))] = w.url
		}
	}
	if d.Outcome == Failed && (d.State.Trouble == "" || d.State.Failures == 0) {
		c.t.Errorf("%s failed without a word", d.Feed)
	}
	return nil
}

func TestMonth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, feeds := newCoast(t, 2026)
		states := map[string]State{}
		var mu sync.Mutex // guards states
		for day := 0; day < 30; {
			days := 1 + c.rng.IntN(6)
			day += days
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(days)*24*time.Hour)
			err := clientOf(c, 64).Run(ctx, feeds, restored(t, states), nil, func(d Delivery) error {
				mu.Lock()
				defer mu.Unlock()
				states[d.Feed] = d.State
				return c.deliver(d)
			})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(c.rng.IntN(90)) * time.Minute) // the restart
		}
		c.settle(states)
	})
}

// restored are states as they come back from a file.
func restored(t *testing.T, states map[string]State) (again map[string]State) {
	text, err := json.Marshal(states)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	return again
}

// settle looks at what is left of the month: nothing lost, nothing twice, the dead told from the quiet.
func (c *coast) settle(states map[string]State) {
	for url, w := range c.towns {
		s := states[url]
		if w.style == "gone" != s.Gone || w.style == "lost" != s.Suspended {
			c.breaks(w, "gone %v, suspended %v", s.Gone, s.Suspended)
		}
		if w.style == "moved" != (s.Address == w.url+"/new") {
			c.breaks(w, "its address is %q", s.Address)
		}
	}
	for id, url := range c.shown {
		if got := c.delivered[id]; got != 1 {
			c.breaks(c.towns[url], "item %s was delivered %d times", id, got)
		}
	}
	c.t.Logf("%d requests, %d items, answers %v", c.requests, len(c.delivered), c.faults)
}
