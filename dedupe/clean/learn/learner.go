// Package learn learns the standing lines of each outlet from the articles it is shown. It does no I/O, reads no clock and starts no
// goroutine.
package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

// Learner learns the standing lines of each outlet: it counts, for every outlet, in how many independent stories a block stood. The
// zero Learner is ready. It reads no clock and is not safe for use by several goroutines; it has one owner, who shows it every
// article once.
//
// A block is learned when it stood in at least 3 stories at their head or tail, in 5 in their middle, in 8 if it is long or very short
// and in the middle; these over at least 7 days, or 8 unrelated articles at once (the first poll of a feed). Counts halve every
// 180 days. A sighting counts only if its article is about something else than the one counted before, so that the background that a
// running story repeats is not learned. A block that another outlet has in the same story is wire text and never learned.
//
// Most blocks are paragraphs that stand in one article and never again: of those it keeps 20 bytes each, beside 72 of each article.
type Learner struct {
	outlets  map[string]*outlet
	articles []sighting      // that seen and lone tell of
	seen     map[uint64]ref  // by block: in which article it stood last, of any outlet, and how
	lone     map[uint64]ref  // by block and outlet: the only article of an outlet that had it, where seen tells of another article
	wire     map[uint64]bool // blocks that two outlets had in one story

	pruned   int      // articles that the last Prune left, or that were there when the whole was written
	prunedOn int32    // the day of that Prune
	lessons  []lesson // that are not at rest yet
	base     int      // bytes at rest of the whole learner
	grown    int      // bytes at rest of the lessons since
}

// outlet is what is known of one outlet.
type outlet struct {
	hash   uint64
	counts map[uint64]*count
	recent []topic // what its last articles were about, before common words were left out
	next   int     // the place in recent that is overwritten next
}

// sighting is one article as its blocks tell of it. It is written down as it is.
type sighting struct {
	Outlet, Story uint64
	Day           int32 // since 1970
	About         topic
}

// ref is the number of an article and the marks of a block in it.
type ref uint32

func (r ref) article() int { return int(r >> refBits) }

// count is what is known of one block at one outlet that stood in several articles.
type count struct {
	weight      float64 // stories, halved every halfLife
	edge        float64 // those of them in which it stood at the head or tail
	first, last int32   // days since 1970
	odd         bool    // long or very short
	story       uint64  // the story that was counted last
	about       topic   // what its article was about
	sample      string  // the text, as it was seen the second time
}

// Line is a learned block as it is shown to people.
type Line struct {
	Text    string
	Stories float64 // independent stories, the older the less
	First   time.Time
	Last    time.Time
}

const (
	halfLife    = 180 // days
	edgeBlocks  = 4   // blocks from either end that count as head or tail
	atEdge      = 3
	inMiddle    = 5
	oddMiddle   = 8 // also the articles at once that suffice without the days
	minDays     = 7
	longBlock   = 200 // runes
	tinyBlock   = 12  // runes
	singletons  = 30  // days after which a block seen once is forgotten,
	slack       = 0.1 // what the halving takes from a count before it is no longer whole
	sampleRunes = 300

	mostArticles = 1 << 19 // or earlier, so that whole days with so many articles are left: of 5,000 feeds two or three, in 100 MB
)

// Add shows the learner one article: its outlet's name, the id of its story, when it was published, and what was read of all its blocks, kept or not. A story
// counts once for an outlet. It reports whether a block became learned by it, so that the outlet's stored items can be cleaned again.
func (l *Learner) Add(name, story string, at time.Time, a Article) bool {
	e := lesson{Outlet: name, Story: hash(story), Day: days(at), Ranked: a.ranked, Prints: a.prints, Marks: a.marks}
	fresh := l.take(&e, func(i int) string { return a.texts[i] })
	l.lessons = append(l.lessons, e)
	return fresh
}

// take learns a lesson, and leaves in it only what it looked at. The texts of its blocks are asked for where they become samples.
func (l *Learner) take(e *lesson, text func(i int) string) (fresh bool) {
	of := l.outlet(e.Outlet)
	here := sighting{of.hash, e.Story, e.Day, of.about((*[]uint32)(&e.Ranked))}
	at := ref(len(l.articles)) << refBits
	l.articles = append(l.articles, here)
	for i, fp := range e.Prints {
		if e.Marks[i]&caption != 0 {
			continue
		}
		was := l.learned(of.counts[fp], fp)
		c := l.see(of, fp, here, at|ref(e.Marks[i]&(atEnds|odd)))
		if c != nil && c.sample == "" {
			c.sample = clipRunes(text(i), sampleRunes)
			e.Samples = append(e.Samples, sample{Block: i, Text: c.sample})
		}
		fresh = fresh || !was && l.learned(of.counts[fp], fp)
	}
	return fresh
}

// outlet is the outlet's state, made if there is none.
func (l *Learner) outlet(name string) *outlet {
	if l.outlets == nil {
		l.outlets, l.lone, l.seen, l.wire = map[string]*outlet{}, map[uint64]ref{}, map[uint64]ref{}, map[uint64]bool{}
	}
	if l.outlets[name] == nil {
		l.outlets[name] = &outlet{hash: hash(name), counts: map[uint64]*count{}}
	}
	return l.outlets[name]
}

