// Package rule says what two articles are to each other: by their texts, and by what links them whatever those say. It never looks at a third. It is pure.
package rule

import (
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"copytaster/dedupe/part"
	"copytaster/dedupe/shingle"
)

// Article is what folding knows of an item. An empty Outlet is another, unknown outlet each time; a zero Published is inside every window.
type Article struct {
	ID        string
	Outlet    string
	URL       string // canonical, see copytaster.CanonicalURL
	Title     string
	Published time.Time
	Seen      time.Time // when it was first stored: says which of two stories is older; equal or zero: the order of Add
	Keys      []string  // agency ids found in the page
	Set       shingle.Set
}

// Rules are what the configuration says beside the thresholds. Those hold for every kind of text; beside each stands the range in which
// the figures of four labelled sets stay within two hundredths.
type Rules struct {
	Window time.Duration
	join   map[string][]string // by URL: the names of the joins it stands in
	split  map[string]bool
	never  map[[2]string]bool
	least  *leastHits
}

const (
	Copied    = 0.47           // containment from which an article of another outlet is a copy (.46-.51),
	scarce    = 3.0            // and so much more over its words, as short texts agree by chance (2-6.5)
	brief     = 50             // words under which (40-70)
	nearlyAll = 0.72           // is asked for instead (.68-.76)
	version   = 0.80           // containment from which an article of the same outlet is a version (.70-.88)
	Mentioned = Copied * 2 / 3 // containment from which one mentions the other
	MinShared = 12             // unquoted shingles that both must hold (8-18)
	MinWords  = 25             // below this a text alone folds nothing
	sameStory = 0.10           // containment under which one address has had two stories, as the address of a live page has
)

// Rule is what two articles are to each other by their texts, or that they are linked whatever their texts say.
type Rule uint8

const (
	Nothing Rule = iota // the texts share nothing, or only what the outlet repeats
	Mention             // joins nothing but tells a bridge: the two share a good part, or one quotes the other
	Copy                // these join
	Version
	Short
	Linked // by a link, see linksOf
)

// String is the rule as it is shown.
func (r Rule) String() string {
	return [...]string{"", "mention", "copy", "version of one outlet", "same headline, path and few words", "linked"}[r]
}

// What joins beside texts, as it is shown.
const (
	Address = "same address: "
	Key     = "same agency id: "
	Join    = "joined by the configuration: "
	Tied    = "held together by a copy that left the window"
)

// New makes rules of pairs of canonical URLs that are one story whatever their texts say, canonical URLs that join nothing, and pairs of outlets that are never
// folded with each other.
func New(window time.Duration, join [][2]string, split []string, never [][2]string) Rules {
	r := Rules{Window: window, join: map[string][]string{}, split: map[string]bool{}, never: map[[2]string]bool{}, least: leasts()}
	for _, j := range join {
		name := Join + j[0] + " " + j[1]
		r.join[j[0]] = append(r.join[j[0]], name)
		r.join[j[1]] = append(r.join[j[1]], name)
	}
	for _, u := range split {
		r.split[u] = true
	}
	for _, p := range never {
		r.never[p] = true
		r.never[[2]string{p[1], p[0]}] = true
	}
	return r
}

// Decide is the rule under which two texts match. One says that they are of one outlet, head that they have one headline and path, see SameHead.
func (r Rules) Decide(a, b shingle.Set, one, head bool, m shingle.Match) Rule {
	words := min(a.Words(), b.Words())
	switch {
	case words < MinWords:
		if head && (m.Most() == 1 || a.Len() == 0 || b.Len() == 0) { // and no word differs
			return Short
		}
		return Nothing
	case m.Shared < MinShared:
		return Nothing
	case one && m.Most() >= version:
		return Version
	case one:
		return Nothing
	case m.Most() >= enough(words) && !quotes(a, b, m):
		return Copy
	case m.Shared >= 3*MinShared && m.Most() >= Mentioned:
		return Mention
	}
	return Nothing
}

// enough is the containment that makes a copy of a text of so many words.
func enough(words int) float64 {
	if words < brief {
		return nearlyAll
	}
	return Copied + scarce/float64(words)
}

// quotes reports whether one of the two quotes the other at length and is no copy: it begins with 20 words of its own or more, and what they
// share stands in stretches of 45 words on average. Copies begin with the copy or are edited throughout: of 1,650 pairs of copies
// contained by less than .85 none was like this, of 14 pairs of pages that quote the same or each other 7 (12-32 and 35-60 words move one pair of
// ten).
func quotes(a, b shingle.Set, m shingle.Match) bool {
	if m.Most() >= 0.85 {
		return false
	}
	return after(a, b) || after(b, a)
}

// after reports whether a quotes b after words of its own.
func after(a, b shingle.Set) bool {
	if shingle.Begins(a, b, 20) { // most copies do
		return false
	}
	r := shingle.RegionOf(a, b)
	runs := r.Runs()
	return r.Size()+3*runs >= 45*runs
}

