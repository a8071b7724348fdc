package ingest

import (
	"slices"

	"copytaster"
	"copytaster/cmd/copytaster/sketch"
	"copytaster/dedupe"
	"copytaster/dedupe/clean"
	"copytaster/store"
)

// made is an item as it is stored: cleaned and packed, with what dedupe compares of it and what the learner looks at.
type made struct {
	item    copytaster.Item
	article dedupe.Article
	packed  store.Packed
	lines   clean.Article
	err     error
}

// maker makes items; each goroutine wants its own. It only reads the desk.
type maker struct {
	desk    *Desk
	shingle dedupe.Shingler
	reader  clean.ArticleReader
}

// prepare makes all items of a batch side by side, as if they were new: that is most of an ingest's CPU, and nothing
// that they hang on changes before the batch is settled. It opens the index if there is an item.
func (t *take) prepare(batch []Delivery) ([]made, error) {
	var items []*copytaster.Item
	for _, v := range batch {
		for i := range v.Items {
			items = append(items, &v.Items[i])
		}
		if v.At.After(t.now) {
			t.now = v.At
		}
	}
	if len(items) == 0 {
		return nil, nil
	}
	t.desk.open(t.tx, t.now)
	ready := slices.Grow(t.desk.ready[:0], len(items))[:len(items)]
	t.desk.ready = ready
	sideBySide(len(items), func() func(int) {
		k := maker{desk: t.desk}
		return func(i int) { ready[i] = k.made(*items[i]) }
	})
	return ready, nil
}

// made cleans the item and sketches it.
func (k *maker) made(it copytaster.Item) (m made) {
	m.lines = k.reader.Read(it.Blocks)
	body := k.desk.clean(&it, m.lines)
	m.item = it
	m.article = article(it, k.shingle.Set(body))
	m.err = m.pack(k.desk.db)
	return m
}

// pack makes the item ready for a transaction.
func (m *made) pack(db *store.DB) error {
	b, err := sketch.Encode(m.article, m.article.Set.Outline())
	if err == nil {
		m.packed, err = db.Pack(m.item, b)
	}
	return err
}

// setOf is what dedupe compares of an item's text.
func setOf(it copytaster.Item, shingle *dedupe.Shingler) dedupe.Set {
	return shingle.Set(clean.Body(it.Blocks))
}

// article is the item as dedupe compares it.
func article(it copytaster.Item, set dedupe.Set) dedupe.Article {
	return dedupe.Article{ID: it.ID, Outlet: it.Outlet, URL: it.URL, Title: it.Title, Published: it.Time(), Seen: it.Seen, Keys: it.Keys, Set: set}
}

// Sketch is what is stored beside an item that is cleaned: how dedupe compares it.
func Sketch(it copytaster.Item) ([]byte, error) {
	a := article(it, setOf(it, new(dedupe.Shingler)))
	return sketch.Encode(a, a.Set.Outline())
}

// clean marks the blocks, of which lines was read, reads the credits, and returns what dedupe compares.
func (d *Desk) clean(it *copytaster.Item, lines clean.Article) (body []copytaster.Block) {
	var rules clean.Rules
	if d.opt.Rules != nil {
		rules = d.opt.Rules(it.Outlet)
	}
	rules.Title, rules.Learned = it.Title, d.learner.Rule(it.Outlet, lines)
	read := clean.Default().Read(it.Blocks, rules, clean.Meta{Outlet: it.Outlet, URL: it.URL, Publisher: it.Publisher, Authors: it.Authors, Keys: it.Keys})
	it.Blocks, it.Credits, it.Place, it.Notes = read.Blocks, read.Credits, read.Place, read.Notes
	return read.Body
}

// put makes an item, stores it and puts it into the index. It returns the item as stored.
func (d *Desk) put(tx *store.Tx, it copytaster.Item) (copytaster.Item, error) {
	return d.store(tx, d.make.made(it))
}

// store stores an item and puts it into the index.
func (d *Desk) store(tx *store.Tx, m made) (copytaster.Item, error) {
	it := m.item
	if m.err != nil {
		return it, m.err
	}
	if err := tx.Put(m.packed); err != nil {
		return it, err
	}
	if err := d.index.recall(tx, tx.StoryOf(it.ID)); err != nil {
		return it, err
	}
	d.index.stories.Add(m.article, tx.StoryOf(it.ID))
	return it, nil
}
