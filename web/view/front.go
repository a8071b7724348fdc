// Package view makes of stories what the pages show: their words, figures and pictures, bounded in size. Pure.
package view

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"copytaster"
)

// Surveyed is how many of the newest stories the filters' choices and the outlets page are counted over: 5 ms of work.
const Surveyed = 5000

// Choices are the values that the filters offer, sorted.
type Choices struct{ Tags, Outlets, Agencies, Languages []string }

// NewChoices gathers what occurs in the stories and feeds.
func NewChoices(stories []copytaster.Story, feeds []Feed) Choices {
	var c Choices
	for _, s := range stories {
		c.Outlets = append(c.Outlets, s.Outlets()...)
		c.Agencies = append(c.Agencies, s.Agencies()...)
		for _, it := range s.Items {
			c.Tags = append(c.Tags, it.Tags...)
			c.Languages = append(c.Languages, primary(it.Language))
		}
	}
	for _, f := range feeds {
		c.Tags = append(c.Tags, f.Tags...)
	}
	return Choices{offered(c.Tags), offered(c.Outlets), offered(c.Agencies), offered(c.Languages)}
}

// maxOffered is how many values a filter offers: a list of thousands of outlets is no choice, and no page under 100 KB.
const maxOffered = 150

// offered gives the most frequent of the names, each once, sorted as people sort.
func offered(list []string) (names []string) {
	n := map[string]int{}
	for _, name := range list {
		if n[name]++; n[name] == 1 && name != "" && len(name) <= 100 {
			names = append(names, name)
		}
	}
	byName := func(a, b string) int {
		return cmp.Or(strings.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(a, b))
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(n[b]-n[a], byName(a, b)) })
	names = names[:min(len(names), maxOffered)]
	slices.SortFunc(names, byName)
	return names
}

// with gives the choices with those that were made among them, so that the form always shows what is asked for.
func (c Choices) with(f Form) Choices {
	add := func(list []string, v string) []string {
		if v == "" || slices.Contains(list, v) {
			return list
		}
		return append(slices.Clone(list), v)
	}
	return Choices{add(c.Tags, f.Tag), add(c.Outlets, f.Outlet), add(c.Agencies, f.Agency), add(c.Languages, f.Language)}
}

// primary is the language of a tag without its region.
func primary(tag string) string {
	p, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return p
}

// Front is the body of the front page.
type Front struct {
	Form       Form
	Choices    Choices
	Periods    []Period
	Filtered   bool
	Days       []Day
	Feeds      []Alternate // of this view
	Prev, Next string      // addresses, empty if there is none
	First      string      // address, if this is not it
}

// Period is a choice of how old stories may be.
type Period struct{ Value, Words string }

// Day is a run of stories under one heading; a zero Date has none.
type Day struct {
	Date    time.Time
	Stories []Row
}

// Row is a story on the front page.
type Row struct {
	ID, Title, Summary, Language string
	Agencies                     []string
	Outlets                      []string // at most namedOutlets
	More                         int      // outlets not named
	Count                        int      // of outlets
	Published                    time.Time
	Last                         time.Time // when the last outlet came
	Over                         string    // how long it took to spread; empty for a single item
	Bars                         []Bar
}

const namedOutlets = 6

// NewFront shows the stories, one more than PerPage if there are more, under the days of the place.
func NewFront(f Form, c Choices, stories []copytaster.Story, loc *time.Location) Front {
	q := f.Query()
	p := Front{Form: f, Choices: c.with(f), Filtered: !q.Filter.Empty() || len(q.Words) > 0 || f.Days != ""}
	for _, v := range periods() {
		p.Periods = append(p.Periods, Period{v, map[string]string{"1": "Day", "3": "3 days", "7": "Week", "all": "Whenever"}[v]})
	}
	if len(stories) > PerPage {
		stories = stories[:PerPage]
		p.Next = f.Address(f.Page + 1)
	}
	if f.Page > 1 {
		p.Prev, p.First = f.Address(f.Page-1), f.Address(1)
	}
	for _, s := range stories {
		r := NewRow(s)
		date := time.Time{}
		if f.Sort == "" {
			y, m, d := r.Published.In(loc).Date()
			date = time.Date(y, m, d, 0, 0, 0, 0, loc)
		}
		if n := len(p.Days); n == 0 || !p.Days[n-1].Date.Equal(date) {
			p.Days = append(p.Days, Day{Date: date})
		}
		d := &p.Days[len(p.Days)-1]
		d.Stories = append(d.Stories, r)
	}
	return p
}

