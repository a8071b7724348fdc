// Package learn learns the standing lines of each outlet from the articles it is shown. It does no I/O, reads no clock and starts no
// goroutine.
package learn

import (
	"cmp"
	"math"
	"slices"
	"time"

	"copytaster"
)

// Learner learns the standing lines of each outlet: it counts, for every outlet, in how many independent stories a block stood. The
// zero Learner is ready. It reads no clock and is not safe for use by several goroutines; it has one owner, who shows it every
// article once.
//
// A block is learned when it stood in at least 3 stories at their head or tail, in 5 in their middle, in 8 if it is long or very short
// and in the middle; these over at least 7 days, or 8 unrelated articles at once (the first poll of a feed). Counts halve every
// 180 days. A sighting counts only if its article is about something else than the one counted before, so that the background that a
// running story repeats is not learned. A block that another outlet has in the same story is wire text and never learned.
type Learner struct {
	outlets map[string]*outlet
	wire    map[uint64]bool     // blocks that two outlets had in one story
	seen    map[uint64]sighting // where a block stood last, of any outlet
}

// outlet is what is known of one outlet.
type outlet struct {
	counts map[uint64]*count
	recent []topic // what its last articles were about, before common words were left out
	next   int     // the place in recent that is overwritten next
}

// count is what is known of one block at one outlet.
type count struct {
	weight      float64 // stories, halved every halfLife
	edge        float64 // those of them in which it stood at the head or tail
	first, last int64   // days since 1970
	story       uint64  // the story that was counted last
	about       topic   // what its article was about
	runes       int32
	sample      string // the text, once it was seen twice
}

// sighting is one place of a block.
type sighting struct {
	outlet, story uint64
	day           int64
}

// Line is a learned block as it is shown to people.
type Line struct {
	Text    string
	Stories float64 // independent stories, the older the less
	First   time.Time
	Last    time.Time
}

// caption is the Why of captions, which say nothing of the outlet's lines: clean.Caption.
const caption = "caption"

const (
	halfLife    = 180 // days
	edgeBlocks  = 4   // blocks from either end that count as head or tail
	atEdge      = 3
	inMiddle    = 5
	oddMiddle   = 8 // also the articles at once that suffice without the days
	minDays     = 7
	longBlock   = 200 // runes
	tinyBlock   = 12  // runes
	singletons  = 30  // days after which a block seen once is forgotten
	slack       = 0.1 // what the halving takes from a count before it is no longer whole
	sampleRunes = 300
)

// Add shows the learner one article: its outlet's name, the id of its story, when it was published, and all its blocks, kept or not. A story
// counts once for an outlet. It reports whether a block became learned by it, so that the outlet's stored items can be cleaned again.
func (l *Learner) Add(name, story string, at time.Time, blocks []copytaster.Block) bool {
	of := l.outlet(name)
	here := sighting{hash(name), hash(story), days(at)}
	about := of.about(blocks)
	fresh := false
	for i, b := range blocks {
		if b.Why == caption {
			continue
		}
		fp := fingerprint(b.Text)
		was := l.learned(of.counts[fp], fp)
		l.note(fp, here)
		of.count(fp, here, about, b.Text, edge(i, len(blocks)))
		fresh = fresh || !was && l.learned(of.counts[fp], fp)
	}
	return fresh
}

// outlet is the outlet's state, made if there is none.
func (l *Learner) outlet(name string) *outlet {
	if l.outlets == nil {
		l.outlets, l.wire, l.seen = map[string]*outlet{}, map[uint64]bool{}, map[uint64]sighting{}
	}
	if l.outlets[name] == nil {
		l.outlets[name] = &outlet{counts: map[uint64]*count{}}
	}
	return l.outlets[name]
}

// note remembers where a block stood, and that it is wire text if another outlet had it in the same story.
func (l *Learner) note(fp uint64, here sighting) {
	if old, ok := l.seen[fp]; ok && old.story == here.story && old.outlet != here.outlet {
		l.wire[fp] = true
	}
	l.seen[fp] = here
}

// count notes one sighting of a block, unless its article is of the story or about the subject that was counted last.
func (o *outlet) count(fp uint64, here sighting, about topic, text string, atEdge bool) {
	c := o.counts[fp]
	switch {
	case c == nil:
		c = &count{first: here.day, last: here.day, runes: int32(len([]rune(text)))}
		o.counts[fp] = c
	case c.story == here.story:
		return
	case c.about.related(about):
		c.last = max(c.last, here.day)
		return
	default:
		c.sample = clipRunes(text, sampleRunes)
	}
	faded := fade(here.day - c.last)
	c.weight, c.edge = c.weight*faded+1, c.edge*faded
	if atEdge {
		c.edge++
	}
	c.story, c.about, c.first, c.last = here.story, about, min(c.first, here.day), max(c.last, here.day)
}

// learned reports whether the count suffices.
func (l *Learner) learned(c *count, fp uint64) bool {
	if c == nil || l.wire[fp] {
		return false
	}
	if c.last-c.first < minDays {
		return c.weight+slack >= oddMiddle
	}
	need := inMiddle
	switch {
	case c.edge*2 > c.weight:
		need = atEdge
	case c.runes > longBlock || c.runes < tinyBlock:
		need = oddMiddle
	}
	return c.weight+slack >= float64(need)
}

// Rule is what was learned of an outlet as a function for clean.Rules. It reads the learner: use it before the next Add.
func (l *Learner) Rule(name string) func(text string, index, total int) bool {
	of := l.outlets[name]
	if of == nil {
		return func(string, int, int) bool { return false }
	}
	return func(text string, _, _ int) bool {
		fp := fingerprint(text)
		return l.learned(of.counts[fp], fp)
	}
}

// Len is how many lines were learned, of all outlets.
func (l *Learner) Len() (n int) {
	for _, of := range l.outlets {
		for fp, c := range of.counts {
			if l.learned(c, fp) {
				n++
			}
		}
	}
	return n
}

// Knows reports whether articles of the outlet were added.
func (l *Learner) Knows(name string) bool { return l.outlets[name] != nil }

// Learned lists what was learned of an outlet, the most frequent first.
func (l *Learner) Learned(name string) (list []Line) {
	if l.outlets[name] == nil {
		return nil
	}
	for fp, c := range l.outlets[name].counts {
		if l.learned(c, fp) {
			list = append(list, Line{c.sample, c.weight, date(c.first), date(c.last)})
		}
	}
	slices.SortFunc(list, func(a, b Line) int { return cmp.Or(cmp.Compare(b.Stories, a.Stories), cmp.Compare(a.Text, b.Text)) })
	return list
}

// Prune forgets blocks seen once and not within 30 days before now, and what no longer counts for half a story.
func (l *Learner) Prune(now time.Time) {
	today := days(now)
	for name, of := range l.outlets {
		for fp, c := range of.counts {
			if age := today - c.last; age > singletons && c.weight < 2-slack || c.weight*fade(age) < 0.5 {
				delete(of.counts, fp)
			}
		}
		if len(of.counts) == 0 {
			delete(l.outlets, name)
		}
	}
	for fp, s := range l.seen {
		if today-s.day > singletons {
			delete(l.seen, fp)
			delete(l.wire, fp)
		}
	}
}

func edge(i, total int) bool { return i < edgeBlocks || i >= total-edgeBlocks }

func fade(days int64) float64 { return math.Exp2(-float64(max(0, days)) / halfLife) }

func days(t time.Time) int64 { return t.Unix() / 86400 }

func date(day int64) time.Time { return time.Unix(day*86400, 0).UTC() }

func clipRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
