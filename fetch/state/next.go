package state

import (
	"cmp"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"copytaster"
	"copytaster/fetch/feed"
	"copytaster/fetch/websub"
)

// The bounds of our own making; Response.Floor 0 lifts them.
const (
	shortest   = 15 * time.Minute
	longest    = 24 * time.Hour
	blind      = time.Hour          // for a feed without validators: every poll is a whole body
	large      = 512 << 10          // bytes; blind feeds above are asked once a day
	rest       = time.Hour          // after a 429 or 503 that names no time
	patience   = 7 * 24 * time.Hour // a Retry-After beyond is cut; a 404 that lasts suspends the feed
	trustMoved = 23 * time.Hour     // a permanent redirect must still stand after this, on another day
	skipJitter = 6 * time.Minute    // after skipped hours, in which several feeds wait for one time
)

// Response is an answer as the rules see it: what it says of itself and what was found in its body. A failure has trouble, a success none.
type Response struct {
	Status  int
	Header  http.Header // may be nil
	Trouble string
	Floor   time.Duration  // shortest time between two polls; 0: nothing of our own making counts
	Final   string         // the address that answered
	Moved   string         // where permanent redirects at the start led; empty: nowhere
	Unasked bool           // nobody was asked: there was no network
	Refused bool           // nobody was asked: the feed's own address is not allowed
	Pushed  bool           // the hub of the state's subscription reaches us
	Local   bool           // the host is not on the public Internet
	Size    int            // bytes of the body
	Hash    uint64         // of the body
	Wire    uint64         // of the body as it came, compressed or not
	Same    bool           // it came as it did the last time: no more is said of it
	Fresh   bool           // there are new or changed items
	Known   Known          // all items of the body
	Spans   Spans          // beside Known; nil: not to be had
	Newest  time.Time      // of the items; zero: no dates
	Doc     *feed.Document // nil if no body was parsed: status 304, the bytes of last time but for dates, a failure
}

// After is the state after a response. It is pure: the same state, time, feed and response give the same state.
func (s State) After(now time.Time, f copytaster.Feed, r Response) State {
	s.Polled, s.Hold = now, time.Time{}
	if r.Trouble != "" {
		return s.failed(now, f, r)
	}
	s.heard(now, r)
	s.Success, s.Failures, s.Since, s.Missing, s.Trouble, s.Refused = now, 0, time.Time{}, time.Time{}, "", false
	s.Gone, s.Suspended = false, false
	first := s.Next.IsZero()
	s.validators(now, r)
	s.contents(now, r)
	s.move(now, r)
	s.Next = s.due(now, f, r, first)
	return s
}

// heard takes over who pushes the feed, from the header or, where that is silent, the document, and notes if a poll found what should have been
// pushed.
func (s *State) heard(now time.Time, r Response) {
	hub, topic := websub.Discover(r.Header)
	if r.Doc != nil {
		hub, topic = cmp.Or(hub, r.Doc.Hub), cmp.Or(topic, r.Doc.Self)
	} else {
		hub, topic = cmp.Or(hub, s.Hub), cmp.Or(topic, s.Topic)
	}
	if s.Hub, s.Topic = Line(hub, 1000), Line(cmp.Or(topic, r.Final), 1000); s.Hub == "" {
		s.Topic = ""
	}
	if r.Pushed && r.Fresh && s.Push.Working(now) && s.Push.SinceVerified(s.Success) && s.Push.Pushed.Before(s.Success) {
		s.Push = s.Push.Missed()
	}
}

// validators takes over what the answer gives. A 304 replaces what it names and leaves the rest (RFC 9111 section 4.3.4).
func (s *State) validators(now time.Time, r Response) {
	etag, modified := validator(r.Header.Get("ETag")), validator(r.Header.Get("Last-Modified"))
	if r.Status == http.StatusNotModified {
		etag, modified = cmp.Or(etag, s.ETag), cmp.Or(modified, s.LastModified)
	}
	s.ETag, s.LastModified, s.From = etag, modified, r.Final
	if fresh, ok := lifetime(r.Header, now); ok || r.Status != http.StatusNotModified {
		s.Fresh = fresh
	}
}

// validator is a header's value if it can be sent back: Go refuses to send control characters, and nobody means 2 KiB.
func validator(v string) string {
	if len(v) > 2<<10 || !httpguts.ValidHeaderFieldValue(v) {
		return ""
	}
	return v
}