// LeastHits is how many postings two texts of so many words must share to be worth comparing. For long texts, of whose shingles an eighth is posted, it is what
// the weakest match (a mention, .31 of the smaller one) has in the mean less 2.3 standard deviations: of the weakest mentions one in a hundred has fewer, of the weakest
// copies of 500 words one in 14,000. Among 1,800 articles of up to 600 words on the same subjects it leaves 330,000 pairs of 944,000 that a hundredth of the words
// left. Of two short texts half is posted, and the weakest match is a copy; there it is half of what that has: of 12,077 matches among 1.46 million pairs of 6,000
// reports of about 50 words none had fewer, and it leaves one pair in 40.
func (r Rules) LeastHits(a, b int) int {
	words := min(a, b)
	switch {
	case max(a, b) < shingle.Short:
		return int(r.least.short[words])
	case words < len(r.least.long):
		return int(r.least.long[words])
	}
	return leastOfLong(words)
}

// leastHits tabulates LeastHits by the words of the shorter text: thousands of candidates are asked for each article.
type leastHits struct {
	short [shingle.Short]int16 // of two short texts
	long  [1 << 11]int16
}

func leastOfLong(words int) int {
	mean := Mentioned * float64(words) / 8
	return max(words/100, int(mean-2.3*math.Sqrt(mean)))
}

func leasts() *leastHits {
	var t leastHits
	for words := range t.short {
		t.short[words] = int16(int(enough(words)*float64(words-3)) / 2 / 2)
	}
	for words := range t.long {
		t.long[words] = int16(leastOfLong(words))
	}
	return &t
}

// Forbidden reports whether the configuration keeps the two apart.
func (r Rules) Forbidden(a, b *Article) bool {
	return len(r.split) > 0 && (r.split[a.URL] || r.split[b.URL]) || len(r.never) > 0 && r.never[[2]string{a.Outlet, b.Outlet}]
}

// Corrects reports whether the configuration keeps any articles apart.
func (r Rules) Corrects() bool { return len(r.split)+len(r.never) > 0 }

// Far reports whether two times lie further apart than the window.
func (r Rules) Far(a, b time.Time) bool { return part.Far(a, b, r.Window) }

// SameHead is what texts too short to say anything must have in common: the headline, which is kept of the shortest only, and the path at whatever host.
func SameHead(a, b *Article) bool {
	if a.Title == "" || !strings.EqualFold(a.Title, b.Title) {
		return false
	}
	p := pathOf(a.URL)
	return len(p) > 1 && p == pathOf(b.URL)
}

func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path
}

// linksOf lists what links an article to others of the same link whatever their texts: its address, its agency ids, its joins.
func (r Rules) linksOf(a *Article) []string {
	links := r.OtherLinks(a)
	if a.URL != "" {
		links = append(links, Address+a.URL)
		slices.Sort(links)
	}
	return links
}

// OtherLinks are those but the address, which are few.
func (r Rules) OtherLinks(a *Article) []string {
	links := slices.Clone(r.join[a.URL])
	for _, k := range a.Keys {
		if k = agencyKey(k); k != "" {
			links = append(links, Key+k)
		}
	}
	slices.Sort(links)
	return slices.Compact(links)
}

// LinkOf is the first link that joins two articles that match so, "" if none does. Short says that one of them is too short to say anything.
func (r Rules) LinkOf(a, b *Article, short bool, m shingle.Match) string {
	theirs := r.linksOf(b)
	for _, link := range r.linksOf(a) {
		if slices.Contains(theirs, link) && Holds(link, short, m) {
			return link
		}
	}
	return ""
}

// Holds reports whether a link joins two articles that match so.
func Holds(link string, short bool, m shingle.Match) bool {
	return !strings.HasPrefix(link, Address) || short || m.Most() >= sameStory
}

// agencyKey drops what differs between versions and spellings of one agency story's id: case, the scheme's prefix, dpa's version behind
// the last slash.
func agencyKey(k string) string {
	k = strings.ToLower(strings.TrimSpace(k))
	if rest, ok := strings.CutPrefix(k, "urn:newsml:dpa.com:"); ok {
		if _, id, ok := strings.Cut(rest, ":"); ok {
			rest = id
		}
		k = "dpa:" + rest
	}
	if strings.HasPrefix(k, "dpa:") {
		k, _, _ = strings.Cut(k, "/")
		k, _, _ = strings.Cut(k, ":v")
	}
	return k
}

// Why names the rule that joins the two or keeps them apart.
func (r Rules) Why(a, b *Article, m shingle.Match) (rule string, folds bool) {
	switch {
	case r.split[a.URL] || r.split[b.URL]:
		return "one of them is split off by the configuration", false
	case r.never[[2]string{a.Outlet, b.Outlet}]:
		return "the configuration never folds these outlets", false
	case r.Far(a.Published, b.Published):
		return "further apart than the window", false
	}
	short := min(a.Set.Words(), b.Set.Words()) < MinWords
	if link := r.LinkOf(a, b, short, m); link != "" {
		return link, true
	}
	decided := r.Decide(a.Set, b.Set, a.Outlet != "" && a.Outlet == b.Outlet, SameHead(a, b), m)
	if decided > Mention {
		return decided.String(), true
	}
	switch {
	case decided == Mention && m.Most() >= enough(min(a.Set.Words(), b.Set.Words())):
		return "one quotes the other at length", false
	case short:
		return "too short for the text to say anything", false
	case m.Shared < MinShared:
		return "too few shared words outside of quotations", false
	case a.Outlet != "" && a.Outlet == b.Outlet:
		return "too little shared for versions of one outlet's story", false
	}
	return "too little shared for a copy", false
}
