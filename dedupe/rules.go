package dedupe

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"copytaster/dedupe/shingle"
)

// rules decides what two articles are to each other. All thresholds hold for every kind of text; beside each stands the range in which
// the figures of four labelled sets stay within two hundredths.
type rules struct {
	window time.Duration
	join   map[string][]string // by URL: the names of the joins it stands in
	split  map[string]bool
	never  map[[2]string]bool
	least  *[2][shingle.Short]int8 // see leastHits: by the words of the shorter text, with a short one and with a long one
}

const (
	copied    = 0.47           // containment from which an article of another outlet is a copy (.46-.51),
	scarce    = 3.0            // and so much more over its words, as short texts agree by chance (2-6.5)
	brief     = 50             // words under which (40-70)
	nearlyAll = 0.72           // is asked for instead (.68-.76)
	version   = 0.80           // containment from which an article of the same outlet is a version (.70-.88)
	mentioned = copied * 2 / 3 // containment from which one mentions the other
	minShared = 12             // unquoted shingles that both must hold (8-18)
	minWords  = 25             // below this a text alone folds nothing
	sameStory = 0.10           // containment under which one address has had two stories, as the address of a live page has
)

// rule is what two articles are to each other by their texts, or that they are linked whatever their texts say.
type rule uint8

const (
	nothing  rule = iota // the texts share nothing, or only what the outlet repeats
	mention              // joins nothing but tells a bridge: the two share a good part, or one quotes the other
	ruleCopy             // these join
	ruleVersion
	ruleShort
	linked // by a link, see linksOf
)

// String is the rule as it is shown.
func (r rule) String() string {
	return [...]string{"", "mention", "copy", "version of one outlet", "same headline, path and few words", "linked"}[r]
}

// What joins beside texts, as it is shown.
const (
	ruleAddress = "same address: "
	ruleKey     = "same agency id: "
	ruleJoin    = "joined by the configuration: "
	ruleTied    = "held together by a copy that left the window"
)

func newRules(o Options) rules {
	r := rules{window: cmp.Or(o.Window, 72*time.Hour), join: map[string][]string{}, split: map[string]bool{}, never: map[[2]string]bool{}, least: leasts()}
	for _, j := range o.Join {
		name := ruleJoin + j[0] + " " + j[1]
		r.join[j[0]] = append(r.join[j[0]], name)
		r.join[j[1]] = append(r.join[j[1]], name)
	}
	for _, u := range o.Split {
		r.split[u] = true
	}
	for _, p := range o.Never {
		r.never[p] = true
		r.never[[2]string{p[1], p[0]}] = true
	}
	return r
}

// decide is the rule under which two texts match. One says that they are of one outlet, head that they have one headline and path, see sameHead.
func (r rules) decide(a, b Set, one, head bool, m Match) rule {
	words := min(a.Words(), b.Words())
	switch {
	case words < minWords:
		if head && (m.Most() == 1 || a.Len() == 0 || b.Len() == 0) { // and no word differs
			return ruleShort
		}
		return nothing
	case m.Shared < minShared:
		return nothing
	case one && m.Most() >= version:
		return ruleVersion
	case one:
		return nothing
	case m.Most() >= enough(words) && !quotes(a, b, m):
		return ruleCopy
	case m.Shared >= 3*minShared && m.Most() >= mentioned:
		return mention
	}
	return nothing
}

// enough is the containment that makes a copy of a text of so many words.
func enough(words int) float64 {
	if words < brief {
		return nearlyAll
	}
	return copied + scarce/float64(words)
}

// quotes reports whether one of the two quotes the other at length and is no copy: it begins with 20 words of its own or more, and what they
// share stands in stretches of 45 words on average. Copies begin with the copy or are edited throughout: of 1,650 pairs of copies
// contained by less than .85 none was like this, of 14 pairs of pages that quote the same or each other 7 (12-32 and 35-60 words move one pair of
// ten).
func quotes(a, b Set, m Match) bool {
	if m.Most() >= 0.85 {
		return false
	}
	inA, inB := shingle.Regions(a, b)
	for _, r := range [...]shingle.Region{inA, inB} {
		runs := r.Runs()
		if r.First() >= 20 && r.Size()+3*runs >= 45*runs {
			return true
		}
	}
	return false
}

// leastHits is how many postings two texts of so many words must share to be worth comparing. For long texts, of whose shingles an eighth is posted, it is what
// the weakest match (a mention, .31 of the smaller one) has in the mean less 2.3 standard deviations: of the weakest mentions one in a hundred has fewer, of the weakest
// copies of 500 words one in 14,000. Among 1,800 articles of up to 600 words on the same subjects it leaves 330,000 pairs of 944,000 that a hundredth of the words
// left. Of two short texts half is posted, and the weakest match is a copy; there it is half of what that has: of 12,077 matches among 1.46 million pairs of 6,000
// reports of about 50 words none had fewer, and it leaves one pair in 40.
func (r rules) leastHits(a, b int) int {
	words := min(a, b)
	if words < shingle.Short {
		if max(a, b) < shingle.Short {
			return int(r.least[0][words])
		}
		return int(r.least[1][words])
	}
	return leastOfLong(words)
}

func leastOfLong(words int) int {
	mean := mentioned * float64(words) / 8
	return max(words/100, int(mean-2.3*math.Sqrt(mean)))
}

// leasts tabulates leastHits where the shorter text is short: hundreds of candidates are asked for each article.
func leasts() *[2][shingle.Short]int8 {
	var t [2][shingle.Short]int8
	for words := range shingle.Short {
		t[0][words] = int8(int(enough(words)*float64(words-3)) / 2 / 2)
		t[1][words] = int8(leastOfLong(words))
	}
	return &t
}

// forbidden reports whether the configuration keeps the two apart.
func (r rules) forbidden(a, b *Article) bool {
	return len(r.split) > 0 && (r.split[a.URL] || r.split[b.URL]) || len(r.never) > 0 && r.never[[2]string{a.Outlet, b.Outlet}]
}

// far reports whether two times lie further apart than the window. A zero time is inside every window.
func (r rules) far(a, b time.Time) bool {
	return !a.IsZero() && !b.IsZero() && a.Sub(b).Abs() > r.window
}

// sameHead is what texts too short to say anything must have in common: the headline, which is kept of the shortest only, and the path at whatever host.
func sameHead(a, b *Article) bool {
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
func (r rules) linksOf(a *Article) []string {
	links := r.otherLinks(a)
	if a.URL != "" {
		links = append(links, ruleAddress+a.URL)
		slices.Sort(links)
	}
	return links
}

// otherLinks are those but the address, which are few.
func (r rules) otherLinks(a *Article) []string {
	links := slices.Clone(r.join[a.URL])
	for _, k := range a.Keys {
		if k = agencyKey(k); k != "" {
			links = append(links, ruleKey+k)
		}
	}
	slices.Sort(links)
	return slices.Compact(links)
}

// linkOf is the first link that joins two articles that match so, "" if none does. Short says that one of them is too short to say anything.
func (r rules) linkOf(a, b *Article, short bool, m Match) string {
	theirs := r.linksOf(b)
	for _, link := range r.linksOf(a) {
		if slices.Contains(theirs, link) && holds(link, short, m) {
			return link
		}
	}
	return ""
}

// holds reports whether a link joins two articles that match so.
func holds(link string, short bool, m Match) bool {
	return !strings.HasPrefix(link, ruleAddress) || short || m.Most() >= sameStory
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