// contents takes over what was found in the body.
func (s *State) contents(now time.Time, r Response) {
	if r.Status != http.StatusNotModified && !r.Same {
		s.Hash, s.Wire, s.Large = r.Hash, r.Wire, r.Size > large
	}
	if r.Fresh {
		if s.Changed.IsZero() && !r.Newest.IsZero() {
			s.Changed = r.Newest
		} else {
			s.Changed = now
		}
	}
	if r.Doc == nil {
		return
	}
	s.Known, s.Spans, s.Head = s.Known.Follow(r.Known, r.Status == http.StatusIMUsed), r.Spans, r.Doc.Head
	s.Title, s.Language = Line(r.Doc.Feed.Title, 200), Line(r.Doc.Feed.Language, 40)
	s.Wish = max(r.Doc.TTL, r.Doc.Period)
	s.SkipHour, s.SkipDay = 0, 0
	for _, h := range r.Doc.SkipHour {
		s.SkipHour |= 1 << (uint(h) % 24) // hour 24 of RSS 0.91 is midnight
	}
	for _, d := range r.Doc.SkipDay {
		s.SkipDay |= 1 << (uint(d) % 7)
	}
}

// move follows permanent redirects once they led to a feed and still do on another day. An hour less than a day will do: polls a day apart
// are seldom so to the second.
func (s *State) move(now time.Time, r Response) {
	switch {
	case r.Moved == "":
		s.Moved, s.MovedAt = "", time.Time{}
	case r.Moved != s.Moved:
		s.Moved, s.MovedAt = r.Moved, now
	case now.Sub(s.MovedAt) >= trustMoved && !sameDay(now, s.MovedAt):
		s.Address, s.Moved, s.MovedAt = r.Moved, "", time.Time{}
	}
}

func sameDay(a, b time.Time) bool {
	const date = "2006-01-02"
	return a.UTC().Format(date) == b.UTC().Format(date)
}

// failed is the state after trouble: what is known stays, the wait grows.
func (s State) failed(now time.Time, f copytaster.Feed, r Response) State {
	if s.Failures == 0 {
		s.Since = now
	}
	s.Failures++
	s.Trouble, s.Refused = Line(r.Trouble, 500), r.Refused
	if r.Status != http.StatusNotFound {
		s.Missing = time.Time{}
	} else if s.Missing.IsZero() {
		s.Missing = now
	}
	away := r.Status == http.StatusNotFound || r.Status == http.StatusGone
	switch {
	case away && s.Address != "": // the outlet moved on: ask the configured address again
		s.Address, s.Moved, s.Missing = "", "", time.Time{}
	case r.Status == http.StatusGone:
		s.Gone = true
	case away && now.Sub(s.Missing) >= patience:
		s.Suspended = true
	}
	wait := s.backOff(r, now)
	if r.Status == http.StatusTooManyRequests && !r.Local {
		s.Hold = now.Add(wait)
	}
	s.Next = s.place(now, f, max(wait, f.Every))
	return s
}

// backOff is the wait after trouble: what the server asks for, else an hour (429, 503) or a quarter of one, doubled with every failure, to a day.
func (s State) backOff(r Response, now time.Time) time.Duration {
	base := shortest
	if r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable {
		base = rest
		if wait, ok := retryAfter(r.Header, now); ok {
			return min(max(wait, shortest), patience)
		}
	}
	most := longest
	if r.Unasked {
		most = rest // it troubles no outlet, and when the network is back news should be too
	}
	return min(base<<min(s.Failures-1, 10), most)
}

// Reschedule is when a feed that answered well last time is to be asked next, if it is configured so from now on.
func (s State) Reschedule(f copytaster.Feed, floor time.Duration, pushed bool) time.Time {
	return s.due(s.Polled, f, Response{Floor: floor, Pushed: pushed}, false)
}

