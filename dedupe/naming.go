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
	changed := make([]bool, len(parts)) // before any item moves
	for i, p := range parts {
		changed[i] = len(s.story[ids[i]]) != len(p) || slices.ContainsFunc(p, func(n *node) bool { return n.story != ids[i] })
	}
	var c Change
	for i, p := range parts {
		if changed[i] {
			c.Parts = append(c.Parts, Part{ID: ids[i], Items: itemIDs(p), Folds: s.folds(p)})
		}
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
		from := len(all)
		for _, n := range p {
			if n.story == "" {
				continue
			}
			k := from + slices.IndexFunc(all[from:], func(c claim) bool { return c.story == n.story })
			if k < from {
				k, all = len(all), append(all, claim{n.story, i, 0})
			}
			all[k].votes++
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
	var first, free *node
	for _, n := range part {
		if first == nil || n.seq < first.seq {
			first = n
		}
		if (free == nil || n.seq < free.seq) && !used(n.ID) {
			free = n
		}
	}
	if free != nil {
		return free.ID
	}
	id := first.ID
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

// folds says for each item but the first what it matches best in its story: of equally good ones the earliest.
func (s *Stories) folds(part []*node) []Fold {
	fresh := s.visit()
	for _, n := range part {
		fresh(n)
	}
	all := make([]Fold, 0, len(part)-1)
	for _, n := range part[1:] {
		f := Fold{Item: n.ID, Rule: ruleTied}
		var best edge
		most := -1.0
		for _, e := range n.edges {
			if e.to.mark == s.walks && n.joins(e) && e.strength() > most {
				best, most = e, e.strength()
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
