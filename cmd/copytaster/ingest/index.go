package ingest

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"copytaster/cmd/copytaster/sketch"
	"copytaster/dedupe"
	"copytaster/store"
)

// slack is how much longer than the window an article stays in the index: feeds list what was published before it was seen.
const slack = 24 * time.Hour

// Margin is how much longer than the window items must stay stored: the slack, the days begun at either end and two hours to spare.
const Margin = slack + 50*time.Hour

// index holds the articles that new ones may be copies of, and which story each is in. It is rebuilt from the stored sketches.
type index struct {
	stories *dedupe.Stories
	window  time.Duration
	swept   time.Time // the horizon at which sweep last ran
	tx      *store.Tx // the present one: items are read from it
	shingle dedupe.Shingler
}

// newIndex is an index of nothing.
func newIndex(opt dedupe.Options, now time.Time) *index {
	x := &index{window: opt.Window}
	x.swept = x.horizon(now)
	opt.Load = x.set
	x.stories = dedupe.NewStories(opt)
	return x
}

// set makes the set of a stored article; an empty one if the item cannot be read.
func (x *index) set(id string) dedupe.Set {
	it, ok, err := x.tx.Item(id)
	if err != nil || !ok {
		return dedupe.Set{}
	}
	return setOf(it, &x.shingle)
}

// build reads the sketches of the window that ends now, and those of all members of their stories that lie elsewhere.
func build(tx *store.Tx, opt dedupe.Options, now time.Time) *index {
	opt.Expect = min(tx.Count(), mostExpected)
	x := newIndex(opt, now)
	x.tx = tx
	l := newLoader()
	for s := range tx.Sketches(x.horizon(now)) {
		l.add(s)
	}
	l.enter(x)
	return x
}

// mostExpected is for how many articles room is made at once: there may be many more stored than the window holds.
const mostExpected = 1 << 18

// loader reads stored articles: while some are read from the file, others are decoded.
type loader struct {
	batch   []store.Sketched
	read    [][]stored
	workers errgroup.Group
}

// stored is an article with the outline of its set, and the story it is in.
type stored struct {
	dedupe.Article
	outline dedupe.Outline
	story   string
}

// loadBatch is how many sketches are decoded at a time: what is not decoded yet takes memory.
const loadBatch = 1024

func newLoader() *loader {
	l := new(loader)
	l.workers.SetLimit(runtime.GOMAXPROCS(0))
	return l
}

func (l *loader) add(s store.Sketched) {
	if l.batch = append(l.batch, s); len(l.batch) == loadBatch {
		l.decode()
	}
}

// fetch adds an article that lies anywhere.
func (l *loader) fetch(tx *store.Tx, id string) error {
	b, err := tx.Sketch(id)
	if err != nil {
		return err
	}
	l.add(store.Sketched{Item: id, Story: tx.StoryOf(id), Sketch: b})
	return nil
}

// decode has the batch decoded. Sketches that retention has dropped are passed over, as are those that cannot be read: of another version, or
// damaged. Refold makes them anew from the items.
func (l *loader) decode() {
	batch, articles := l.batch, make([]stored, len(l.batch))
	l.batch, l.read = make([]store.Sketched, 0, loadBatch), append(l.read, articles)
	l.workers.Go(func() error {
		for i, u := range batch {
			if a, o, err := sketch.Decode(u.Item, u.Sketch); err == nil {
				articles[i] = stored{a, o, u.Story}
			}
		}
		return nil
	})
}

// enter puts what was read into the index, in the order in which it was first seen.
func (l *loader) enter(x *index) {
	l.decode()
	l.workers.Wait() // gives no errors
	var all []*stored
	for _, articles := range l.read {
		for i := range articles {
			if articles[i].ID != "" {
				all = append(all, &articles[i])
			}
		}
	}
	slices.SortFunc(all, func(a, b *stored) int { return cmp.Or(a.Seen.Compare(b.Seen), cmp.Compare(a.ID, b.ID)) })
	for _, a := range all {
		x.stories.AddOutline(a.Article, a.outline, a.story)
	}
}

// recall brings a stored story back that has been swept, whole: an item of it came again.
func (x *index) recall(tx *store.Tx, story string) error {
	if story == "" || len(x.stories.Members(story)) > 0 {
		return nil
	}
	s, _, err := tx.Story(story)
	if err != nil {
		return err
	}
	l := newLoader()
	for _, id := range s.Items {
		if err := l.fetch(tx, id); err != nil {
			return err
		}
	}
	l.enter(x)
	return nil
}

// horizon is the first day whose articles are in the index.
func (x *index) horizon(now time.Time) time.Time { return day(now.Add(-x.window - slack)) }

func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

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
	}
	for _, p := range change.Parts {
		for _, id := range p.Items {
			delete(touched, id)
		}
		if err := x.put(tx, p, apart[p.ID], now); err != nil {
			return nil, err
		}
	}
	for id := range touched {
		_, story, _ := x.stories.Article(id)
		if err := touch(tx, story, now); err != nil {
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
	unknown := func(id string) bool {
		_, _, here := x.stories.Article(id)
		return !here && tx.StoryOf(id) == story
	}
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
		if a, _, _ := x.stories.Article(id); a.Published.Before(s.Published) {
			s.Published = a.Published
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

// sweep takes whole stories out of the index whose newest member was seen before the horizon. It looks once a day, when the horizon moves.
func (x *index) sweep(now time.Time) {
	horizon := x.horizon(now)
	if !horizon.After(x.swept) {
		return
	}
	x.swept = horizon
	for _, story := range x.stories.Known() {
		ids := x.stories.Members(story)
		if slices.ContainsFunc(ids, func(id string) bool { a, _, _ := x.stories.Article(id); return !day(a.Seen).Before(horizon) }) {
			continue
		}
		for _, id := range ids {
			x.stories.Remove(id)
		}
	}
	x.stories.Settle()
}
