// Package state is what is kept about a feed between two polls, and the rules by which it becomes the next state: a pure function of the
// state, the answer and the clock. It never asks anybody and reads no clock.
package state

import (
	"fmt"
	"time"

	"copytaster"
	"copytaster/fetch/websub"
)

// State is all that is kept about a feed between polls: a plain value, compact as JSON. The zero State means never polled: due at once.
type State struct {
	ETag         string `json:"etag,omitempty"`     // validators, byte for byte
	LastModified string `json:"modified,omitempty"` // likewise
	From         string `json:"from,omitempty"`     // the address that gave the validators
	Hash         uint64 `json:"hash,omitempty"`     // of the last body that was a feed
	Wire         uint64 `json:"wire,omitempty"`     // of the same as it came, compressed or not

	Next    time.Time `json:"next,omitzero"`    // not asked before
	Polled  time.Time `json:"polled,omitzero"`  // last asked
	Success time.Time `json:"success,omitzero"` // last answered well
	Changed time.Time `json:"changed,omitzero"` // the newest item's time at first, then when something new last came
	Hold    time.Time `json:"hold,omitzero"`    // the whole host asked for a rest until then (429)

	Failures    int       `json:"failures,omitempty"`     // since the last success
	Since       time.Time `json:"since,omitzero"`         // first of these failures
	Missing     time.Time `json:"missing,omitzero"`       // first of an unbroken run of 404s
	Trouble     string    `json:"trouble,omitempty"`      // the last failure in words
	PageTrouble string    `json:"page_trouble,omitempty"` // why an article page of the last poll gave no text
	Suspended   bool      `json:"suspended,omitempty"`    // 404 for a week
	Gone        bool      `json:"gone,omitempty"`         // 410
	Refused     bool      `json:"refused,omitempty"`      // the guard does not allow the address: nobody was asked

	Address string    `json:"address,omitempty"` // asked instead of the configured one, after permanent redirects
	Moved   string    `json:"moved,omitempty"`   // where permanent redirects lead, not yet trusted
	MovedAt time.Time `json:"moved_at,omitzero"` // since when

	Fresh    time.Duration `json:"fresh,omitempty"`     // how long the server says an answer is good: max-age, Expires
	Wish     time.Duration `json:"wish,omitempty"`      // what the feed says: ttl, updatePeriod
	SkipHour uint32        `json:"skip_hour,omitempty"` // bit n: not between n and n+1 o'clock UTC
	SkipDay  uint8         `json:"skip_day,omitempty"`  // bit n: not on this time.Weekday
	Large    bool          `json:"large,omitempty"`     // the last body was over 512 KiB

	Title    string               `json:"title,omitempty"`
	Language string               `json:"language,omitempty"`
	Hub      string               `json:"hub,omitempty"`   // WebSub: who pushes what is new
	Topic    string               `json:"topic,omitempty"` // under which name
	Push     *websub.Subscription `json:"push,omitempty"`
	Head     uint64               `json:"head,omitempty"`    // of what stood around the items, but for dates
	Known    Known                `json:"known,omitempty"`   // the items of the last good answer
	Spans    Spans                `json:"spans,omitempty"`   // the same, as they stood in it, beside the first of Known
	Pending  []copytaster.Item    `json:"pending,omitempty"` // delivered with the feed's text; their pages are asked for at the next poll
}

// Due reports whether the feed may be asked. A clock that was set back by more than an hour makes the stored times worthless: then it may.
func (s State) Due(now time.Time) bool {
	if s.Stopped() {
		return false
	}
	return s.Refused || !s.Next.After(now) || s.Polled.After(now.Add(time.Hour))
}

// Stopped reports whether the feed is not asked any more: suspended or gone.
func (s State) Stopped() bool { return s.Suspended || s.Gone }

// Resume is the state of a feed that is to be asked again although it was suspended or gone.
func (s State) Resume() State {
	s.Gone, s.Suspended, s.Missing, s.Next = false, false, time.Time{}, time.Time{}
	return s
}

// byHand is when a feed that was stopped is asked again.
const byHand = "copytaster resume asks it again"

// Words says how the feed is: what is wrong, since when, and when it is tried again; or since when it has been quiet.
func (s State) Words(now time.Time) string {
	switch {
	case s.Gone:
		return "gone for good (410) since " + day(s.Since) + "; " + byHand
	case s.Suspended:
		return "suspended: not found (404) since " + day(s.Missing) + "; " + byHand
	case s.Polled.IsZero():
		return "not asked yet"
	case s.Failures > 0:
		return fmt.Sprintf("%s; failing since %s (%s), tried again %s", s.Trouble, day(s.Since), times(s.Failures), until(now, s.Next))
	case now.Sub(s.Changed) > 30*24*time.Hour && !s.Changed.IsZero():
		return "quiet: nothing new since " + day(s.Changed)
	}
	switch {
	case s.PageTrouble != "":
		return "well, but an article page gave no text: " + s.PageTrouble
	case s.Push != nil && s.Push.Trouble != "":
		return "well, polled as usual: " + s.Push.Trouble
	case s.Push.Working(now):
		return "well, its hub pushes what is new"
	case s.Address != "":
		return "well; it moved for good, its address in the configuration can be " + s.Address
	}
	return "well"
}

// times says how often, for people.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// day is a time to the minute, for people.
func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// until says how far away a time is.
func until(now, t time.Time) string {
	d := t.Sub(now).Round(time.Minute)
	switch {
	case d <= 0:
		return "at once"
	case d < time.Hour:
		return fmt.Sprintf("in %d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("in %d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return "at " + day(t)
}
