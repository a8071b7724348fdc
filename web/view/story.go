package view

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"copytaster"
	"copytaster/export/safe"
	"copytaster/web/diff"
)

// Story is the body of a story's page.
type Story struct {
	ID          string
	Lead        Version
	HTML        template.HTML // the lead's text where it has no blocks
	Versions    []Version     // the lead first, at most MaxVersions
	More        int           // versions not shown
	Agencies    []string
	Count       int // of all versions
	Outlets     int
	First, Last time.Time
	Over        string
	Bars        []Bar
	Picture     string    // address of the lead's picture at the outlet, empty if there is none
	Image       string    // path under which it is passed on, empty if it is not
	Spread      []Arrival // the versions in order of time, nil for one
	Beside      *Beside   // two versions side by side, nil if none was asked for
	Same        *Same     // another story that this one is held against, nil if none was asked for
}

// Asked is what a story's page was asked for beside the story.
type Asked struct {
	Beside  []string          // ids of two items, or of one that is put beside the lead
	Same    string            // the id of another story, as it was typed
	Another *copytaster.Story // that story, nil if there is none
}

// Beside is two versions next to each other.
type Beside struct {
	A, B Version
	*diff.Comparison
}

// Arrival is when a version came, as a mark from 0 to 100 between the first and the last.
type Arrival struct {
	ID, Outlet, Delay string
	At                int
	Lead              bool
}

// Version is one outlet's item of the story.
type Version struct {
	ID, Outlet, Title, URL, Language string
	Authors                          []string
	Credits                          []Credit
	Time                             time.Time
	Delay                            string // behind the first; empty for the first
	Lead, Measured                   bool
	Kept, Cut, Added                 int // per cent: of the lead's text, of it again, of the item's own
	Text                             []copytaster.Block
	Stripped                         []Stripped
	Apart                            string // YAML that says it is a story of its own; empty where it has no address
}

// Credit is what an agency had to do with a version, in words.
type Credit struct{ Agency, Words, Evidence string }

// Stripped is a run of blocks that were not kept for one reason.
type Stripped struct {
	Why   string
	Texts []string
}

// MaxVersions bounds a story's page; beyond it nobody reads on.
const MaxVersions = 200

// NewStory shows a story with all its versions.
func NewStory(st copytaster.Story, asked Asked) Story {
	p := Story{ID: st.ID, Count: len(st.Items), Agencies: st.Agencies(), Outlets: len(st.Outlets())}
	p.First, p.Last = span(st.Items)
	p.More = max(0, len(st.Items)-MaxVersions)
	for i, it := range st.Items[:len(st.Items)-p.More] {
		v := newVersion(it, p.First)
		v.Lead = i == 0
		if i < len(st.Shares) {
			share := st.Shares[i]
			v.Measured, v.Kept, v.Added = true, percent(share.Kept), percent(share.Added)
			v.Cut = 100 - v.Kept
		}
		p.Versions = append(p.Versions, v)
	}
	p.Lead, p.Picture = p.Versions[0], webAddress(st.Items[0].Image)
	if len(p.Lead.Text) == 0 && len(p.Lead.Stripped) == 0 {
		p.HTML = template.HTML(safe.HTML(st.Items[0].HTML)) // made anew of a few harmless elements
	}
	if len(st.Items) > 1 {
		p.Over, p.Bars = lasting(p.Last.Sub(p.First)), bars(st.Items, p.First, p.Last)
		p.Spread = arrivals(p.Versions, p.First, p.Last)
	}
	p.Beside, p.Same = p.beside(asked.Beside), newSame(st, asked)
	return p
}

// beside puts the two versions next to each other, or the one next to the lead; nil if they are not two.
func (p Story) beside(ids []string) *Beside {
	var two []Version
	for _, id := range ids {
		if i := slices.IndexFunc(p.Versions, func(v Version) bool { return v.ID == id }); i >= 0 && len(two) < 2 {
			two = append(two, p.Versions[i])
		}
	}
	if len(two) == 1 {
		two = []Version{p.Lead, two[0]}
	}
	if len(two) < 2 || two[0].ID == two[1].ID {
		return nil
	}
	return &Beside{two[0], two[1], diff.Compare(two[0].Text, two[1].Text)}
}

// arrivals puts the versions in order of time.
func arrivals(versions []Version, first, last time.Time) (list []Arrival) {
	byTime := slices.SortedStableFunc(slices.Values(versions), func(a, b Version) int { return a.Time.Compare(b.Time) })
	for _, v := range byTime {
		a := Arrival{ID: v.ID, Outlet: v.Outlet, Delay: v.Delay, Lead: v.Lead}
		if total := last.Sub(first); total > 0 {
			a.At = percent(float64(v.Time.Sub(first)) / float64(total))
		}
		list = append(list, a)
	}
	return list
}

func newVersion(it copytaster.Item, first time.Time) Version {
	v := Version{ID: it.ID, Outlet: it.Outlet, Title: headline(it), URL: webAddress(it.URL), Language: it.Language, Authors: it.Authors, Time: it.Time()}
	if d := v.Time.Sub(first); d >= time.Minute {
		v.Delay = lasting(d)
	}
	v.Apart = apart(v.URL)
	for _, c := range it.Credits {
		v.Credits = append(v.Credits, Credit{c.Agency, roleWords(c.Role), c.Evidence})
	}
	for _, b := range it.Blocks {
		if b.Kept {
			v.Text = append(v.Text, b)
			continue
		}
		if n := len(v.Stripped); n == 0 || v.Stripped[n-1].Why != b.Why {
			v.Stripped = append(v.Stripped, Stripped{Why: b.Why})
		}
		last := &v.Stripped[len(v.Stripped)-1]
		last.Texts = append(last.Texts, b.Text)
	}
	return v
}

// webAddress is the address if a page may link to it, else empty.
func webAddress(s string) string {
	lower := strings.ToLower(s)
	if strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") {
		return s
	}
	return ""
}

// roleWords says what an agency's role means.
func roleWords(r copytaster.Role) string {
	switch r {
	case copytaster.Full:
		return "is the source of the text"
	case copytaster.Partial:
		return "is worked into the text"
	case copytaster.Photo:
		return "took the picture"
	case copytaster.Cited:
		return "is cited"
	}
	return string(r)
}
