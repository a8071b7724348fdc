// Package websub is a subscriber of WebSub (W3C Recommendation of 23 January 2018): what is asked of a hub, and the callback at which the hub
// verifies that it was asked and delivers what is new. It never asks anybody itself and keeps subscriptions in memory only: a Subscription is a
// plain value that lies in its feed's state.
package websub

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	asked   = 10 * 24 * time.Hour  // the lease that is asked for; the hub decides
	longest = 365 * 24 * time.Hour // a lease is believed for
	again   = 24 * time.Hour       // after which a hub that did not verify is asked once more
	folder  = "/websub/"           // of the callbacks
)

// Subscription is one to a topic at a hub. It is never changed once others see it: the methods that change it give another.
type Subscription struct {
	Hub      string        `json:"hub"`
	Topic    string        `json:"topic"`
	Callback string        `json:"callback"` // where the hub finds us: an address that nobody can guess, for this subscription only
	Secret   string        `json:"secret"`   // for the signature of what is delivered
	Asked    time.Time     `json:"asked"`    // when the hub was last asked
	Until    time.Time     `json:"until,omitzero"`
	Lease    time.Duration `json:"lease,omitempty"`
	Pushed   time.Time     `json:"pushed,omitzero"`   // when the hub last delivered
	Silent   bool          `json:"silent,omitempty"`  // a poll brought what the hub had not delivered, and it has delivered nothing since
	Trouble  string        `json:"trouble,omitempty"` // why there is none, in words
}

// New makes a subscription to be asked for, with a callback of its own below the address base.
func New(base, hub, topic string) *Subscription {
	return &Subscription{Hub: hub, Topic: topic, Callback: base + folder + token(16), Secret: token(32)}
}

// token is a random word of n bytes in hexadecimal.
func token(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// Active reports whether the hub has verified the subscription and its lease runs. A nil one is not.
func (s *Subscription) Active(now time.Time) bool { return s != nil && s.Until.After(now) }

// Working reports whether the hub can be relied on: the lease runs, and no poll found what it had not delivered.
func (s *Subscription) Working(now time.Time) bool { return s.Active(now) && !s.Silent }

// Renewal is when the hub is to be asked again: a fifth of the lease before its end, or a day after it was asked in vain.
func (s *Subscription) Renewal() time.Time {
	if verified := s.Until.Add(-s.Lease); s.Lease == 0 || s.Asked.After(verified) {
		return s.Asked.Add(again)
	}
	return s.Until.Add(-s.Lease / 5)
}

// Form is the subscription request (section 5.1).
func (s *Subscription) Form() url.Values {
	return url.Values{"hub.mode": {"subscribe"}, "hub.topic": {s.Topic}, "hub.callback": {s.Callback}, "hub.secret": {s.Secret},
		"hub.lease_seconds": {strconv.Itoa(int(asked / time.Second))}}
}

// AskedFor is the subscription after the hub was asked, in vain if there was trouble.
func (s *Subscription) AskedFor(now time.Time, trouble string) *Subscription {
	is := *s
	is.Asked, is.Trouble = now, trouble
	return &is
}

// After is the subscription after what the hub told.
func (s *Subscription) After(n Notice, now time.Time) *Subscription {
	is := *s
	switch {
	case n.Lease > 0:
		is.Until, is.Lease, is.Trouble = now.Add(n.Lease), n.Lease, ""
	case n.Denied != "":
		is.Until, is.Trouble = time.Time{}, "its hub refuses to push: "+n.Denied
	default:
		is.Pushed, is.Silent, is.Trouble = now, false, ""
	}
	return &is
}

// Rest is how long the feed need not be polled: until the hub is to be asked again, or the lease ends. 0: the hub cannot be relied on.
func (s *Subscription) Rest(now time.Time) time.Duration {
	if !s.Working(now) {
		return 0
	}
	return max(0, min(s.Renewal().Sub(now), s.Until.Sub(now)))
}

// SinceVerified reports whether the hub had verified the subscription by then.
func (s *Subscription) SinceVerified(t time.Time) bool { return !t.Before(s.Until.Add(-s.Lease)) }

// Missed is the subscription after a poll that brought what the hub had not delivered.
func (s *Subscription) Missed() *Subscription {
	is := *s
	is.Silent = true
	return &is
}

var (
	link  = regexp.MustCompile(`<([^<>]*)>((?:[^,"]|"[^"]*")*)`)
	param = regexp.MustCompile(`;\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]+))`)
)

// Discover finds the hub and the topic in an answer's Link headers (section 4), as they stand there; empty where there are none.
func Discover(h http.Header) (hub, topic string) {
	for _, m := range link.FindAllStringSubmatch(strings.Join(h.Values("Link"), ", "), 100) {
		for r := range strings.FieldsSeq(relation(m[2])) {
			switch {
			case r == "hub" && hub == "":
				hub = m[1]
			case r == "self" && topic == "":
				topic = m[1]
			}
		}
	}
	return hub, topic
}

// relation is the value of rel among a link's parameters (RFC 8288 section 3.3: the first counts), in lower case.
func relation(params string) string {
	for _, p := range param.FindAllStringSubmatch(params, 100) {
		if strings.EqualFold(p[1], "rel") {
			return strings.ToLower(p[2] + p[3])
		}
	}
	return ""
}
