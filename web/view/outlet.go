package view

import (
	"slices"

	"copytaster"
)

// Outlet is the body of one outlet's page, counted over the newest stories.
type Outlet struct {
	OutletRow
	Stories  int      `json:"stories"` // that were counted
	Shares   []Part   `json:"-"`       // of its items, by agency, and its own
	Quick    string   `json:"-"`       // a tenth of what it had later came within it; empty if nothing did
	Slow     string   `json:"-"`       // nine tenths
	With     []Tally  `json:"with"`    // outlets that it shares most stories with
	Subs     []Feed   `json:"subscriptions"`
	Learned  []string `json:"learned"` // standing lines that were learned of it, at most maxLearned
	Unlisted int      `json:"-"`       // learned lines that are not shown
	Latest   []Row    `json:"-"`       // stories that it has
}

// Part is a share of a whole in per cent.
type Part struct {
	Name    string
	N       int
	Percent int
	Own     bool // not an agency's
}

// Bounds of an outlet's page.
const (
	maxLearned = 50
	maxLatest  = 20
	maxWith    = 10
)

// NewOutlet shows what the outlet made of the stories; found is false if neither a story nor a feed is of that name.
func NewOutlet(name string, stories []copytaster.Story, feeds []Feed, learned []string) (p Outlet, found bool) {
	p = Outlet{OutletRow: OutletRow{Name: name, Agencies: []Tally{}}, Stories: len(stories), With: []Tally{}, Subs: []Feed{}, Learned: []string{}}
	for _, s := range stories {
		p.meet(s)
	}
	for _, f := range feeds {
		if f.Outlet == name {
			p.Subs = append(p.Subs, f)
			p.Feeds++
			if !f.OK && !f.Disabled {
				p.Ailing++
			}
		}
	}
	p.OutletRow = p.settled()
	if n := len(p.delays); n > 0 {
		p.Quick, p.Slow = lasting(p.delays[n/10]), lasting(p.delays[n*9/10])
	}
	p.Shares = p.shares()
	sortTallies(p.With)
	p.With = p.With[:min(len(p.With), maxWith)]
	for _, line := range learned[:min(len(learned), maxLearned)] {
		p.Learned = append(p.Learned, shorten(line, 300))
	}
	p.Unlisted = len(learned) - len(p.Learned)
	return p, p.Items+p.Feeds > 0
}

// meet takes a story in, if the outlet has it.
func (p *Outlet) meet(s copytaster.Story) {
	has := false
	for _, it := range s.Items {
		if it.Outlet == p.Name {
			p.count(s, it)
			has = true
		}
	}
	if !has {
		return
	}
	for _, other := range s.Outlets() {
		if other != p.Name {
			p.With = tallied(p.With, other, 1)
		}
	}
	if len(p.Latest) < maxLatest {
		p.Latest = append(p.Latest, NewRow(s))
	}
}

// shares are the agencies' parts of the outlet's items, most first, and what is its own. An item of two agencies counts for both.
func (p *Outlet) shares() (list []Part) {
	if p.Items == 0 {
		return nil
	}
	part := func(name string, n int, own bool) Part {
		return Part{name, n, percent(float64(n) / float64(p.Items)), own}
	}
	for _, a := range p.Agencies {
		list = append(list, part(a.Name, a.N, false))
	}
	if own := p.Items - p.wire; own > 0 {
		list = append(list, part("Its own", own, true))
	}
	slices.SortStableFunc(list, func(a, b Part) int { return b.N - a.N })
	return list
}
