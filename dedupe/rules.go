package dedupe

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"
)

// rules decides what matches and what is one story.
type rules struct {
	window time.Duration
	join   map[string][]string // by URL: the names of the joins it stands in
	split  map[string]bool
	never  map[[2]string]bool
}

const (
	copied     = 0.47 // containment from which an article of another outlet is a copy,
	scarce     = 3.0  // and so much more over its words, as short texts agree by chance
	brief      = 50   // words under which
	nearlyAll  = 0.72 // is asked for
	made       = 0.35
	version    = 0.80 // the same within one outlet
	minShared  = 12   // unquoted shingles that both must hold
	minWords   = 25   // below this a text alone folds nothing
	coherent   = 0.70 // share of its neighbour pairs that must match for a page not to be a bridge
	large      = 5    // articles from which a story asks for half of its members
	halfOfPair = 0.5
)

func newRules(o Options) rules {
	r := rules{window: cmp.Or(o.Window, 72*time.Hour), join: map[string][]string{}, split: map[string]bool{}, never: map[[2]string]bool{}}
	for _, j := range o.Join {
		name := "join " + j[0] + " " + j[1]
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

// decide names the rule under which two articles match, "" if they do not.
func (r rules) decide(a, b *Article, m Match) string {
	if r.apart(a, b) {
		return ""
	}
	if min(a.Set.words, b.Set.words) < minWords {
		if sameShort(a, b, m) {
			return "short: same text, headline and path"
		}
		return ""
	}
	if m.Shared < minShared {
		return ""
	}
	if a.Outlet != "" && a.Outlet == b.Outlet {
		if m.Most() >= version {
			return "version"
		}
		return ""
	}
	if m.Most() >= enough(min(a.Set.words, b.Set.words)) {
		if quotes(a.Set, b.Set, m) {
			return ""
		}
		return "copy"
	}
	return ""
}

// enough is the containment that makes a copy of a text of so many words.
func enough(words int) float64 {
	if words < brief {
		return nearlyAll
	}
	return copied + scarce/float64(words)
}

// quotes reports whether one of the two quotes the other at length and is no copy: it begins in its own words, and what they share
// stands in few long stretches.
func quotes(a, b Set, m Match) bool {
	if m.Most() >= .85 {
		return false
	}
	for _, r := range []region{regionOf(a, b), regionOf(b, a)} {
		runs := r.runs()
		if r.first() >= 20 && r.size()+3*runs >= 45*runs {
			return true
		}
	}
	return false
}

// apart reports whether the two may not be one story whatever their texts say.
func (r rules) apart(a, b *Article) bool {
	return r.far(a.Published, b.Published) || r.split[a.URL] || r.split[b.URL] || r.never[[2]string{a.Outlet, b.Outlet}]
}

// far reports whether two times lie further apart than the window. A zero time is inside every window.
func (r rules) far(a, b time.Time) bool {
	return !a.IsZero() && !b.IsZero() && a.Sub(b).Abs() > r.window
}

// sameShort is the rule for texts too short to say anything: one headline, one path at whatever host, and no word that differs.
func sameShort(a, b *Article, m Match) bool {
	if a.Title == "" || !strings.EqualFold(a.Title, b.Title) {
		return false
	}
	p, q := pathOf(a.URL), pathOf(b.URL)
	return len(p) > 1 && p == q && (m.Most() == 1 || a.Set.Len() == 0 || b.Set.Len() == 0)
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
	var links []string
	if a.URL != "" {
		links = append(links, "same address: "+a.URL)
	}
	for _, k := range a.Keys {
		if k = agencyKey(k); k != "" {
			links = append(links, "same agency id: "+k)
		}
	}
	links = append(links, r.join[a.URL]...)
	slices.Sort(links)
	return slices.Compact(links)
}

// agencyKey drops what differs between versions and spellings of one agency story's id: case, the scheme's prefix, dpa's version behind
// the last slash.
func agencyKey(k string) string {
	k = strings.ToLower(strings.TrimSpace(k))
	dpa := strings.HasPrefix(k, "dpa:")
	if rest, ok := strings.CutPrefix(k, "urn:newsml:dpa.com:"); ok {
		dpa = true
		if _, id, ok := strings.Cut(rest, ":"); ok {
			rest = id
		}
		k = "dpa:" + rest
	}
	if dpa {
		k, _, _ = strings.Cut(k, "/")
		k, _, _ = strings.Cut(k, ":v")
	}
	return k
}

// connect finds what a new article matches and puts it into the index.
func (s *Stories) connect(n *node) {
	n.links = s.rules.linksOf(&n.Article)
	for _, k := range n.links {
		for _, o := range s.links[k] {
			m := Compare(n.Set, o.Set)
			if !s.rules.apart(&n.Article, &o.Article) && (!strings.HasPrefix(k, "same address") || min(n.Set.words, o.Set.words) < minWords || m.Most() >= .1) {
				s.link(n, edge{to: o, match: m, rule: k, firm: true})
			}
		}
		s.links[k] = append(s.links[k], n)
	}
	s.found = s.index.Candidates(n.Set, s.found[:0])
	for _, number := range s.found {
		o := s.nodes[number]
		if s.rules.apart(&n.Article, &o.Article) {
			continue
		}
		m := Compare(n.Set, o.Set)
		if rule := s.rules.decide(&n.Article, &o.Article, m); rule != "" {
			s.link(n, edge{to: o, match: m, rule: rule})
		} else if m.Shared >= 35 && m.Most() >= .30 && (n.Outlet == "" || n.Outlet != o.Outlet) {
			s.link(n, edge{to: o, match: m, weak: true})
		}
	}
	s.index.Add(n.number, n.Set)
}

// link makes the edge known at both ends, once a pair.
func (s *Stories) link(n *node, e edge) {
	if _, ok := n.edge(e.to); ok {
		return
	}
	o := e.to
	n.edges = append(n.edges, e)
	o.edges = append(o.edges, edge{to: n, match: e.match.swap(), rule: e.rule, firm: e.firm, weak: e.weak})
	s.dirty[o] = true
}

// edge finds the edge to o.
func (n *node) edge(o *node) (edge, bool) {
	for _, e := range n.edges {
		if e.to == o {
			return e, true
		}
	}
	return edge{}, false
}

func (e edge) strength() float64 {
	if e.firm {
		return 2
	}
	return e.match.Most()
}

// isBridge reports whether the node is made of several stories: what it shares with its neighbours falls into regions that have
// little in common, and the largest is under 70 % of it all.
func isBridge(n *node) bool {
	if len(n.edges) < 2 {
		return false
	}
	edges := n.edges[:min(len(n.edges), 64)]
	regions := make([]region, len(edges))
	group := make([]int, len(edges))
	for i, e := range edges {
		regions[i], group[i] = regionOf(n.Set, e.to.Set), i
		for j := range i {
			if old := group[j]; old != group[i] && alike(e, edges[j], regions[i], regions[j]) {
				for k, g := range group[:i] {
					if g == old {
						group[k] = group[i]
					}
				}
			}
		}
	}
	all := make(region, len(n.Set.hashes)/64+1)
	largest, standing := 0, 0
	for g := range group {
		one, strong := make(region, len(all)), false
		for i, r := range regions {
			if group[i] == g {
				one.cover(r)
				strong = strong || !edges[i].weak
			}
		}
		if strong {
			standing++
		}
		largest = max(largest, one.size())
		all.cover(one)
	}
	if standing > 1 {
		return true
	}
	return float64(all.size()) >= made*float64(len(n.Set.hashes)) && float64(largest) < coherent*float64(all.size())
}

// alike reports whether two neighbours of a page are of one story as far as the page goes.
func alike(e, f edge, r, s region) bool {
	if x, ok := e.to.edge(f.to); ok && !x.weak {
		return true
	}
	return r.overlap(s)*4 >= min(r.size(), s.size())
}

// partition parts articles that hang together into stories: the strongest matches first, as long as a story stays within the window and, once
// large, half of the pairs that a merge brings together match.
func (r rules) partition(all []*node) [][]*node {
	if len(all) == 1 {
		return [][]*node{all}
	}
	of := map[*node]*[]*node{}
	for _, n := range all {
		of[n] = &[]*node{n}
	}
	merge := func(a, b *node) {
		into, from := of[a], of[b]
		if len(*into) < len(*from) {
			into, from = from, into
		}
		for _, n := range *from {
			of[n] = into
		}
		*into = append(*into, *from...)
	}
	for _, n := range all {
		for _, t := range n.tied {
			if of[n] != of[t] {
				merge(n, t)
			}
		}
	}
	links := matches(all)
	for again := true; again; {
		again = false
		for _, l := range links {
			if of[l.a] != of[l.b] && r.mayMerge(*of[l.a], *of[l.b], l.firm) {
				merge(l.a, l.b)
				again = true
			}
		}
	}
	var parts [][]*node
	for _, n := range all {
		if p := of[n]; (*p)[0] != nil {
			part := slices.Clone(*p)
			slices.SortFunc(part, earlier)
			parts = append(parts, part)
			(*p)[0] = nil
		}
	}
	return parts
}

// pair is an edge without direction, a the earlier.
type pair struct {
	a, b *node
	edge
}

// matches lists the edges that may join, the strongest first.
func matches(all []*node) []pair {
	var links []pair
	for _, n := range all {
		for _, e := range n.edges {
			if joins(n, e) && earlier(n, e.to) < 0 {
				links = append(links, pair{n, e.to, e})
			}
		}
	}
	slices.SortFunc(links, func(x, y pair) int {
		return cmp.Or(cmp.Compare(y.strength(), x.strength()), cmp.Compare(y.match.Resemblance, x.match.Resemblance), earlier(x.a, y.a), earlier(x.b, y.b))
	})
	return links
}

// mayMerge reports whether two stories may become one.
func (r rules) mayMerge(a, b []*node, firm bool) bool {
	hits := 0
	for _, x := range a {
		for _, y := range b {
			if r.apart(&x.Article, &y.Article) {
				return false
			}
			if e, ok := x.edge(y); ok && joins(x, e) {
				hits++
			}
		}
	}
	return firm || len(a)+len(b) < large || float64(hits) >= halfOfPair*float64(len(a)*len(b))
}
