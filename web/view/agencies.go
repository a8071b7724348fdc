package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"copytaster"
)

// Agencies is the body of the agencies page, counted over the newest stories.
type Agencies struct {
	Stories  int         `json:"stories"`
	Agencies []AgencyRow `json:"agencies"` // at most maxRows
	Carried  Matrix      `json:"carried"`
}

// AgencyRow is what became of one agency's copy.
type AgencyRow struct {
	Name    string  `json:"name"`
	Stories int     `json:"stories"` // that are or hold its text
	Items   int     `json:"items"`
	Alone   int     `json:"alone"` // stories that one outlet has
	Spread  string  `json:"-"`     // typical time from the first to the last outlet; empty if nothing spread
	Minutes int     `json:"spread_minutes"`
	Outlets []Tally `json:"outlets"` // who carries it, most first
	spread  []time.Duration
}

// Matrix says how many items each outlet took from each agency: the agencies and outlets with most.
type Matrix struct {
	Agencies []string    `json:"agencies"`
	Rows     []MatrixRow `json:"outlets"`
}

// MatrixRow is an outlet's items by agency, beside the matrix's agencies.
type MatrixRow struct {
	Outlet string `json:"outlet"`
	Cells  []Cell `json:"cells"`
}

// Cell is a number and how it stands to the largest of the matrix: 0 for none, 1 to 5. Outlet and Agency are its row and column.
type Cell struct {
	N      int    `json:"items"`
	Heat   int    `json:"-"`
	Outlet string `json:"-"`
	Agency string `json:"-"`
}

// NewAgencies counts who carries whom.
func NewAgencies(stories []copytaster.Story) Agencies {
	byName := map[string]*AgencyRow{}
	for _, s := range stories {
		for _, name := range s.Agencies() {
			if byName[name] == nil {
				byName[name] = &AgencyRow{Name: name}
			}
			byName[name].count(s)
		}
	}
	p := Agencies{Stories: len(stories), Agencies: []AgencyRow{}}
	for _, row := range byName {
		p.Agencies = append(p.Agencies, row.settled())
	}
	slices.SortFunc(p.Agencies, func(a, b AgencyRow) int { return cmp.Or(b.Items-a.Items, strings.Compare(a.Name, b.Name)) })
	p.Agencies = p.Agencies[:min(len(p.Agencies), maxRows)]
	p.Carried = newMatrix(p.Agencies)
	return p
}

// count takes a story in that is or holds the agency's text.
func (r *AgencyRow) count(s copytaster.Story) {
	r.Stories++
	if len(s.Outlets()) == 1 {
		r.Alone++
	} else {
		first, last := span(s.Items)
		r.spread = append(r.spread, last.Sub(first))
	}
	for _, it := range s.Items {
		if slices.ContainsFunc(it.Credits, func(c copytaster.Credit) bool {
			return c.Agency == r.Name && (c.Role == copytaster.Full || c.Role == copytaster.Partial)
		}) {
			r.Items++
			r.Outlets = tallied(r.Outlets, shorten(it.Outlet, 200), 1)
		}
	}
}

func (r AgencyRow) settled() AgencyRow {
	sortTallies(r.Outlets)
	if len(r.spread) > 0 {
		slices.Sort(r.spread)
		typical := r.spread[len(r.spread)/2]
		r.Spread, r.Minutes = lasting(typical), int(typical.Minutes())
	}
	return r
}

// The matrix holds so many of either, those with most, so that it can be taken in.
const (
	matrixAgencies = 12
	matrixOutlets  = 40
)

func newMatrix(agencies []AgencyRow) Matrix {
	agencies = agencies[:min(len(agencies), matrixAgencies)]
	m := Matrix{Agencies: []string{}, Rows: []MatrixRow{}}
	var outlets []Tally
	most := 0
	for _, a := range agencies {
		m.Agencies = append(m.Agencies, a.Name)
		for _, o := range a.Outlets {
			outlets = tallied(outlets, o.Name, o.N)
			most = max(most, o.N)
		}
	}
	sortTallies(outlets)
	for _, o := range outlets[:min(len(outlets), matrixOutlets)] {
		row := MatrixRow{Outlet: o.Name}
		for _, a := range agencies {
			c := Cell{Outlet: o.Name, Agency: a.Name}
			if i := slices.IndexFunc(a.Outlets, func(t Tally) bool { return t.Name == o.Name }); i >= 0 {
				c.N = a.Outlets[i].N
				c.Heat = (c.N*5 + most - 1) / most
			}
			row.Cells = append(row.Cells, c)
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}
