package view

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"copytaster"
)

// PerPage is how many stories a page of the front page holds: 100 KB at most with 11 outlets named a story.
const PerPage = 40

// Form is what the front page was asked for.
type Form struct {
	Tag, Outlet, Agency, Language, Words string
	Sort                                 string // "largest", or "" for newest
	Page                                 int    // from 1
}

// ParseForm reads the query of an address; what is too long is cut, what is no number counts as page 1.
func ParseForm(q url.Values) Form {
	value := func(key string) string {
		v := strings.TrimSpace(q.Get(key))
		return v[:min(len(v), 200)]
	}
	f := Form{Tag: value("tag"), Outlet: value("outlet"), Agency: value("agency"), Language: value("language"), Words: value("q"), Page: 1}
	if value("sort") == "largest" {
		f.Sort = "largest"
	}
	if n, err := strconv.Atoi(value("page")); err == nil {
		f.Page = min(max(n, 1), 10_000)
	}
	return f
}

// Query asks for one story more than a page holds, to know whether there is a next page.
func (f Form) Query() Query {
	list := func(v string) []string {
		if v == "" {
			return nil
		}
		return []string{v}
	}
	return Query{
		Filter: copytaster.Filter{Tags: list(f.Tag), Outlets: list(f.Outlet), Agencies: list(f.Agency), Languages: list(f.Language), Words: list(f.Words)},
		Offset: (f.Page - 1) * PerPage, Limit: PerPage + 1, Largest: f.Sort == "largest",
	}
}

// Query says which stories a page shows.
type Query struct {
	Filter  copytaster.Filter
	Largest bool      // by number of outlets, then newest; false: newest first
	Since   time.Time // only stories that were shown or changed after; zero: all
	Offset  int       // stories to leave out from the beginning
	Limit   int       // at most so many
}

// Address is the front page's with these filters at the n-th page.
func (f Form) Address(n int) string {
	f.Page = n
	return "/?" + f.Values()
}

// Feed is the path of the view's feed.
func (f Form) Feed(ending string) string {
	f.Page, f.Sort = 1, ""
	if v := f.Values(); v != "" {
		return "/stories." + ending + "?" + v
	}
	return "/stories." + ending
}

// Values writes the form as a query, what is not set left out.
func (f Form) Values() string {
	q := url.Values{}
	for k, v := range map[string]string{"tag": f.Tag, "outlet": f.Outlet, "agency": f.Agency, "language": f.Language, "q": f.Words, "sort": f.Sort} {
		if v != "" {
			q.Set(k, v)
		}
	}
	if f.Page > 1 {
		q.Set("page", strconv.Itoa(f.Page))
	}
	return q.Encode()
}

// Title says what the filters are, as the end of a title.
func (f Form) Title() string {
	var list []string
	for _, v := range []string{f.Words, f.Agency, f.Outlet, f.Tag, f.Language} {
		if v != "" {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return ": " + strings.Join(list, ", ")
}
