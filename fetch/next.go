package fetch

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
)

// The bounds of our own making; Options.Floor 0 lifts them.
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

// response is an answer as the rules see it: what it says of itself and what was found in its body. A failure has trouble, a success none.
type response struct {
	outcome Outcome
	status  int
	header  http.Header // may be nil
	trouble string
	floor   time.Duration  // Options.Floor
	final   string         // the address that answered
	moved   string         // where permanent redirects at the start led; empty: nowhere
	unasked bool           // nobody was asked: there was no network
	refused bool           // nobody was asked: the feed's own address is not allowed
	pushed  bool           // the hub of the state's subscription reaches us
	local   bool           // the host is not on the public Internet
	size    int            // bytes of the body
	hash    uint64         // of the body
	known   Known          // all items of the body
	spans   Spans          // beside known; nil: not to be had
	newest  time.Time      // of the items; zero: no dates
	doc     *feed.Document // nil if no body was parsed: status 304, the bytes of last time, a failure
}

// next is the state after a response. It is pure: the same state, time, feed and response give the same state.
func (s State) next(now time.Time, f copytaster.Feed, r response) State {
	s.Polled, s.Hold = now, time.Time{}
	if r.trouble != "" {
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

// validators takes over what the answer gives. A 304 replaces what it names and leaves the rest (RFC 9111 section 4.3.4).
func (s *State) validators(now time.Time, r response) {
	etag, modified := validator(r.header.Get("ETag")), validator(r.header.Get("Last-Modified"))
	if r.status == http.StatusNotModified {
		etag, modified = cmp.Or(etag, s.ETag), cmp.Or(modified, s.LastModified)
	}
	s.ETag, s.LastModified, s.From = etag, modified, r.final
	if fresh, ok := lifetime(r.header, now); ok || r.status != http.StatusNotModified {
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
func (s *State) contents(now time.Time, r response) {
	if r.status != http.StatusNotModified {
		s.Hash, s.Large = r.hash, r.size > large
	}
	if r.outcome == Fresh {
		if s.Changed.IsZero() && !r.newest.IsZero() {
			s.Changed = r.newest
		} else {
			s.Changed = now
		}
	}
	if r.doc == nil {
		return
	}
	s.Known, s.Spans = s.Known.follow(r.known, r.status == http.StatusIMUsed), r.spans
	s.Title, s.Language = line(r.doc.Feed.Title, 200), line(r.doc.Feed.Language, 40)
	s.Wish = max(r.doc.TTL, r.doc.Period)
	s.SkipHour, s.SkipDay = 0, 0
	for _, h := range r.doc.SkipHour {
		s.SkipHour |= 1 << (uint(h) % 24) // hour 24 of RSS 0.91 is midnight
	}
	for _, d := range r.doc.SkipDay {
		s.SkipDay |= 1 << (uint(d) % 7)
	}
}

// move follows permanent redirects once they led to a feed and still do on another day. An hour less than a day will do: polls a day apart
// are seldom so to the second.
func (s *State) move(now time.Time, r response) {
	switch {
	case r.moved == "":
		s.Moved, s.MovedAt = "", time.Time{}
	case r.moved != s.Moved:
		s.Moved, s.MovedAt = r.moved, now
	case now.Sub(s.MovedAt) >= trustMoved && !sameDay(now, s.MovedAt):
		s.Address, s.Moved, s.MovedAt = r.moved, "", time.Time{}
	}
}

func sameDay(a, b time.Time) bool {
	const date = "2006-01-02"
	return a.UTC().Format(date) == b.UTC().Format(date)
}

// failed is the state after trouble: what is known stays, the wait grows.
func (s State) failed(now time.Time, f copytaster.Feed, r response) State {
	if s.Failures == 0 {
		s.Since = now
	}
	s.Failures++
	s.Trouble, s.Refused = line(r.trouble, 500), r.refused
	if r.status != http.StatusNotFound {
		s.Missing = time.Time{}
	} else if s.Missing.IsZero() {
		s.Missing = now
	}
	away := r.status == http.StatusNotFound || r.status == http.StatusGone
	switch {
	case away && s.Address != "": // the outlet moved on: ask the configured address again
		s.Address, s.Moved, s.Missing = "", "", time.Time{}
	case r.status == http.StatusGone:
		s.Gone = true
	case away && now.Sub(s.Missing) >= patience:
		s.Suspended = true
	}
	wait := s.backOff(r, now)
	if r.status == http.StatusTooManyRequests && !r.local {
		s.Hold = now.Add(wait)
	}
	s.Next = s.place(now, f, max(wait, f.Every))
	return s
}

// backOff is the wait after trouble: what the server asks for, else an hour (429, 503) or a quarter of one, doubled with every failure, to a day.
func (s State) backOff(r response, now time.Time) time.Duration {
	base := shortest
	if r.status == http.StatusTooManyRequests || r.status == http.StatusServiceUnavailable {
		base = rest
		if wait, ok := retryAfter(r.header, now); ok {
			return min(max(wait, shortest), patience)
		}
	}
	most := longest
	if r.unasked {
		most = rest // it troubles no outlet, and when the network is back news should be too
	}
	return min(base<<min(s.Failures-1, 10), most)
}

// due is the next time after a success.
func (s State) due(now time.Time, f copytaster.Feed, r response, first bool) time.Time {
	wait := max(s.Fresh, s.Wish)
	if f.Schedule == "" && r.floor > 0 && !s.Changed.IsZero() {
		wait = max(wait, now.Sub(s.Changed)/10) // a tenth of its age: the heuristic freshness of RFC 9111 section 4.2.2
	}
	wait = min(max(wait, min(shortest, r.floor)), longest)
	if s.ETag == "" && s.LastModified == "" && r.floor > 0 {
		wait = max(wait, blind)
		if s.Large {
			wait = longest
		}
	}
	if f.Schedule == "" {
		wait = max(wait, f.Every)
	}
	if r.pushed && f.Schedule == "" { // its hub tells what is new: once a day will do
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
		if open := s.open(t); open.After(t) {
			return open.Add(jitter(f.URL, skipJitter))
		}
		return t
	}
	first := when.Next(now.Add(max(wait-time.Minute, 0))) // a minute's grace, or a daily schedule would miss every other day of a feed that is good for a day
	t := first
	for range 100 {
		open := s.open(t)
		if open.Equal(t) {
			return t
		}
		t = when.Next(open.Add(-time.Second))
	}
	return s.open(first) // the schedule lies wholly in what the feed skips
}

// open is the first time from t on that the feed does not skip. A feed that skips all hours or all days means none of it.
func (s State) open(t time.Time) time.Time {
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

// date is the time of the answer by the server's own clock, or by ours.
func date(h http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t
	}
	return now
}

// seconds is n seconds, a year at most: no sum with it overflows.
func seconds(n int64) time.Duration { return time.Duration(min(n, 365*24*3600)) * time.Second }
