package dedupe

import (
	"cmp"
	"slices"
	"strings"

	"copytaster"
	"copytaster/dedupe/rule"
)

// claim is a part's right to a story id: how many of its items bear it.
type claim struct {
	story uint32
	part  int
	votes int
}

// name gives the parts their ids and says what changed.
func (s *Stories) name(parts [][]*node) Change {
	stories, aliases := s.ids(parts)
	var c Change
	for i, p := range parts { // before any item moves
		if int(s.tales.all[stories[i]].size) != len(p) || slices.ContainsFunc(p, func(n *node) bool { return n.tale != stories[i] }) {
			c.Parts = append(c.Parts, Part{ID: s.taleID(stories[i]), Items: s.itemIDs(p), Folds: s.folds(p)})
		}
	}
	for _, a := range aliases {
		c.Aliases = append(c.Aliases, Alias{s.taleID(a.from), s.taleID(a.to)})
	}
	for i, p := range parts {
		for _, n := range p {
			s.enter(n, stories[i])
		}
	}
	for _, a := range aliases {
		s.forget(a.from)
	}
	slices.SortFunc(c.Parts, func(a, b Part) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(c.Aliases, func(a, b Alias) int { return strings.Compare(a.Old, b.Old) })
	return c
}

// alias is an Alias in numbers.
type alias struct{ from, to uint32 }

// ids chooses the story of each part: of those whose ids it won the oldest, else a new one minted from its first item. An id goes to the part that
// holds most of its items, of equal ones to that of the earliest item.
func (s *Stories) ids(parts [][]*node) (stories []uint32, aliases []alias) {
	stories = make([]uint32, len(parts))
	won := winners(claims(parts))
	for _, c := range won {
		s.tales.all[c.story].taken = true
		if old := stories[c.part]; old == 0 || s.older(c.story, old) {
			stories[c.part] = c.story
		}
	}
	for _, c := range won {
		if to := stories[c.part]; to != c.story {
			aliases = append(aliases, alias{c.story, to})
		}
	}
	for i, p := range parts {
		if stories[i] == 0 {
			stories[i] = s.mint(p)
			s.tales.all[stories[i]].taken = true
		}
	}
	for _, c := range won {
		s.tales.all[c.story].taken = false
	}
	for _, number := range stories {
		s.tales.all[number].taken = false
	}
	return stories, aliases
}

// older orders stories by their first items, then by id.
func (s *Stories) older(a, b uint32) bool {
	return cmp.Or(cmp.Compare(s.tales.all[a].born, s.tales.all[b].born), strings.Compare(s.taleID(a), s.taleID(b))) < 0
}

// claims lists which part bears which ids, how often.
func claims(parts [][]*node) (all []claim) {
	for i, p := range parts {
		from := len(all)
		for _, n := range p {
			if n.tale == 0 {
				continue
			}
			k := from + slices.IndexFunc(all[from:], func(c claim) bool { return c.story == n.tale })
			if k < from {
				k, all = len(all), append(all, claim{n.tale, i, 0})
			}
			all[k].votes++
		}
	}
	return all
}

// winners keeps the strongest claim on each id.
func winners(all []claim) []claim {
	slices.SortFunc(all, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.story, b.story), cmp.Compare(b.votes, a.votes), cmp.Compare(a.part, b.part))
	})
	return slices.CompactFunc(all, func(a, b claim) bool { return a.story == b.story })
}

// mint makes a story named after the part's first stored item whose own id is not a story's already; if all are, after the first item and a number.
func (s *Stories) mint(part []*node) uint32 {
	used := func(id string) bool {
		number := s.told(id)
		return number != 0 && (s.tales.all[number].taken || s.tales.all[number].size > 0)
	}
	var first, free *node
	for _, n := range part {
		if first == nil || n.seq < first.seq {
			first = n
		}
		if (free == nil || n.seq < free.seq) && !used(s.id(n)) {
			free = n
		}
	}
	if free != nil {
		return s.tell(s.id(free), free)
	}
	id := s.id(first)
	for used(id) {
		id = copytaster.ItemID("story", id)
	}
	return s.tell(id, first)
}

func (s *Stories) itemIDs(part []*node) []string {
	ids := make([]string, len(part))
	for i, n := range part {
		ids[i] = s.id(n)
	}
	return ids
}

// folds says for each item but the first what it matches best in its story: of equally good ones the earliest.
func (s *Stories) folds(part []*node) []Fold {
	if len(part) == 1 {
		return nil
	}
	fresh := s.visit()
	for _, n := range part {
		fresh(n)
	}
	all := make([]Fold, 0, len(part)-1)
	for _, n := range part[1:] {
		all = append(all, s.fold(n))
	}
	return all
}

// fold says what a visited article matches best of those.
func (s *Stories) fold(n *node) Fold {
	var best edge
	most := -1.0
	for _, e := range s.edges(n) {
		if s.at(e.to).mark == s.walks && s.joins(n, e) && e.strength() > most {
			best, most = e, e.strength()
		}
	}
	if most < 0 {
		return Fold{Item: s.id(n), Rule: rule.Tied}
	}
	o := s.at(best.to)
	f := Fold{Item: s.id(n), With: s.id(o), Match: best.has.Match(), Rule: best.rule.String()}
	if best.firm() {
		a, b := s.article(n), s.article(o)
		f.Rule = s.rules.LinkOf(&a, &b, s.short(n, o), f.Match)
	}
	return f
}
