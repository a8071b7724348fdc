package dedupe

import (
	"cmp"
	"slices"
	"strings"

	"copytaster"
)

// claim is a part's right to a story id: how many of its items bear it.
type claim struct {
	story string
	part  int
	votes int
}

// name gives the parts their ids and says what changed.
func (s *Stories) name(parts [][]*node) Change {
	ids, aliases := s.ids(parts)
	old := make([]map[string]int, len(parts)) // before any item moves
	for i, p := range parts {
		old[i] = map[string]int{}
		for _, n := range p {
			old[i][n.story]++
		}
		if ids[i] != "" {
			old[i]["\x00size"] = len(s.story[ids[i]])
		}
	}
	var c Change
	for i, p := range parts {
		if old[i][ids[i]] == len(p) && old[i]["\x00size"] == len(p) {
			continue
		}
		c.Parts = append(c.Parts, Part{ID: ids[i], Items: itemIDs(p), Folds: s.folds(p)})
	}
	for i, p := range parts {
		for _, n := range p {
			s.enter(n, ids[i])
		}
	}
	for _, a := range aliases {
		if len(s.story[a.Old]) == 0 {
			delete(s.born, a.Old)
		}
	}
	slices.SortFunc(c.Parts, func(a, b Part) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(aliases, func(a, b Alias) int { return strings.Compare(a.Old, b.Old) })
	c.Aliases = aliases
	return c
}

// ids chooses the id of each part: of the ids that it won the oldest, else a new one minted from its first item. An id goes to the part that
// holds most of its items, of equal ones to that of the earliest item.
func (s *Stories) ids(parts [][]*node) (ids []string, aliases []Alias) {
	ids = make([]string, len(parts))
	won := make([][]string, len(parts))
	taken := map[string]bool{}
	for _, c := range winners(claims(parts)) {
		won[c.part] = append(won[c.part], c.story)
		taken[c.story] = true
	}
	for i, w := range won {
		if len(w) == 0 {
			continue
		}
		ids[i] = slices.MinFunc(w, func(a, b string) int { return cmp.Or(cmp.Compare(s.born[a], s.born[b]), strings.Compare(a, b)) })
		for _, old := range w {
			if old != ids[i] {
				aliases = append(aliases, Alias{Old: old, New: ids[i]})
			}
		}
	}
	for i, p := range parts {
		if ids[i] == "" {
			ids[i] = s.mint(p, taken)
			taken[ids[i]] = true
		}
	}
	return ids, aliases
}

// claims lists which part bears which ids, how often.
func claims(parts [][]*node) (all []claim) {
	for i, p := range parts {
		votes := map[string]int{}
		for _, n := range p {
			if n.story != "" {
				votes[n.story]++
			}
		}
		for id, v := range votes {
			all = append(all, claim{id, i, v})
		}
	}
	return all
}

// winners keeps the strongest claim on each id.
func winners(all []claim) []claim {
	slices.SortFunc(all, func(a, b claim) int {
		return cmp.Or(strings.Compare(a.story, b.story), cmp.Compare(b.votes, a.votes), cmp.Compare(a.part, b.part))
	})
	return slices.CompactFunc(all, func(a, b claim) bool { return a.story == b.story })
}

// mint makes an id of the part's first stored item whose own id is not a story's already; if all are, of the first item's and a number.
func (s *Stories) mint(part []*node, taken map[string]bool) string {
	used := func(id string) bool { return taken[id] || len(s.story[id]) > 0 }
	by := slices.SortedFunc(slices.Values(part), func(a, b *node) int { return cmp.Compare(a.seq, b.seq) })
	for _, n := range by {
		if !used(n.ID) {
			return n.ID
		}
	}
	id := by[0].ID
	for used(id) {
		id = copytaster.ItemID("story", id)
	}
	return id
}

func itemIDs(part []*node) []string {
	ids := make([]string, len(part))
	for i, n := range part {
		ids[i] = n.ID
	}
	return ids
}

// folds says for each item but the first what it matches best in its story.
func (s *Stories) folds(part []*node) []Fold {
	var all []Fold
	for _, n := range part[min(1, len(part)):] {
		f := Fold{Item: n.ID, Rule: ruleTied}
		var best edge
		for _, e := range n.edges {
			if slices.Contains(part, e.to) && n.joins(e) && (best.to == nil || cmp.Or(cmp.Compare(e.strength(), best.strength()), earlier(best.to, e.to)) > 0) {
				best = e
			}
		}
		if best.to != nil {
			f = Fold{Item: n.ID, With: best.to.ID, Match: best.has.Match(), Rule: best.rule.String()}
			if best.firm() {
				f.Rule = s.rules.linkOf(&n.Article, &best.to.Article, f.Match)
			}
		}
		all = append(all, f)
	}
	return all
}