// due is the next time after a success.
func (s State) due(now time.Time, f copytaster.Feed, r Response, first bool) time.Time {
	wait := max(s.Fresh, s.Wish)
	if f.Schedule == "" && r.Floor > 0 && !s.Changed.IsZero() {
		wait = max(wait, now.Sub(s.Changed)/10) // a tenth of its age: the heuristic freshness of RFC 9111 section 4.2.2
	}
	wait = min(max(wait, min(shortest, r.Floor)), longest)
	if s.ETag == "" && s.LastModified == "" && r.Floor > 0 {
		wait = max(wait, blind)
		if s.Large {
			wait = longest
		}
	}
	if f.Schedule == "" {
		wait = max(wait, f.Every)
	}
	if r.Pushed && f.Schedule == "" { // its hub tells what is new: once a day will do
		wait = max(wait, min(longest, s.Push.Rest(now)))
	}
	if first && f.Schedule == "" { // feeds added together come apart at once
		now = now.Add(jitter(f.URL+" first", min(wait, time.Hour)))
	}
	return s.place(now, f, wait)
}

// place finds the time for the next poll: after the wait and its jitter, or on the feed's schedule, outside what the feed skips.
func (s State) place(now time.Time, f copytaster.Feed, wait time.Duration) time.Time {
	when, err := ParseSchedule(f.Schedule)
	if f.Schedule == "" || err != nil {
		t := now.Add(wait + jitter(f.URL, wait/10))
		if open := s.Open(t); open.After(t) {
			return open.Add(jitter(f.URL, skipJitter))
		}
		return t
	}
	first := when.Next(now.Add(max(wait-time.Minute, 0))) // a minute's grace, or a daily schedule would miss every other day of a feed that is good for a day
	t := first
	for range 100 {
		open := s.Open(t)
		if open.Equal(t) {
			return t
		}
		t = when.Next(open.Add(-time.Second))
	}
	return s.Open(first) // the schedule lies wholly in what the feed skips
}

// Open is the first time from t on that the feed does not skip. A feed that skips all hours or all days means none of it.
func (s State) Open(t time.Time) time.Time {
	hours, days := s.SkipHour, s.SkipDay
	if hours == 1<<24-1 {
		hours = 0
	}
	if days == 1<<7-1 {
		days = 0
	}
	for at := t.UTC(); hours|uint32(days) != 0; at = at.Truncate(time.Hour).Add(time.Hour) {
		if hours>>at.Hour()&1 == 0 && days>>at.Weekday()&1 == 0 {
			return at
		}
	}
	return t
}

// Aside is the time t, or some minutes later by a part that depends on the feed's address alone: several may wait for one time.
func Aside(t time.Time, address string) time.Time { return t.Add(jitter(address, skipJitter)) }

// jitter is a fixed part of d that depends on the key alone, so that feeds stand apart and a restart moves none.
func jitter(key string, d time.Duration) time.Duration {
	return time.Duration(float64(d) * float64(spread(key)>>11) / (1 << 53))
}

// spread is FNV-1a, which gives the same on every machine, with its bits mixed once more (the finaliser of MurmurHash3) so that the high ones are good too.
func spread(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// lifetime is how long an answer is good: the longer of max-age and Expires - Date (RFC 9111 section 4.2.1). Not ok: it says nothing.
func lifetime(h http.Header, now time.Time) (d time.Duration, ok bool) {
	for directive := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		if n, err := strconv.ParseInt(strings.Trim(value, `" `), 10, 64); strings.EqualFold(name, "max-age") && err == nil && n >= 0 {
			d, ok = max(d, seconds(n)), true
		}
	}
	if t, err := http.ParseTime(h.Get("Expires")); err == nil {
		d, ok = max(d, t.Sub(date(h, now))), true
	}
	return d, ok
}

// retryAfter is how long the server wants to be left alone (RFC 9110 section 10.2.3).
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseInt(v, 10, 64); err == nil && n >= 0 {
		return seconds(n), true
	}
	if t, err := http.ParseTime(v); err == nil {
		return t.Sub(date(h, now)), true
	}
	return 0, false
}

// Rest is how long a host wants to be left alone that says it is asked too often: an hour if it names no time, a week at most.
func Rest(h http.Header, now time.Time) time.Duration {
	wait, _ := retryAfter(h, now)
	return min(max(wait, rest), patience)
}

// date is the time of the answer by the server's own clock, or by ours.
func date(h http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t
	}
	return now
}

// seconds is n seconds, a year at most: no sum with it overflows.
func seconds(n int64) time.Duration { return time.Duration(min(n, 365*24*3600)) * time.Second }