// see notes one sighting of a block: where it stood, that it is wire text if another outlet had it in the same story, and, unless its article is of the story or about
// the subject that was counted last, that it stood there once more. It returns what it counted, nil if nothing or the first sighting.
func (l *Learner) see(of *outlet, fp uint64, here sighting, at ref) *count {
	last, known := l.seen[fp]
	l.seen[fp] = at
	if known {
		was := &l.articles[last.article()]
		if was.Story == here.Story && was.Outlet != here.Outlet {
			l.wire[fp] = true
		}
		if last&alone != 0 {
			l.lone[fp^was.Outlet] = last &^ alone
		}
	}
	c := of.counts[fp]
	if c == nil {
		first, ok := l.lone[fp^of.hash]
		if !ok {
			l.seen[fp] = at | alone
			return nil
		}
		was := &l.articles[first.article()]
		if was.Story == here.Story {
			return nil
		}
		c = first.count(was)
		of.counts[fp] = c
		delete(l.lone, fp^of.hash)
	}
	return c.again(here, at)
}

// again counts one more sighting, unless its article is of the story or about the subject that was counted last: then it gives nil.
func (c *count) again(here sighting, at ref) *count {
	if c.story == here.Story {
		return nil
	}
	if c.about.related(here.About) {
		c.last = max(c.last, here.Day)
		return nil
	}
	faded := fade(here.Day - c.last)
	c.weight, c.edge = c.weight*faded+1, c.edge*faded
	if at&atEnds != 0 {
		c.edge++
	}
	c.story, c.about, c.first, c.last = here.Story, here.About, min(c.first, here.Day), max(c.last, here.Day)
	return c
}

// count is what one sighting makes.
func (r ref) count(in *sighting) *count {
	return &count{weight: 1, edge: float64(r & atEnds), first: in.Day, last: in.Day, odd: r&odd != 0, story: in.Story, about: in.About}
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
	case c.odd:
		need = oddMiddle
	}
	return c.weight+slack >= float64(need)
}

// Rule is what was learned of an outlet about the blocks of an article, by their number, as a function for clean.Rules. It reads the learner: use it before the next Add.
func (l *Learner) Rule(name string, a Article) func(block int) bool {
	of := l.outlets[name]
	if of == nil {
		return func(int) bool { return false }
	}
	return func(i int) bool { return l.learned(of.counts[a.prints[i]], a.prints[i]) }
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

// Crowded reports whether Prune is due: on another day than the last one, when there is an eighth more than that left, or the whole is to be written. So an article is
// looked at some nine times, however many there are.
func (l *Learner) Crowded(now time.Time) bool {
	return days(now) != l.prunedOn && (len(l.articles) > l.pruned+max(1000, l.pruned/8) || l.Full())
}

// Prune forgets blocks seen once and not within 30 days before now, or among the last half a million articles, and what no longer counts for half a story.
func (l *Learner) Prune(now time.Time) {
	e := lesson{Day: days(now), Prune: true}
	l.prune(e.Day)
	l.lessons = append(l.lessons, e)
}

func (l *Learner) prune(today int32) {
	span := l.span(today, mostArticles)
	maps.DeleteFunc(l.lone, func(_ uint64, r ref) bool { return today-l.articles[r.article()].Day > span })
	maps.DeleteFunc(l.seen, func(fp uint64, r ref) bool {
		old := today-l.articles[r.article()].Day > span
		if old {
			delete(l.wire, fp)
		}
		return old
	})
	for _, of := range l.outlets {
		maps.DeleteFunc(of.counts, func(_ uint64, c *count) bool {
			age := today - c.last
			return age > singletons && c.weight < 2-slack || c.weight*fade(age) < 0.5
		})
	}
	alive := l.compact()
	maps.DeleteFunc(l.outlets, func(_ string, of *outlet) bool { return len(of.counts) == 0 && !alive[of.hash] })
	l.pruned, l.prunedOn = len(l.articles), today
}

// span is for how many days blocks seen once are remembered: fewer than singletons where those brought more than most articles.
func (l *Learner) span(today int32, most int) int32 {
	var aged [singletons + 1]int // articles by their age in days
	for _, a := range l.articles {
		if age := max(today-a.Day, 0); age <= singletons {
			aged[age]++
		}
	}
	all := aged[0]
	for age := range int32(singletons) {
		if all += aged[age+1]; all > most {
			return age
		}
	}
	return singletons
}

// compact forgets the articles of which no block tells, and returns the outlets that have a block in one article only.
func (l *Learner) compact() (alive map[uint64]bool) {
	alive = map[uint64]bool{}
	told := make([]bool, len(l.articles))
	for _, r := range l.lone {
		told[r.article()] = true
		alive[l.articles[r.article()].Outlet] = true
	}
	for _, r := range l.seen {
		told[r.article()] = true
		if r&alone != 0 {
			alive[l.articles[r.article()].Outlet] = true
		}
	}
	var left []sighting
	number := make([]ref, len(l.articles))
	for i, s := range l.articles {
		if told[i] {
			number[i] = ref(len(left)) << refBits
			left = append(left, s)
		}
	}
	l.articles = left
	for _, refs := range []map[uint64]ref{l.lone, l.seen} {
		for k, r := range refs {
			refs[k] = number[r.article()] | r&(1<<refBits-1)
		}
	}
	return alive
}

func fade(days int32) float64 { return math.Exp2(-float64(max(0, days)) / halfLife) }

func days(t time.Time) int32 { return int32(t.Unix() / 86400) }

func date(day int32) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

func clipRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
