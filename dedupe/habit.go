package dedupe

import (
	"slices"

	"copytaster/dedupe/shingle"
)

// habitual is on how many days an outlet must have used a shingle for it to be the outlet's own standing text, which says nothing of
// the story: footers, galleries, templates.
const habitual = 3

// recheck decides the matches of articles anew without their outlets' standing text, and drops those that lived on it. What an
// outlet repeats may show only with a later article, so the articles that share something with it are looked at again. Over
// 37,554 real articles such text was behind three of four pairs of one outlet with containment above .5.
func (s *Stories) recheck() {
	bare := map[*node]Set{}
	strip := func(n *node) Set {
		if _, ok := bare[n]; !ok {
			bare[n] = s.bare(n)
		}
		return bare[n]
	}
	list := s.marked(s.doubtful, func(n *node) bool { return n.doubtful })
	s.doubtful = s.doubtful[:0]
	for _, n := range list {
		n.doubtful = false
		for i := range s.edges(n) {
			e := s.edges(n)[i]
			o := s.at(e.to)
			if e.firm() || !e.bare && !s.mayRepeat(n) && !s.mayRepeat(o) {
				continue
			}
			a, b := strip(n), strip(o)
			if c := shingle.Measure(a, b); c.Brief() != e.has {
				s.change(n, i, c.Brief(), s.decide(n, o, a, b, c.Match()))
				s.soil(n)
				s.soil(o)
			}
		}
	}
}

// mayRepeat reports whether the node's outlet has enough days, and enough articles that share something with it, for a habit.
func (s *Stories) mayRepeat(n *node) bool {
	return n.siblings+1 >= habitual && s.days[s.gists[n.number].outlet].distinct() >= habitual
}

// bare is the node's set without what its outlet used on three days or more. An unknown time is a day of its own, and an unknown
// outlet has no habits.
func (s *Stories) bare(n *node) Set {
	whole := s.set(n)
	if !s.mayRepeat(n) {
		return whole
	}
	others := append(s.kin(n), n)
	if !onDays(others) {
		return whole
	}
	days := make([][habitual - 1]int64, whole.Len())
	counts := make([]uint8, whole.Len())
	for k, o := range others {
		day := o.day(k)
		shingle.Both(whole, s.set(o), func(i, _ int) {
			c := counts[i]
			if c == habitual || slices.Contains(days[i][:min(c, habitual-1)], day) {
				return
			}
			if c < habitual-1 {
				days[i][c] = day
			}
			counts[i]++
		})
	}
	return whole.Without(func(i int) bool { return counts[i] == habitual })
}

// days are the days on which the articles of an outlet were published, with how many on each.
type days map[int64]int32

// unknown is the day of an article whose time is not known.
const unknown = -1 << 40

func (d days) add(n *node, more int32) {
	day := n.day(0)
	if d[day] += more; d[day] == 0 {
		delete(d, day)
	}
}

// distinct counts them; each article of an unknown time has one of its own.
func (d days) distinct() int { return len(d) + max(0, int(d[unknown])-1) }

// day is the day on which the node was published, in days since 1970; of an unknown time the k-th of days of their own.
func (n *node) day(k int) int64 {
	if n.when().IsZero() {
		return unknown - int64(k)
	}
	return n.published / (24 * 60 * 60)
}

// onDays reports whether the articles are of enough days for anything in them to be a habit.
func onDays(list []*node) bool {
	var seen []int64
	for k, n := range list {
		if d := n.day(k); !slices.Contains(seen, d) {
			if seen = append(seen, d); len(seen) == habitual {
				return true
			}
		}
	}
	return false
}

// kin are the articles of the node's outlet that share something with it.
func (s *Stories) kin(n *node) (others []*node) {
	here := s.gists[n.number].outlet
	s.found = s.index.Candidates(s.set(n), s.found[:0])
	for _, c := range s.found {
		if o := s.at(c.Number); s.gists[c.Number].outlet == here && o.live && o != n {
			others = append(others, o)
		}
	}
	return others
}
