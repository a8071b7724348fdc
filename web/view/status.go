package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"copytaster"
)

// Feed is the health of one subscription.
type Feed struct {
	Name        string    `json:"name,omitempty"` // the feed's own title; may be empty
	URL         string    `json:"url"`
	Outlet      string    `json:"outlet"`
	Words       string    `json:"words"` // what is wrong, or how it is, in a sentence
	OK          bool      `json:"well"`
	Disabled    bool      `json:"disabled"`
	LastSuccess time.Time `json:"last_success,omitzero"` // zero: never
	NextPoll    time.Time `json:"next_poll,omitzero"`    // zero: none is planned
	Items       int       `json:"items"`                 // stored items
	Tags        []string  `json:"tags,omitempty"`
	Language    string    `json:"language,omitempty"`
}

// Status is the body of the status page: what is wrong before what is well.
type Status struct {
	Feeds  []Feed      `json:"feeds"` // at most maxRows
	More   int         `json:"more"`  // feeds not shown
	Well   int         `json:"well"`
	Ailing int         `json:"ailing"`
	Off    int         `json:"off"`
	Items  int         `json:"items"`
	Days   []DayCount  `json:"days"`  // the last grownDays, oldest first
	Folds  []FoldEntry `json:"folds"` // the last copies that were recognised
}

// DayCount is how much came on a day (UTC).
type DayCount struct {
	Date    time.Time `json:"date"`
	Items   int       `json:"items"`
	Stories int       `json:"stories"` // that began
	Height  int       `json:"-"`       // of its bar, of 100
}

// FoldEntry is a copy that was recognised, with the figures of the moment.
type FoldEntry struct {
	Time      time.Time `json:"time"`
	Story     string    `json:"story"`
	Title     string    `json:"title"`
	Outlet    string    `json:"outlet"`    // who came
	With      string    `json:"with"`      // whose version it was matched with
	Rule      string    `json:"rule"`      // why it counts as a copy
	Shared    int       `json:"shared"`    // runs of words that both have
	Contained int       `json:"contained"` // per cent of it that stand in the other
	Contains  int       `json:"contains"`  // per cent of the other that stand in it
}

// grownDays is how many days the picture of growth shows.
const grownDays = 14

// grown counts what came on the last days, up to that of the newest item.
func grown(stories []copytaster.Story) []DayCount {
	items, begun := map[time.Time]int{}, map[time.Time]int{}
	var last time.Time
	for _, s := range stories {
		var first time.Time
		for _, it := range s.Items {
			d := it.Seen.UTC().Truncate(24 * time.Hour)
			items[d]++
			if first.IsZero() || d.Before(first) {
				first = d
			}
			if d.After(last) {
				last = d
			}
		}
		begun[first]++
	}
	list, most := []DayCount{}, 1
	for i := range grownDays {
		if d := last.AddDate(0, 0, i+1-grownDays); !last.IsZero() {
			list = append(list, DayCount{Date: d, Items: items[d], Stories: begun[d]})
			most = max(most, items[d])
		}
	}
	for i := range list {
		list[i].Height = (list[i].Items*100 + most - 1) / most
	}
	return list
}

// NewStatus sorts the feeds by how they are, and shows how the stories came.
func NewStatus(feeds []Feed, stories []copytaster.Story, folds []FoldEntry) Status {
	p := Status{Feeds: slices.Clone(feeds), Days: grown(stories), Folds: folds}
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
