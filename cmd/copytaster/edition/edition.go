// Package edition composes stored stories into what is shown: their items, the lead first, and how much of the lead's text each
// carries. It only reads.
package edition

import (
	"fmt"
	"slices"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/edition/catalogue"
	"copytaster/config"
	"copytaster/dedupe"
	"copytaster/dedupe/clean"
	"copytaster/store"
)

// Reader reads stories from a database.
type Reader struct {
	DB       *store.DB
	Priority []string // outlets and agencies that lead before others
}

// Each calls f with the stories published at since or later, newest first, until f returns false.
func (r Reader) Each(since time.Time, f func(copytaster.Story) bool) error {
	return r.DB.View(func(tx *store.Tx) error {
		for s, err := range tx.Stories(since) {
			if err != nil {
				return err
			}
			story, err := r.compose(tx, s)
			if err != nil {
				return err
			}
			if len(story.Items) > 0 && !f(story) {
				return nil
			}
		}
		return nil
	})
}

// Export returns the stories of a configured export, newest first.
func (r Reader) Export(e config.Export) (stories []copytaster.Story, err error) {
	err = r.Each(time.Time{}, func(s copytaster.Story) bool {
		if Wants(e, s) {
			stories = append(stories, s)
		}
		return len(stories) < e.Limit
	})
	return stories, err
}

// Wants reports whether the story belongs into the export. One that has neither a headline nor a text has nothing to show.
func Wants(e config.Export, s copytaster.Story) bool {
	lead := s.Items[0]
	shown := lead.Title != "" || slices.ContainsFunc(lead.Blocks, func(b copytaster.Block) bool { return b.Kept })
	wire := len(s.Agencies()) > 0
	if e.OnlyWire && !wire || e.NoWire && wire || !shown {
		return false
	}
	return e.Include.Match(s) && !e.Exclude.Hits(s) && len(s.Outlets()) >= e.MinOutlets && e.Where.Holds(s)
}

// Story returns the story with the id, or the one that took it over, and false if there is neither.
func (r Reader) Story(id string) (copytaster.Story, bool, error) { return r.story(id, r.compose) }

// texts returns the story with the id without its shares, which take twice as long to read as all else.
func (r Reader) texts(id string) (copytaster.Story, bool, error) { return r.story(id, r.gather) }

func (r Reader) story(id string, compose catalogue.Compose) (story copytaster.Story, ok bool, err error) {
	err = r.DB.View(func(tx *store.Tx) error {
		var s store.Story
		if s, ok, err = tx.Story(id); err != nil || !ok {
			return err
		}
		story, err = compose(tx, s)
		return err
	})
	return story, ok && len(story.Items) > 0, err
}

// compose loads the story's items, arranges them and measures the shares.
func (r Reader) compose(tx *store.Tx, s store.Story) (copytaster.Story, error) {
	story, err := r.gather(tx, s)
	if err != nil {
		return story, err
	}
	measure(&story)
	return story, nil
}

// gather loads the story's items and arranges them.
func (r Reader) gather(tx *store.Tx, s store.Story) (copytaster.Story, error) {
	story := copytaster.Story{ID: s.ID, Published: s.Published, Updated: s.Updated}
	for _, id := range s.Items {
		it, ok, err := tx.Item(id)
		if err != nil {
			return story, fmt.Errorf("story %s: %w", s.ID, err)
		}
		if ok {
			story.Items = append(story.Items, it)
		}
	}
	story.Arrange(r.Priority)
	return story, nil
}

// measure fills in the shares of a story of several items.
func measure(s *copytaster.Story) {
	if len(s.Items) < 2 {
		return
	}
	var shingle dedupe.Shingler
	shares := make([]copytaster.Share, len(s.Items))
	var lead dedupe.Set
	for i, it := range s.Items {
		set := shingle.Set(clean.Body(it.Blocks))
		if i == 0 {
			lead = set
		}
		m := dedupe.Compare(lead, set)
		shares[i] = copytaster.Share{Kept: m.ContainsA, Added: 1 - m.ContainsB}
	}
	s.Shares = shares
}
