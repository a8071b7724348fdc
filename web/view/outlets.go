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
	Stories int
	Outlets []OutletRow // at most maxRows
	More    int         // outlets not shown
	Carried Matrix
}

// Matrix says how many items each outlet took from each agency: the agencies and outlets with most.
type Matrix struct {
	Agencies []string
	Rows     []MatrixRow
}

// MatrixRow is an outlet's items by agency, beside the matrix's agencies.
type MatrixRow struct {
	Outlet string
	Cells  []Cell
}

// Cell is a number and how it stands to the largest of the matrix: 0 for none, 1 to 5.
type Cell struct{ N, Heat int }

// OutletRow is what one outlet made of the stories.
type OutletRow struct {
	Name     string
	Items    int // in the stories counted
	Wire     int // per cent of them that are or hold an agency's text
	First    int // stories of several outlets that it had first
	Shared   int // stories that it shares with others
	Delay    string
	Agencies []Tally // whose text, most first
	Feeds    int
	Ailing   int // feeds that are not well
	delays   []time.Duration
	wire     int
}

// Tally is a name and how often it was met.
type Tally struct {
	Name string
	N    int
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
		Row := at(f.Outlet)
		Row.Feeds++
		if !f.OK && !f.Disabled {
			Row.Ailing++
		}
	}
	p := Outlets{Stories: len(stories)}
	for _, Row := range byName {
		p.Outlets = append(p.Outlets, Row.settled())
	}
	slices.SortFunc(p.Outlets, func(a, b OutletRow) int {
		return cmp.Or(b.Items-a.Items, strings.Compare(a.Name, b.Name))
	})
	p.Carried = newMatrix(p.Outlets)
	p.More = max(0, len(p.Outlets)-maxRows)
	p.Outlets = p.Outlets[:len(p.Outlets)-p.More]
	return p
}

// newMatrix counts the outlets' items by agency: at most 12 agencies and 24 outlets, so that it can be taken in.
func newMatrix(outlets []OutletRow) (m Matrix) {
	var agencies []Tally
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
		Row := MatrixRow{Outlet: o.Name, Cells: make([]Cell, len(m.Agencies))}
		for _, a := range o.Agencies {
			if i := slices.Index(m.Agencies, a.Name); i >= 0 {
				Row.Cells[i] = Cell{a.N, (a.N*5 + most - 1) / most}
			}
		}
		if len(o.Agencies) > 0 && len(m.Rows) < 24 {
			m.Rows = append(m.Rows, Row)
		}
	}
	return m
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
		r.Delay = lasting(r.delays[len(r.delays)/2])
	}
	sortTallies(r.Agencies)
	return r
}
