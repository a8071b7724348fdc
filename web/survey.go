package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"copytaster"
)

// maxRows bounds the lists of outlets and of feeds; what is left out has least to tell.
const maxRows = 500

// outletsPage is the body of the outlets page, counted over the newest stories.
type outletsPage struct {
	Stories int
	Outlets []outletRow // at most maxRows
	More    int         // outlets not shown
	Carried matrix
}

// matrix says how many items each outlet took from each agency: the agencies and outlets with most.
type matrix struct {
	Agencies []string
	Rows     []matrixRow
}

// matrixRow is an outlet's items by agency, beside the matrix's agencies.
type matrixRow struct {
	Outlet string
	Cells  []cell
}

// cell is a number and how it stands to the largest of the matrix: 0 for none, 1 to 5.
type cell struct{ N, Heat int }

// outletRow is what one outlet made of the stories.
type outletRow struct {
	Name     string
	Items    int // in the stories counted
	Wire     int // per cent of them that are or hold an agency's text
	First    int // stories of several outlets that it had first
	Shared   int // stories that it shares with others
	Delay    string
	Agencies []tally // whose text, most first
	Feeds    int
	Ailing   int // feeds that are not well
	delays   []time.Duration
	wire     int
}

// tally is a name and how often it was met.
type tally struct {
	Name string
	N    int
}

func newOutletsPage(stories []copytaster.Story, feeds []FeedStatus) outletsPage {
	byName := map[string]*outletRow{}
	at := func(name string) *outletRow {
		if byName[name] == nil {
			byName[name] = &outletRow{Name: name}
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
	p := outletsPage{Stories: len(stories)}
	for _, row := range byName {
		p.Outlets = append(p.Outlets, row.settled())
	}
	slices.SortFunc(p.Outlets, func(a, b outletRow) int {
		return cmp.Or(b.Items-a.Items, strings.Compare(a.Name, b.Name))
	})
	p.Carried = newMatrix(p.Outlets)
	p.More = max(0, len(p.Outlets)-maxRows)
	p.Outlets = p.Outlets[:len(p.Outlets)-p.More]
	return p
}

// newMatrix counts the outlets' items by agency: at most 12 agencies and 24 outlets, so that it can be taken in.
func newMatrix(outlets []outletRow) (m matrix) {
	var agencies []tally
	most := 0
	for _, o := range outlets {
		for _, a := range o.Agencies {
			agencies = tallied(agencies, a.Name, a.N)
			most = max(most, a.N)
		}
	}
	sortTallies(agencies)
	for _, a := range agencies[:min(len(agencies), 12)] {
		m.Agencies = append(m.Agencies, a.Name)
	}
	for _, o := range outlets {
		row := matrixRow{Outlet: o.Name, Cells: make([]cell, len(m.Agencies))}
		for _, a := range o.Agencies {
			if i := slices.Index(m.Agencies, a.Name); i >= 0 {
				row.Cells[i] = cell{a.N, (a.N*5 + most - 1) / most}
			}
		}
		if len(o.Agencies) > 0 && len(m.Rows) < 24 {
			m.Rows = append(m.Rows, row)
		}
	}
	return m
}

// tallied adds n to the name's tally.
func tallied(list []tally, name string, n int) []tally {
	if i := slices.IndexFunc(list, func(t tally) bool { return t.Name == name }); i >= 0 {
		list[i].N += n
		return list
	}
	return append(list, tally{name, n})
}

// sortTallies puts the largest first.
func sortTallies(list []tally) {
	slices.SortFunc(list, func(a, b tally) int { return cmp.Or(b.N-a.N, strings.Compare(a.Name, b.Name)) })
}

// count takes one of the outlet's items in.
func (r *outletRow) count(s copytaster.Story, it copytaster.Item) {
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
func (r outletRow) settled() outletRow {
	if r.Items > 0 {
		r.Wire = percent(float64(r.wire) / float64(r.Items))
	}
	if len(r.delays) > 0 {
		slices.Sort(r.delays)
		r.Delay = lasting(r.delays[len(r.delays)/2])
	}
	sortTallies(r.Agencies)
	return r
}

// statusPage is the body of the status page: what is wrong before what is well.
type statusPage struct {
	Feeds               []FeedStatus // at most maxRows
	More                int          // feeds not shown
	Well, Ailing, Items int
	Off                 int
}

func newStatusPage(feeds []FeedStatus) statusPage {
	p := statusPage{Feeds: slices.Clone(feeds)}
	rank := func(f FeedStatus) int {
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
	slices.SortStableFunc(p.Feeds, func(a, b FeedStatus) int {
		return cmp.Or(rank(a)-rank(b), strings.Compare(strings.ToLower(a.Outlet), strings.ToLower(b.Outlet)), strings.Compare(a.URL, b.URL))
	})
	p.More = max(0, len(p.Feeds)-maxRows)
	p.Feeds = p.Feeds[:len(p.Feeds)-p.More]
	return p
}
