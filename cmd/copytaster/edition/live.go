package edition

import (
	"iter"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"copytaster"
	"copytaster/cmd/copytaster/edition/catalogue"
	"copytaster/config"
	"copytaster/web/view"
)

// Live reads stories as Reader does, for a program that stays: it finds them in a catalogue in memory and keeps those that it read last.
// Its methods may be called from any goroutine. What they return is shared and must not be changed.
type Live struct {
	Reader
	revision  func() uint64 // another number after every change of the database
	catalogue *catalogue.Catalogue
	read      *lru.Cache[place, copytaster.Story]
}

// place is a story in one state.
type place struct {
	id   string
	mark uint64
}

// keptStories is how many stories are kept as they were read: those of a few feeds of 100, some 20 KB each.
const keptStories = 512

// maxRead is how many stories are read to see whether they hold a phrase whose words they have: 50 ms of work.
const maxRead = 1000

// NewLive reads the database of r, which it looks at again when revision gives another number.
func NewLive(r Reader, revision func() uint64) *Live {
	kept, _ := lru.New[place, copytaster.Story](keptStories) // an error only for a size that is not positive
	return &Live{Reader: r, revision: revision, catalogue: catalogue.New(r.DB, r.gather), read: kept}
}

// Version is a number that is another after every change of what the other methods give.
func (l *Live) Version() (uint64, error) { return l.catalogue.Follow(l.revision()) }

// Brief lists the stories that a page of the web shows, as the catalogue keeps them: without texts.
func (l *Live) Brief(q view.Query) (page []copytaster.Story, err error) {
	found, err := l.find(q)
	for _, f := range found {
		page = append(page, f.Story)
	}
	return page, err
}

// Page gives the stories that Brief lists, whole.
func (l *Live) Page(q view.Query) (page []copytaster.Story, err error) {
	found, err := l.find(q)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		s, ok, err := l.whole(f)
		if err != nil {
			return nil, err
		}
		if ok {
			page = append(page, s)
		}
	}
	return page, nil
}

// find lists the stories of a page.
func (l *Live) find(q view.Query) ([]catalogue.Found, error) {
	if _, err := l.Version(); err != nil {
		return nil, err
	}
	c := catalogue.Query{Words: q.Words, Largest: q.Largest, Since: q.Since}
	if !q.Filter.Empty() {
		c.Match = q.Filter.Match
	}
	if q.Within > 0 {
		c.Since = later(c.Since, l.catalogue.Newest().Add(-q.Within))
	}
	matches, read := func(catalogue.Found) (bool, error) { return true, nil }, 0
	if len(q.Words) > 0 {
		matches = func(f catalogue.Found) (bool, error) { return l.holds(f.ID, q.Words) }
	}
	var page []catalogue.Found
	skip := q.Offset
	for f := range l.catalogue.Find(c) {
		if read++; len(q.Words) > 0 && read > maxRead {
			break
		}
		ok, err := matches(f)
		switch {
		case err != nil:
			return nil, err
		case !ok:
		case skip > 0:
			skip--
		default:
			page = append(page, f)
		}
		if q.Limit > 0 && len(page) == q.Limit {
			break
		}
	}
	return page, nil
}

// holds reports whether every word or phrase stands in the story.
func (l *Live) holds(id string, words []string) (bool, error) {
	s, ok, err := l.texts(id)
	return ok && holds(s, words), err
}

// holds reports whether every word or phrase stands in the story.
func holds(s copytaster.Story, words []string) bool {
	for _, w := range words {
		if !(copytaster.Filter{Words: []string{w}}).Match(s) {
			return false
		}
	}
	return true
}

// whole reads a story that was found, and false if it is gone since.
func (l *Live) whole(f catalogue.Found) (copytaster.Story, bool, error) {
	at := place{f.ID, f.Mark}
	if s, ok := l.read.Get(at); ok {
		return s, true, nil
	}
	s, ok, err := l.Story(f.ID)
	if ok && err == nil && s.ID == f.ID {
		l.read.Add(at, s)
	}
	return s, ok && s.ID == f.ID, err
}

// Export returns the stories of a configured export, newest first.
func (l *Live) Export(e config.Export) (stories []copytaster.Story, err error) {
	if _, err := l.Version(); err != nil {
		return nil, err
	}
	for f := range l.wanted(e) {
		s, ok, err := l.whole(f)
		if err != nil {
			return nil, err
		}
		if ok && Wants(e, s) {
			stories = append(stories, s)
		}
		if len(stories) == e.Limit {
			break
		}
	}
	return stories, nil
}

// wanted yields the stories that the export may want, newest first: words are looked for in the texts, which only the whole story has.
func (l *Live) wanted(e config.Export) iter.Seq[catalogue.Found] {
	brief := e
	brief.Include.Words, brief.Exclude.Words = nil, nil
	return l.catalogue.Find(catalogue.Query{Match: func(s copytaster.Story) bool { return Wants(brief, s) }, Any: e.Include.Words})
}

// Archive returns the stories of an export that were published on a day (UTC), newest first, and the days next to it that have any; a zero day
// is none. A story's time of publication never changes, so neither does the day that it is on.
func (l *Live) Archive(e config.Export, day time.Time) (stories []copytaster.Story, older, newer time.Time, err error) {
	if _, err := l.Version(); err != nil {
		return nil, older, newer, err
	}
	for f := range l.wanted(e) {
		on := dayOf(f.Published)
		if on.After(day) {
			newer = on
			continue
		}
		if on.Before(day) {
			return stories, on, newer, nil
		}
		s, ok, err := l.whole(f)
		if err != nil {
			return nil, older, newer, err
		}
		if ok && Wants(e, s) {
			stories = append(stories, s)
		}
	}
	return stories, older, newer, nil
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
