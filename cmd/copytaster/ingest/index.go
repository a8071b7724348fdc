package ingest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"copytaster/cmd/copytaster/sketch"
	"copytaster/dedupe"
	"copytaster/store"
)

// slack is how much longer than the window an article stays in the index: feeds list what was published before it was seen.
const slack = 24 * time.Hour

// Margin is how much longer than the window items must stay stored: the slack, the days begun at either end and an hour's sweep.
const Margin = slack + 50*time.Hour

// index holds the articles that new ones may be copies of, and which story each is in. It is rebuilt from the stored sketches.
type index struct {
	stories  *dedupe.Stories
	window   time.Duration
	articles map[string]entry
	members  map[string][]string // story id → articles, sorted
	swept    time.Time           // when sweep last ran
}

// decoders is how many sketches are decoded side by side.
const decoders = 4

// entry is what the index knows of an article beside its shingles.
type entry struct {
	day       time.Time // on which it was first seen
	published time.Time
	outlet    string
	story     string // "" until it is settled
}

// newIndex is an index of nothing.
func newIndex(opt dedupe.Options, now time.Time) *index {
	return &index{stories: dedupe.NewStories(opt), window: opt.Window, swept: now, articles: map[string]entry{}, members: map[string][]string{}}
}

// build reads the sketches of the window that ends now, and of all members of their stories.
func build(tx *store.Tx, opt dedupe.Options, now time.Time) (*index, error) {
	x := newIndex(opt, now)
	wanted := map[string]bool{}
	for id := range tx.Sketches(x.horizon(now)) {
		wanted[id] = true
		if story, ok, err := tx.Story(tx.StoryOf(id)); err != nil {
			return nil, err
		} else if ok {
			for _, m := range story.Items {
				wanted[m] = true
			}
		}
	}
	articles, err := load(tx, slices.Sorted(maps.Keys(wanted)))
	for _, a := range articles {
		x.add(a.Article, a.seen, tx.StoryOf(a.ID))
	}
	return x, err
}

// stored is an article with when it was first seen.
type stored struct {
	dedupe.Article
	seen time.Time
}

// load reads the stored articles, in the order in which they were first seen. Those that retention has dropped are passed over, as are
// sketches that cannot be read: of another version, or damaged. Refold makes them anew from the items.
func load(tx *store.Tx, ids []string) ([]stored, error) {
	sketches := make([][]byte, len(ids))
	for i, id := range ids {
		var err error
		if sketches[i], err = tx.Sketch(id); err != nil {
			return nil, err
		}
	}
	articles := make([]stored, len(ids))
	var g errgroup.Group
	for from := range min(decoders, len(ids)) { // decoding is what takes the time
		g.Go(func() error {
			for i := from; i < len(ids); i += decoders {
				if a, seen, err := sketch.Decode(ids[i], sketches[i]); err == nil {
					articles[i] = stored{a, seen}
				}
			}
			return nil
		})
	}
	err := g.Wait()
	articles = slices.DeleteFunc(articles, func(a stored) bool { return a.ID == "" })
	slices.SortStableFunc(articles, func(a, b stored) int { return a.seen.Compare(b.seen) })
	return articles, err
}

// recall brings a stored story back that has been swept, whole: an item of it came again.
func (x *index) recall(tx *store.Tx, story string) error {
	if story == "" || len(x.members[story]) > 0 {
		return nil
	}
	s, _, err := tx.Story(story)
	if err != nil {
		return err
	}
	articles, err := load(tx, s.Items)
	for _, a := range articles {
		x.add(a.Article, a.seen, s.ID)
	}
	return err
}

// horizon is the first day whose articles are in the index.
func (x *index) horizon(now time.Time) time.Time { return day(now.Add(-x.window - slack)) }

