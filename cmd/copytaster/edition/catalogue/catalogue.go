// Package catalogue keeps in memory what lists of stories are made of: which there are, who carries them, when, and in which words; of the
// texts it keeps no more than how they begin. It follows the database by itself: whoever asks after a change has what changed read, and nothing
// else. 50,000 stories of two copies of 350 words take 105 MB.
package catalogue

import (
	"cmp"
	"hash/maphash"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"
	"unique"

	"golang.org/x/sync/errgroup"

	"copytaster"
	"copytaster/store"
)

// Compose reads a stored story whole: its items arranged, the lead first. One that has no items left is none.
type Compose func(tx *store.Tx, s store.Story) (copytaster.Story, error)

// Catalogue is what is known of the stories. Its methods may be called from any goroutine.
type Catalogue struct {
	db      *store.DB
	compose Compose
	seed    maphash.Seed

	refreshing sync.Mutex // held by who brings it up to date; only he changes what follows
	round      uint64     // counts the refreshes
	mu         sync.RWMutex
	at         uint64   // revision that it was brought up to date with; this and what follows is guarded by mu
	built      bool     // whether it ever was
	version    uint64   // counts its changes
	known               // what it knows
	order      []*entry // newest first; replaced, never changed
}

// known are the stories and their words, which belong together: an entry's doc is a number of this index.
type known struct {
	entries map[string]*entry // by the story's id
	words   *words
}

// entry is one story.
type entry struct {
	story   copytaster.Story // brief
	outlets int
	mark    uint64 // of the stored record
	round   uint64 // when it was last seen there; only who refreshes reads and writes it
	doc     uint32 // in words
}

// New is a catalogue of the database. It reads nothing until it is asked.
func New(db *store.DB, compose Compose) *Catalogue {
	return &Catalogue{db: db, compose: compose, seed: maphash.MakeSeed(), known: nothing()}
}

func nothing() known { return known{entries: map[string]*entry{}, words: newWords()} }

// Follow brings the catalogue up to date with the revision, a number that is another after every change of the database, and returns
// the number of its own state. If somebody else is at it already, the state of before will do, unless there is none yet.
func (c *Catalogue) Follow(revision uint64) (version uint64, err error) {
	if at, built, version := c.state(); built && at == revision {
		return version, nil
	}
	if !c.refreshing.TryLock() {
		if _, built, version := c.state(); built {
			return version, nil
		}
		c.refreshing.Lock()
	}
	defer c.refreshing.Unlock()
	if at, built, version := c.state(); built && at == revision {
		return version, nil
	}
	if err := c.refresh(revision); err != nil {
		return 0, err
	}
	_, _, version = c.state()
	return version, nil
}

func (c *Catalogue) state() (at uint64, built bool, version uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.at, c.built, c.version
}

// chunk is how many stories are read in one transaction, so that none is open for long.
const chunk = 256

// refresh reads the stories whose record is another than before, and forgets those that are gone; all of them, if most of the words in the
// index are of stories that are gone or were others. Only who holds refreshing calls it.
func (c *Catalogue) refresh(revision uint64) error {
	k, order := c.known, c.order
	if int(k.words.next) > 2*len(k.entries)+4*chunk {
		k, order = nothing(), nil
	}
	c.round++
	changed, err := c.compare(k.entries)
	if err != nil {
		return err
	}
	fresh, err := c.fill(k, changed)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if gone := k.forget(c.round); gone || len(changed) > 0 {
		c.version++
		c.known, c.order = k, inOrder(k.entries, order, fresh)
	}
	c.at, c.built = revision, true
	return nil
}

// fill takes in the stories that changed, and reads the next while the words of the last are noted.
func (c *Catalogue) fill(k known, changed []record) (fresh []*entry, err error) {
	type portion struct {
		records []record
		stories []copytaster.Story
	}
	next := make(chan portion, 1)
	var g errgroup.Group
	g.Go(func() error {
		defer close(next)
		for some := range slices.Chunk(changed, chunk) {
			stories, err := c.read(some)
			if err != nil {
				return err
			}
			next <- portion{some, stories}
		}
		return nil
	})
	for p := range next {
		fresh = append(fresh, c.put(k, p.records, p.stories)...)
	}
	return fresh, g.Wait()
}

// record is a stored story whose record is another than before.
type record struct {
	id   string
	mark uint64
}

// compare lists the stories whose record is new, and notes of the others that they are still there.
func (c *Catalogue) compare(entries map[string]*entry) (changed []record, err error) {
	err = c.db.View(func(tx *store.Tx) error {
		for id, stored := range tx.StoryRecords() {
			m := maphash.Bytes(c.seed, stored)
			if e := entries[id]; e != nil && e.mark == m {
				e.round = c.round
				continue
			}
			changed = append(changed, record{id, m})
		}
		return nil
	})
	return changed, err
}

// read reads the stories; one that is gone since has no items.
func (c *Catalogue) read(list []record) (stories []copytaster.Story, err error) {
	err = c.db.View(func(tx *store.Tx) error {
		for _, r := range list {
			s, ok, err := tx.Story(r.id)
			if err != nil {
				return err
			}
			var story copytaster.Story
			if ok && s.ID == r.id {
				if story, err = c.compose(tx, s); err != nil {
					return err
				}
			}
			stories = append(stories, story)
		}
		return nil
	})
	return stories, err
}

// put takes the stories in and gives their entries, without those that have nothing to show.
func (c *Catalogue) put(k known, list []record, stories []copytaster.Story) (shown []*entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, s := range stories {
		e := &entry{story: brief(s), outlets: len(s.Outlets()), mark: list[i].mark, round: c.round, doc: k.words.add(texts(s))}
		k.entries[list[i].id] = e
		if len(s.Items) > 0 {
			shown = append(shown, e)
		}
	}
	return shown
}

