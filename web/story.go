package web

import (
	"cmp"
	"html/template"
	"slices"
	"strings"
	"time"

	"copytaster"
	"copytaster/export"
)

// storyPage is the body of a story's page.
type storyPage struct {
	ID          string
	Lead        version
	HTML        template.HTML // the lead's text where it has no blocks
	Versions    []version     // the lead first, at most maxVersions
	More        int           // versions not shown
	Agencies    []string
	Count       int // of all versions
	Outlets     int
	First, Last time.Time
	Over        string
	Bars        []bar
	Beside      *comparison // two versions side by side, nil if none was asked for
}

// version is one outlet's item of the story.
type version struct {
	ID, Outlet, Title, URL, Language string
	Authors                          []string
	Credits                          []credit
	Time                             time.Time
	Delay                            string // behind the first; empty for the first
	Lead, Measured                   bool
	Kept, Cut, Added                 int // per cent: of the lead's text, of it again, of the item's own
	Text                             []copytaster.Block
	Stripped                         []stripped
}

// credit is what an agency had to do with a version, in words.
type credit struct{ Agency, Words, Evidence string }

// stripped is a run of blocks that were not kept for one reason.
type stripped struct {
	Why   string
	Texts []string
}

// maxVersions bounds a story's page; beyond it nobody reads on.
const maxVersions = 200

func newStoryPage(st copytaster.Story, beside string) storyPage {
	p := storyPage{ID: st.ID, Count: len(st.Items), Agencies: st.Agencies(), Outlets: len(st.Outlets())}
	p.First, p.Last = span(st.Items)
	if len(st.Items) > 1 {
		p.Over, p.Bars = lasting(p.Last.Sub(p.First)), bars(st.Items, p.First, p.Last)
	}
	p.More = max(0, len(st.Items)-maxVersions)
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
	p.Lead = p.Versions[0]
	if len(p.Lead.Text) == 0 && len(p.Lead.Stripped) == 0 {
		p.HTML = template.HTML(export.HTML(st.Items[0].HTML)) // made anew of a few harmless elements
	}
	if i := slices.IndexFunc(p.Versions, func(v version) bool { return v.ID == beside }); i > 0 {
		p.Beside = compare(p.Lead, p.Versions[i])
	}
	return p
}

func newVersion(it copytaster.Item, first time.Time) version {
	v := version{ID: it.ID, Outlet: it.Outlet, Title: headline(it), URL: webAddress(it.URL), Language: it.Language, Authors: it.Authors, Time: it.Time()}
	if d := v.Time.Sub(first); d >= time.Minute {
		v.Delay = lasting(d)
	}
	for _, c := range it.Credits {
		v.Credits = append(v.Credits, credit{c.Agency, roleWords(c.Role), c.Evidence})
	}
	for _, b := range it.Blocks {
		if b.Kept {
			v.Text = append(v.Text, b)
			continue
		}
		if n := len(v.Stripped); n == 0 || v.Stripped[n-1].Why != b.Why {
			v.Stripped = append(v.Stripped, stripped{Why: b.Why})
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

// reasons reads the words for why a block was not kept: a line each, the reason as it is stored, a tab, the words.
func reasons() func(why string) string {
	text, err := files.ReadFile("assets/reasons.txt")
	if err != nil {
		panic(err) // built in: cannot be missing in a program that compiles
	}
	words := map[string]string{"": "no reason was recorded"}
	for line := range strings.Lines(string(text)) {
		why, said, _ := strings.Cut(strings.TrimSpace(line), "\t")
		words[why] = said
	}
	return func(why string) string { return cmp.Or(words[why], why) }
}
