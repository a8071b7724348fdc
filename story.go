package copytaster

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Story is what is shown once: the items that were folded into one.
type Story struct {
	ID        string    `json:"id"`        // minted from its first stored item, never changes
	Published time.Time `json:"published"` // when it was first shown, never changes
	Updated   time.Time `json:"updated"`   // when what is shown last changed
	Items     []Item    `json:"items"`     // after Arrange the lead is the first, the others by time
	Shares    []Share   `json:"shares"`    // beside Items, measured against the lead; nil until measured
}

// Share says how an item's text lies to its story's lead, in parts of 1.
type Share struct {
	Kept  float64 `json:"kept"`  // the part of the lead's text that stands in the item
	Added float64 `json:"added"` // the part of the item's text that does not stand in the lead
}

// Lead is the index in s.Items of the item that stands for the story: the first by the priority list of outlets and
// agencies, then the agency's original (at the agency itself, else credited to it in full and at least half as long as the longest), then the
// most complete (within a tenth), then the earliest, then the smallest id. It is -1 if the story has no item.
func (s Story) Lead(priority []string) int {
	sizes := make([]int, len(s.Items))
	for i, it := range s.Items {
		sizes[i] = it.size()
	}
	return s.LeadOf(sizes, priority)
}

// LeadOf is Lead where the items' blocks are not at hand: sizes are the lengths of their kept texts in bytes, beside s.Items.
func (s Story) LeadOf(sizes []int, priority []string) int {
	if len(s.Items) == 0 {
		return -1
	}
	longest := slices.Max(sizes)
	rank := func(i int) [3]int {
		complete := 1
		if sizes[i]*10 >= longest*9 {
			complete = 0
		}
		return [3]int{priorityOf(s.Items[i], priority), s.Items[i].originality(sizes[i], longest), complete}
	}
	lead := 0
	for i := 1; i < len(s.Items); i++ {
		a, b := rank(i), rank(lead)
		if cmp.Or(slices.Compare(a[:], b[:]), earlier(s.Items[i], s.Items[lead])) < 0 {
			lead = i
		}
	}
	return lead
}

// priorityOf is the place of the item's outlet, or of an agency whose copy it is, in the list; len(list) if neither stands there.
func priorityOf(it Item, list []string) int {
	for i, name := range list {
		if strings.EqualFold(name, it.Outlet) {
			return i
		}
		for _, c := range it.Credits {
			if c.Role == Full && strings.EqualFold(name, c.Agency) {
				return i
			}
		}
	}
	return len(list)
}

// originality is 0 for the agency's copy at the agency itself, 1 for a copy credited in full that is not cut by more than half of the
// longest, 2 for everything else.
func (it Item) originality(size, longest int) int {
	rank := 2
	for _, c := range it.Credits {
		switch {
		case c.Role != Full:
		case strings.EqualFold(c.Agency, it.Outlet):
			return 0
		case size*2 >= longest:
			rank = 1
		}
	}
	return rank
}

// earlier orders items by time, then id.
func earlier(a, b Item) int {
	return cmp.Or(a.Time().Compare(b.Time()), strings.Compare(a.ID, b.ID))
}

// Arrange puts the lead first and the other items behind it by time. It drops Shares, which no longer fit.
func (s *Story) Arrange(priority []string) {
	lead := s.Lead(priority)
	if lead < 0 {
		return
	}
	first := s.Items[lead]
	slices.SortFunc(s.Items, func(a, b Item) int {
		switch {
		case a.ID == first.ID && b.ID != first.ID:
			return -1
		case b.ID == first.ID && a.ID != first.ID:
			return 1
		}
		return earlier(a, b)
	})
	s.Shares = nil
}

// Outlets lists the outlets that carry the story, each once, in the order of Items.
func (s Story) Outlets() []string {
	return distinct(s.Items, func(it Item) []string { return []string{it.Outlet} })
}

// Agencies lists the agencies whose text the story is or holds (roles Full and Partial), each once, in the order of Items.
func (s Story) Agencies() []string {
	return distinct(s.Items, func(it Item) (names []string) {
		for _, c := range it.Credits {
			if c.Role == Full || c.Role == Partial {
				names = append(names, c.Agency)
			}
		}
		return names
	})
}

// distinct gathers what of names every item, each name once.
func distinct(items []Item, of func(Item) []string) (names []string) {
	for _, it := range items {
		for _, n := range of(it) {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	return names
}

// Filter chooses stories. An empty list asks nothing; within a list one hit is enough; all lists must agree.
type Filter struct {
	Tags      []string
	Outlets   []string
	Agencies  []string
	Languages []string // a primary subtag ("de") also matches its regions ("de-AT")
	Words     []string // whole words or phrases of a headline or kept text, in any case
}

// Empty reports whether the filter asks nothing.
func (f Filter) Empty() bool {
	return len(f.Tags)+len(f.Outlets)+len(f.Agencies)+len(f.Languages)+len(f.Words) == 0
}

// Match reports whether every list that is not empty has a hit in the story.
func (f Filter) Match(s Story) bool { return f.count(s, true) }

// Hits reports whether any list has a hit in the story: the rule for what is excluded.
func (f Filter) Hits(s Story) bool { return f.count(s, false) }

// count combines the lists: all of them (an empty one counts as a hit) or any of them (an empty one does not).
func (f Filter) count(s Story, all bool) bool {
	anyItem := func(want []string, has func(Item, string) bool) bool {
		if len(want) == 0 {
			return all
		}
		return slices.ContainsFunc(want, func(w string) bool {
			return slices.ContainsFunc(s.Items, func(it Item) bool { return has(it, w) })
		})
	}
	found := [...]bool{
		anyItem(f.Tags, func(it Item, w string) bool { return containsFold(it.Tags, w) }),
		anyItem(f.Outlets, func(it Item, w string) bool { return strings.EqualFold(it.Outlet, w) }),
		anyItem(f.Agencies, func(it Item, w string) bool {
			return slices.ContainsFunc(it.Credits, func(c Credit) bool {
				return (c.Role == Full || c.Role == Partial) && strings.EqualFold(c.Agency, w)
			})
		}),
		anyItem(f.Languages, func(it Item, w string) bool { return sameLanguage(it.Language, w) }),
		anyItem(f.Words, Item.mentions),
	}
	return slices.Contains(found[:], !all) != all
}

func containsFold(list []string, w string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, w) })
}

// sameLanguage reports whether the tag is the wanted language or one of its regions.
func sameLanguage(tag, want string) bool {
	tag, want = strings.ToLower(tag), strings.ToLower(want)
	return tag == want || strings.HasPrefix(tag, want+"-")
}