// NewRow shows a story in a list.
func NewRow(s copytaster.Story) Row {
	outlets := s.Outlets()
	r := Row{ID: s.ID, Published: s.Published, Agencies: s.Agencies(), Count: len(outlets), More: max(0, len(outlets)-namedOutlets)}
	for _, name := range outlets[:len(outlets)-r.More] {
		r.Outlets = append(r.Outlets, shorten(name, 100))
	}
	if len(s.Items) == 0 {
		return r
	}
	lead := s.Items[0]
	r.Title, r.Language, r.Summary = headline(lead), lead.Language, summary(lead)
	first, last := span(s.Items)
	r.Last = last
	if r.Published.IsZero() {
		r.Published = first
	}
	if len(s.Items) > 1 {
		r.Over, r.Bars = lasting(last.Sub(first)), bars(s.Items, first, last)
	}
	return r
}

// Initials are what stands for an outlet's name in a small square: the first letters of its first two words, or of what has none.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) > 2 && strings.EqualFold(words[0], "the") {
		words = words[1:]
	}
	var b strings.Builder
	for _, w := range words[:min(len(words), 2)] {
		r, _ := utf8.DecodeRuneInString(w)
		b.WriteRune(unicode.ToUpper(r))
	}
	return cmp.Or(b.String(), "·")
}

// headline is the item's title, or what stands for it.
func headline(it copytaster.Item) string {
	return cmp.Or(shorten(strings.TrimSpace(it.Title), 400), summary(it), "Without a headline")
}

// summary is the beginning of the kept text.
func summary(it copytaster.Item) string {
	for _, b := range it.Blocks {
		if b.Kept && strings.TrimSpace(b.Text) != "" {
			return shorten(b.Text, 240)
		}
	}
	return ""
}

// shorten cuts at a word, n bytes or a little less in.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	cut := n
	for cut > 0 && s[cut]&0xc0 == 0x80 {
		cut--
	}
	if sp := strings.LastIndexByte(s[:cut], ' '); sp > cut/2 {
		cut = sp
	}
	return strings.TrimRight(s[:cut], " ,;:") + "…"
}

// span is when the first and the last item were published.
func span(items []copytaster.Item) (first, last time.Time) {
	first, last = items[0].Time(), items[0].Time()
	for _, it := range items[1:] {
		if t := it.Time(); t.Before(first) {
			first = t
		} else if t.After(last) {
			last = t
		}
	}
	return first, last
}

// lasting is a length of time in words.
func lasting(d time.Duration) string {
	minutes := int(d.Round(time.Minute).Minutes())
	switch {
	case minutes < 1:
		return "under a minute"
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 24*60 && minutes%60 == 0:
		return fmt.Sprintf("%d h", minutes/60)
	case minutes < 24*60:
		return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	case minutes < 48*60:
		return "1 day"
	}
	return fmt.Sprintf("%d days", minutes/(24*60))
}

// Bar is a column of the picture of how a story spread, in its 120 by 16 units.
type Bar struct{ X, Y, H int }

// bars counts the items in 24 equal parts of the time between first and last.
func bars(items []copytaster.Item, first, last time.Time) []Bar {
	const parts, height = 24, 16
	var n [parts]int
	for _, it := range items {
		i := 0
		if total := last.Sub(first); total > 0 {
			i = int(float64(it.Time().Sub(first)) / float64(total) * parts)
		}
		n[min(i, parts-1)]++
	}
	most := slices.Max(n[:])
	var list []Bar
	for i, k := range n {
		if k > 0 {
			h := max(height*k/most, 3)
			list = append(list, Bar{X: i * 5, Y: height - h, H: h})
		}
	}
	return list
}

// percent is a part of 1 in whole per cent, between 0 and 100.
func percent(x float64) int {
	if math.IsNaN(x) {
		return 0
	}
	return int(math.Round(100 * min(max(x, 0), 1)))
}

// Alternate is a feed that belongs to a page.
type Alternate struct{ Title, Type, Address string }
