package view

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Feed is the health of one subscription.
type Feed struct {
	Name        string // the feed's own title; may be empty
	URL         string
	Outlet      string
	Words       string // what is wrong, or how it is, in a sentence
	OK          bool
	Disabled    bool
	LastSuccess time.Time // zero: never
	NextPoll    time.Time // zero: none is planned
	Items       int       // stored items
	Tags        []string
	Language    string
}

// Status is the body of the status page: what is wrong before what is well.
type Status struct {
	Feeds               []Feed // at most maxRows
	More                int    // feeds not shown
	Well, Ailing, Items int
	Off                 int
}

// NewStatus sorts the feeds by how they are.
func NewStatus(feeds []Feed) Status {
	p := Status{Feeds: slices.Clone(feeds)}
	rank := func(f Feed) int {
		switch {
		case f.Disabled:
			return 2
		case f.OK:
			return 1
		}
		return 0
	}
	for _, f := range feeds {
		p.Items += f.Items
		switch rank(f) {
		case 0:
			p.Ailing++
		case 1:
			p.Well++
		case 2:
			p.Off++
		}
	}
	slices.SortStableFunc(p.Feeds, func(a, b Feed) int {
		return cmp.Or(rank(a)-rank(b), strings.Compare(strings.ToLower(a.Outlet), strings.ToLower(b.Outlet)), strings.Compare(a.URL, b.URL))
	})
	p.More = max(0, len(p.Feeds)-maxRows)
	p.Feeds = p.Feeds[:len(p.Feeds)-p.More]
	return p
}
