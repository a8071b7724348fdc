package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"copytaster"
)

// maxRows bounds the lists of outlets and of feeds; what is left out has least to tell.
const maxRows = 500

// Outlets is the body of the outlets page, counted over the newest stories.
type Outlets struct {
	Stories int         `json:"stories"`
	Outlets []OutletRow `json:"outlets"` // at most maxRows
	More    int         `json:"more"`    // outlets not shown
}

// OutletRow is what one outlet made of the stories.
type OutletRow struct {
	Name     string  `json:"name"`
	Items    int     `json:"items"`  // in the stories counted
	Wire     int     `json:"wire"`   // per cent of them that are or hold an agency's text
	First    int     `json:"first"`  // stories of several outlets that it had first
	Shared   int     `json:"shared"` // stories that it shares with others
	Delay    string  `json:"-"`      // typical: half of what it had later came within it; empty if nothing did
	Minutes  int     `json:"delay_minutes"`
	Agencies []Tally `json:"agencies"` // whose text, most first
	Feeds    int     `json:"feeds"`
	Ailing   int     `json:"ailing"` // feeds that are not well
	delays   []time.Duration
	wire     int
}

// Tally is a name and how often it was met.
type Tally struct {
	Name string `json:"name"`
	N    int    `json:"items"`
}

// NewOutlets counts what the outlets made of the stories.
func NewOutlets(stories []copytaster.Story, feeds []Feed) Outlets {
	byName := map[string]*OutletRow{}
	at := func(name string) *OutletRow {
		if byName[name] == nil {
			byName[name] = &OutletRow{Name: name}
		}
		return byName[name]
	}
	for _, s := range stories {
		for _, it := range s.Items {
			at(shorten(it.Outlet, 200)).count(s, it)
		}
	}
	for _, f := range feeds {
		if f.Outlet == "" {
			continue
		}
		row := at(f.Outlet)
		row.Feeds++
		if !f.OK && !f.Disabled {
			row.Ailing++
		}
	}
	p := Outlets{Stories: len(stories)}
	for _, row := range byName {
		p.Outlets = append(p.Outlets, row.settled())
	}
	slices.SortFunc(p.Outlets, func(a, b OutletRow) int {
		return cmp.Or(b.Items-a.Items, strings.Compare(a.Name, b.Name))
	})
	p.More = max(0, len(p.Outlets)-maxRows)
	p.Outlets = p.Outlets[:len(p.Outlets)-p.More]
	return p
}

// tallied adds n to the name's tally.
func tallied(list []Tally, name string, n int) []Tally {
	if i := slices.IndexFunc(list, func(t Tally) bool { return t.Name == name }); i >= 0 {
		list[i].N += n
		return list
	}
	return append(list, Tally{name, n})
}

// sortTallies puts the largest first.
func sortTallies(list []Tally) {
	slices.SortFunc(list, func(a, b Tally) int { return cmp.Or(b.N-a.N, strings.Compare(a.Name, b.Name)) })
}

// count takes one of the outlet's items in.
func (r *OutletRow) count(s copytaster.Story, it copytaster.Item) {
	r.Items++
	wire := false
	for _, c := range it.Credits {
		if c.Role != copytaster.Full && c.Role != copytaster.Partial {
			continue
		}
		wire = true
		r.Agencies = tallied(r.Agencies, c.Agency, 1)
	}
	if wire {
		r.wire++
	}
	if len(s.Items) < 2 {
		return
	}
	r.Shared++
	first, _ := span(s.Items)
	if d := it.Time().Sub(first); d > 0 {
		r.delays = append(r.delays, d)
	} else {
		r.First++
	}
}

// settled works out what is shown from what was counted.
func (r OutletRow) settled() OutletRow {
	if r.Items > 0 {
		r.Wire = percent(float64(r.wire) / float64(r.Items))
	}
	if len(r.delays) > 0 {
		slices.Sort(r.delays)
		typical := r.delays[len(r.delays)/2]
		r.Delay, r.Minutes = lasting(typical), int(typical.Minutes())
	}
	sortTallies(r.Agencies)
	return r
}
