package view

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"copytaster"
)

// PerPage is how many stories a page of the front page holds: 100 KB at most with 11 outlets named a story.
const PerPage = 40

// Form is what the front page was asked for.
type Form struct {
	Tag, Outlet, Agency, Language, Words string
	Sort                                 string // "largest", or "" for newest
	Days                                 string // of the last so many days: "1", "3", "7" or "all"; "": 3 for the largest, else all
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
	if d := value("days"); slices.Contains(periods(), d) {
		f.Days = d
	}
	if n, err := strconv.Atoi(value("page")); err == nil {
		f.Page = min(max(n, 1), 10_000)
	}
	return f
}

// periods are the values of Days.
func periods() []string { return []string{"1", "3", "7", "all"} }

// within is how long before the newest story the stories may be, 0 for however long. The largest of all time would stand on top for ever.
func (f Form) within() time.Duration {
	days := f.Days
	if days == "" && f.Sort == "largest" {
		days = "3"
	}
	n, err := strconv.Atoi(days)
	if err != nil {
		return 0
	}
	return time.Duration(n) * 24 * time.Hour
}

// terms cuts what was typed into words, and phrases in quotation marks of whatever kind.
func terms(typed string) (list []string) {
	const marks = "\"“”„«»"
	for typed != "" {
		before, rest, opened := cutAny(typed, marks)
		list = append(list, strings.Fields(before)...)
		phrase, after, _ := cutAny(rest, marks)
		if opened && strings.TrimSpace(phrase) != "" {
			list = append(list, strings.TrimSpace(phrase))
		}
		typed = after
	}
	return list
}

// cutAny cuts s around the first of the characters.
func cutAny(s, chars string) (before, after string, found bool) {
	i := strings.IndexAny(s, chars)
	if i < 0 {
		return s, "", false
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return s[:i], s[i+size:], true
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
		Filter: copytaster.Filter{Tags: list(f.Tag), Outlets: list(f.Outlet), Agencies: list(f.Agency), Languages: list(f.Language)},
		Words:  terms(f.Words), Within: f.within(),
		Offset: (f.Page - 1) * PerPage, Limit: PerPage + 1, Largest: f.Sort == "largest",
	}
}

// Query says which stories a page shows.
type Query struct {
	Filter  copytaster.Filter
	Words   []string      // words or phrases that must all stand in a headline or text of the story
	Within  time.Duration // published at most so long before the newest; zero: whenever
	Largest bool          // by number of outlets, then newest; false: newest first
	Since   time.Time     // only stories that were shown or changed after; zero: all
	Offset  int           // stories to leave out from the beginning
	Limit   int           // at most so many; zero: all
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
	for k, v := range map[string]string{"tag": f.Tag, "outlet": f.Outlet, "agency": f.Agency, "language": f.Language, "q": f.Words, "sort": f.Sort, "days": f.Days} {
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