// forget drops the stories that were not there in the round.
func (k known) forget(round uint64) (gone bool) {
	for id, e := range k.entries {
		if e.round != round {
			delete(k.entries, id)
			gone = true
		}
	}
	return gone
}

// inOrder puts the fresh entries among those of the old order that are still what they were.
func inOrder(entries map[string]*entry, old, fresh []*entry) []*entry {
	slices.SortFunc(fresh, byTime)
	order := make([]*entry, 0, len(old)+len(fresh))
	for _, e := range old {
		if entries[e.story.ID] != e {
			continue
		}
		for len(fresh) > 0 && byTime(fresh[0], e) < 0 {
			order, fresh = append(order, fresh[0]), fresh[1:]
		}
		order = append(order, e)
	}
	return append(order, fresh...)
}

// byTime orders entries as the database lists stories: newest first.
func byTime(a, b *entry) int {
	return cmp.Or(b.story.Published.Compare(a.story.Published), strings.Compare(b.story.ID, a.story.ID))
}

// texts are those of a story that words are looked for in, as copytaster.Filter does; what copies have in common is there once.
func texts(s copytaster.Story) (list []string) {
	seen := map[string]bool{}
	add := func(text string) {
		if !seen[text] {
			seen[text] = true
			list = append(list, text)
		}
	}
	for _, it := range s.Items {
		add(it.Title)
		for _, b := range it.Blocks {
			if b.Kept {
				add(b.Text)
			}
		}
	}
	return list
}

// Bounds of what is kept of a text, in bytes: what a list shows of it.
const (
	maxTitle   = 500
	maxSummary = 300
)

// brief is the story without what lists do not show: of the texts the beginning of the lead's, of the credits those that carry text.
func brief(s copytaster.Story) copytaster.Story {
	b := copytaster.Story{ID: s.ID, Published: s.Published, Updated: s.Updated}
	for i, it := range s.Items {
		k := copytaster.Item{ID: it.ID, Feed: one(it.Feed), Outlet: one(it.Outlet), Language: one(it.Language), Title: cut(it.Title, maxTitle), Tags: it.Tags, Published: it.Published, Seen: it.Seen}
		for _, cr := range it.Credits {
			if cr.Role == copytaster.Full || cr.Role == copytaster.Partial {
				k.Credits = append(k.Credits, copytaster.Credit{Agency: one(cr.Agency), Role: cr.Role})
			}
		}
		if i == 0 {
			k.Blocks = beginning(it.Blocks)
		}
		b.Items = append(b.Items, k)
	}
	return b
}

// one gives equal names one memory: 100,000 items have a few hundred feeds and outlets.
func one(name string) string { return unique.Make(name).Value() }

// beginning is the first kept block that has something to read, cut.
func beginning(blocks []copytaster.Block) []copytaster.Block {
	for _, b := range blocks {
		if b.Kept && strings.TrimSpace(b.Text) != "" {
			return []copytaster.Block{{Text: cut(b.Text, maxSummary), Kept: true}}
		}
	}
	return nil
}

// cut gives at most n bytes of s, in whole characters, as a copy: what is kept must not hold the whole text.
func cut(s string, n int) string {
	for n < len(s) && n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return strings.Clone(s[:min(n, len(s))])
}

// Query says which stories are wanted.
type Query struct {
	Match   func(copytaster.Story) bool // of brief stories; nil: all
	Words   []string                    // words or phrases that must all stand in it
	Any     []string                    // words or phrases of which one must; none: not asked
	Largest bool                        // by number of outlets, then newest; false: newest first
	Since   time.Time                   // published then or later
}

// Found is a brief story, and a mark that is another after every change of the stored one. It is shared and must not be changed.
type Found struct {
	copytaster.Story
	Mark uint64
}

// Find yields the stories that the query may mean, in its order. By words it finds all that have them, and perhaps some
// that have all words of a phrase but not in a row: who needs to know reads the text.
func (c *Catalogue) Find(q Query) iter.Seq[Found] {
	c.mu.RLock()
	order := c.order
	docs, asked := c.candidates(q)
	c.mu.RUnlock()
	hits := func(yield func(*entry) bool) {
		for _, e := range order {
			if e.story.Published.Before(q.Since) {
				return
			}
			if (!asked || docs.has(e.doc)) && (q.Match == nil || q.Match(e.story)) && !yield(e) {
				return
			}
		}
	}
	if q.Largest {
		sorted := slices.SortedStableFunc(hits, func(a, b *entry) int { return b.outlets - a.outlets })
		hits = slices.Values(sorted)
	}
	return func(yield func(Found) bool) {
		for e := range hits {
			if !yield(Found{e.story, e.mark}) {
				return
			}
		}
	}
}

// candidates are the documents that have all of the query's words and one of those of which one will do.
func (c *Catalogue) candidates(q Query) (docs set, asked bool) {
	for _, phrase := range q.Words {
		if one, ok := c.words.candidates(phrase); ok && asked {
			docs.keep(one)
		} else if ok {
			docs, asked = one, true
		}
	}
	some := make(set, (c.words.next+63)/64)
	for _, phrase := range q.Any {
		one, ok := c.words.candidates(phrase)
		if !ok {
			return docs, asked // a phrase without a word is looked for in the texts
		}
		some.join(one)
	}
	switch {
	case len(q.Any) == 0:
		return docs, asked
	case asked:
		docs.keep(some)
		return docs, true
	}
	return some, true
}

// Newest is when the newest story was published, zero if there is none.
func (c *Catalogue) Newest() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if len(c.order) == 0 {
		return time.Time{}
	}
	return c.order[0].story.Published
}

// Len is how many stories there are.
func (c *Catalogue) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.order)
}