func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// add puts an article in, or in again. Story is where it stands, "" for a new one.
func (x *index) add(a dedupe.Article, seen time.Time, story string) {
	old, known := x.articles[a.ID]
	if known {
		story = old.story
	}
	x.articles[a.ID] = entry{day: day(seen), published: a.Published, outlet: a.Outlet, story: story}
	if !known && story != "" {
		x.members[story] = append(x.members[story], a.ID)
	}
	a.Seen = seen
	x.stories.Add(a, story)
}

// settle folds what was added and stores the stories that changed, and those of touched items, whose shown text did.
func (x *index) settle(tx *store.Tx, now time.Time, touched map[string]bool) ([]dedupe.Part, error) {
	change := x.stories.Settle()
	apart := map[string][]string{} // by story: members that are not in the index and must not be lost in a merge
	for _, a := range change.Aliases {
		old, err := x.outside(tx, a.Old)
		if err != nil {
			return nil, err
		}
		apart[a.New] = append(apart[a.New], old.Items...)
		if err := tx.PutAlias(a.Old, a.New); err != nil {
			return nil, err
		}
		delete(x.members, a.Old)
	}
	for _, p := range change.Parts {
		x.members[p.ID] = slices.Sorted(slices.Values(p.Items))
		for _, id := range p.Items {
			e := x.articles[id]
			e.story = p.ID
			x.articles[id] = e
			delete(touched, id)
		}
		if err := x.put(tx, p, apart[p.ID], now); err != nil {
			return nil, err
		}
	}
	for id := range touched {
		if err := touch(tx, x.articles[id].story, now); err != nil {
			return nil, err
		}
	}
	return change.Parts, nil
}

// outside is what the index does not know of a stored story: items that were dropped from it, with why they are in the story.
func (x *index) outside(tx *store.Tx, story string) (rest store.Story, err error) {
	s, ok, err := tx.Story(story)
	if err != nil || !ok || s.ID != story {
		return rest, err
	}
	unknown := func(id string) bool { _, here := x.articles[id]; return !here && tx.StoryOf(id) == story }
	for _, id := range s.Items {
		if unknown(id) {
			rest.Items = append(rest.Items, id)
		}
	}
	for _, f := range s.Folds {
		if unknown(f.Item) {
			rest.Folds = append(rest.Folds, f)
		}
	}
	return rest, nil
}

// put stores the part of a change as a story, published when its first item was. Members that are not in the index stay, and those of
// stories that were merged into it come along.
func (x *index) put(tx *store.Tx, p dedupe.Part, along []string, now time.Time) error {
	rest, err := x.outside(tx, p.ID)
	if err != nil {
		return err
	}
	s := store.Story{ID: p.ID, Published: now, Updated: now, Items: slices.Concat(p.Items, rest.Items, along), Folds: rest.Folds}
	for _, id := range p.Items {
		if t := x.articles[id].published; t.Before(s.Published) {
			s.Published = t
		}
	}
	for _, f := range p.Folds {
		s.Folds = append(s.Folds, store.Fold{Item: f.Item, With: f.With, Rule: f.Rule, Shared: f.Match.Shared,
			Resemblance: f.Match.Resemblance, Contained: f.Match.ContainsA, Contains: f.Match.ContainsB})
	}
	return tx.PutStory(s)
}

// touch notes that what is shown of a story changed.
func touch(tx *store.Tx, id string, now time.Time) error {
	s, ok, err := tx.Story(id)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("story %s: the index is ahead of the store", id)
	}
	s.Updated = now
	return tx.PutStory(s)
}

// sweep takes whole stories out of the index whose newest member was seen before the horizon. It looks once an hour.
func (x *index) sweep(now time.Time) {
	if now.Sub(x.swept) < time.Hour {
		return
	}
	x.swept = now
	horizon := x.horizon(now)
	for story, ids := range x.members {
		if slices.ContainsFunc(ids, func(id string) bool { return !x.articles[id].day.Before(horizon) }) {
			continue
		}
		for _, id := range ids {
			x.stories.Remove(id)
			delete(x.articles, id)
		}
		delete(x.members, story)
	}
	x.stories.Settle()
}
