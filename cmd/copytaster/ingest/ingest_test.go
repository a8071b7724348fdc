package ingest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"copytaster"
	"copytaster/dedupe"
	"copytaster/store"
)

var epoch = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

// prose is a made-up text of n words that only this seed has.
func prose(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		for range 2 + r.IntN(3) {
			b.WriteByte("bdfgklmnprstvz"[r.IntN(14)])
			b.WriteByte("aeiou"[r.IntN(5)])
		}
		if i%15 == 14 {
			b.WriteByte('.')
		}
	}
	return b.String()
}

// copyOf is an item of the outlet's feed that carries the text, in paragraphs of 30 words.
func copyOf(outlet, guid, text string, at time.Time) copytaster.Item {
	feed := "https://" + outlet + ".example/feed"
	it := copytaster.Item{ID: copytaster.ItemID(feed, guid), Feed: feed, Outlet: outlet, GUID: guid, Title: "Headline " + guid,
		URL: "https://" + outlet + ".example/" + guid, Published: at, Seen: at}
	words := strings.Fields(text)
	for p := range slices.Chunk(words, 30) {
		it.Blocks = append(it.Blocks, copytaster.Block{Text: strings.Join(p, " "), Kept: true})
	}
	return it
}

func open(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func deliver(t testing.TB, d *Desk, at time.Time, items ...copytaster.Item) Result {
	t.Helper()
	var batch []Delivery
	for _, it := range items {
		batch = append(batch, Delivery{Feed: it.Feed, State: []byte("state"), Items: []copytaster.Item{it}, At: at, Holds: func(string) bool { return false }})
	}
	r, err := d.Take(batch)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// stories reads the partition: story id → its items' guids, sorted.
func stories(t testing.TB, db *store.DB) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := db.View(func(tx *store.Tx) error {
		for s, err := range tx.Stories(time.Time{}) {
			if err != nil {
				return err
			}
			var guids []string
			for _, id := range s.Items {
				it, ok, err := tx.Item(id)
				if err != nil || !ok || tx.StoryOf(id) != s.ID {
					t.Errorf("story %s: item %s: stored %v, in story %s, %v", s.ID, id, ok, tx.StoryOf(id), err)
				}
				guids = append(guids, it.GUID)
			}
			slices.Sort(guids)
			got[s.ID] = strings.Join(guids, " ")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCopiesFoldAndARestartChangesNothing(t *testing.T) {
	db := open(t)
	wire, other := prose(1, 240), prose(2, 240)
	first := copyOf("harbour", "a", wire, epoch)
	d := New(db, Options{})
	r := deliver(t, d, epoch, first, copyOf("hill", "b", other, epoch))
	if want := (Result{Deliveries: 2, New: 2, Stories: 2}); r != want {
		t.Errorf("first round: got %+v, want %+v", r, want)
	}
	r = deliver(t, d, epoch.Add(time.Hour), copyOf("mill", "c", wire, epoch.Add(time.Hour)))
	if want := (Result{Deliveries: 1, New: 1, Folded: 1, Stories: 1}); r != want {
		t.Errorf("a copy: got %+v, want %+v", r, want)
	}
	r = deliver(t, New(db, Options{}), epoch.Add(2*time.Hour), copyOf("dale", "d", wire, epoch.Add(2*time.Hour)))
	if r.Folded != 1 {
		t.Errorf("a copy after a restart: got %+v, want it folded", r)
	}
	if got := stories(t, db)[first.ID]; got != "a c d" {
		t.Errorf("story of the first: got %q, want a c d under the first item's id", got)
	}
	if n := len(stories(t, db)); n != 2 {
		t.Errorf("got %d stories, want 2", n)
	}
}

func TestCorrectedItemIsUpdatedInPlace(t *testing.T) {
	db := open(t)
	d := New(db, Options{})
	wire := prose(1, 240)
	it := copyOf("harbour", "a", wire, epoch)
	deliver(t, d, epoch, it)
	again := copyOf("harbour", "a", wire+" "+prose(9, 30), epoch.Add(time.Hour))
	again.Published = time.Time{}
	r := deliver(t, d, epoch.Add(time.Hour), again)
	if want := (Result{Deliveries: 1, Updated: 1}); r != want {
		t.Errorf("got %+v, want %+v", r, want)
	}
	view(t, db, func(tx *store.Tx) {
		got, _, err := tx.Item(it.ID)
		if err != nil || len(got.Blocks) != 9 || !got.Seen.Equal(epoch) || !got.Published.Equal(epoch) {
			t.Errorf("got %d blocks, seen %v, published %v, %v; want 9, and the times of the first", len(got.Blocks), got.Seen, got.Published, err)
		}
		if s, _, _ := tx.Story(it.ID); !s.Updated.Equal(epoch.Add(time.Hour)) {
			t.Errorf("story updated: got %v, want when the correction came", s.Updated)
		}
	})
	if r := deliver(t, d, epoch.Add(2*time.Hour), again); r.Updated != 0 {
		t.Errorf("the same once more: got %+v, want no update", r)
	}
}

func view(t testing.TB, db *store.DB, f func(*store.Tx)) {
	t.Helper()
	if err := db.View(func(tx *store.Tx) error { f(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestChangedGUIDs(t *testing.T) {
	for _, c := range []struct {
		name  string
		holds bool
		want  int
	}{{"the old guid is gone from the feed: one item", false, 1}, {"the feed shows both: two items", true, 2}} {
		db := open(t)
		d := New(db, Options{})
		it := copyOf("harbour", "old", prose(1, 240), epoch)
		deliver(t, d, epoch, it)
		moved := it
		moved.GUID = "new"
		moved.ID = copytaster.ItemID(moved.Feed, moved.GUID)
		_, err := d.Take([]Delivery{{Feed: it.Feed, Items: []copytaster.Item{moved}, At: epoch.Add(time.Hour), Holds: func(string) bool { return c.holds }}})
		if err != nil {
			t.Fatal(err)
		}
		view(t, db, func(tx *store.Tx) {
			if tx.Count() != c.want {
				t.Errorf("%s: got %d items", c.name, tx.Count())
			}
		})
	}
}

// TestOrderOfArrival delivers copies and lone articles in random order, one or several at a time, with restarts between.
func TestOrderOfArrival(t *testing.T) {
	var items []copytaster.Item
	for s := range uint64(4) {
		wire := prose(100+s, 200)
		for o := range 4 {
			text := wire
			if o == 3 {
				text = strings.Join(strings.Fields(wire)[:100], " ")
			}
			items = append(items, copyOf(fmt.Sprintf("outlet%d", o), fmt.Sprintf("s%do%d", s, o), text, epoch.Add(time.Duration(o)*time.Hour)))
		}
	}
	var want []string
	for round := range 12 {
		r := rand.New(rand.NewPCG(uint64(round), 3))
		r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		db := open(t)
		d := New(db, Options{})
		for rest := items; len(rest) > 0; {
			n := 1 + r.IntN(min(4, len(rest)))
			deliver(t, d, epoch.Add(5*time.Hour), rest[:n]...)
			rest = rest[n:]
			if r.IntN(3) == 0 {
				d = New(db, Options{})
			}
		}
		got := slices.Sorted(maps.Values(stories(t, db)))
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Fatalf("round %d: got %q, want %q", round, got, want)
		}
	}
	if len(want) != 4 {
		t.Errorf("got %q, want 4 stories", want)
	}
}

// TestIndexIsBounded plays three weeks of new articles: the index holds a window of them, and the same as one built anew.
func TestIndexIsBounded(t *testing.T) {
	db := open(t)
	d := New(db, Options{Fold: dedupe.Options{Window: 48 * time.Hour}})
	for h := range 21 * 24 {
		at := epoch.Add(time.Duration(h) * time.Hour)
		deliver(t, d, at, copyOf("harbour", fmt.Sprint("n", h), prose(uint64(h), 60), at))
	}
	now := epoch.Add(21 * 24 * time.Hour)
	view(t, db, func(tx *store.Tx) {
		d.index.swept, d.index.tx = time.Time{}, tx
		d.index.sweep(now)
		if n := d.index.stories.Len(); n < 72 || n > 96 {
			t.Errorf("index: got %d articles, want those of 48 hours, a day of slack and the day begun", n)
		}
		anew := New(db, Options{Fold: dedupe.Options{Window: 48 * time.Hour}})
		if anew.open(tx, now); !maps.Equal(storyOf(anew), storyOf(d)) {
			t.Errorf("built anew: got %d articles, want the same %d", anew.index.stories.Len(), d.index.stories.Len())
		}
	})
}

// storyOf says of every article in the desk's index which story it is in.
func storyOf(d *Desk) map[string]string {
	in := map[string]string{}
	for id := range d.index.stories.All() {
		_, in[id], _ = d.index.stories.Article(id)
	}
	return in
}

func TestRunGathersAndStoresWhatCameBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t)
		in := make(chan Delivery)
		ctx, cancel := context.WithCancel(t.Context())
		var commits []Result
		ended := make(chan error)
		go func() {
			ended <- New(db, Options{}).Run(ctx, in, func(r Result) { commits = append(commits, r) })
		}()
		send := func(n int) {
			it := copyOf("harbour", fmt.Sprint(n), prose(uint64(n), 60), epoch)
			in <- Delivery{Feed: it.Feed, Items: []copytaster.Item{it}, At: epoch}
		}
		for n := range 5 {
			send(n)
		}
		time.Sleep(time.Second) // virtual
		synctest.Wait()
		if len(commits) != 1 || commits[0].New != 5 {
			t.Errorf("five at once: got %+v, want one commit of 5", commits)
		}
		send(5)
		synctest.Wait()
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if len(commits) != 2 || commits[1].New != 1 {
			t.Errorf("at the end: got %+v, want the sixth stored", commits)
		}
	})
}

func BenchmarkTake(b *testing.B) {
	db := open(b)
	d := New(db, Options{})
	items := make([]copytaster.Item, b.N)
	for i := range items {
		items[i] = copyOf(fmt.Sprint("outlet", i%50), fmt.Sprint(i), prose(uint64(i), 300), epoch.Add(time.Duration(i)*time.Second))
	}
	b.ResetTimer()
	for batch := range slices.Chunk(items, BatchItems) {
		if _, err := d.Take([]Delivery{{Feed: "f", Items: batch, At: batch[len(batch)-1].Seen}}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

// wanted is how many items a benchmark is to store: COPYTASTER_ITEMS, or so many.
func wanted(b *testing.B, otherwise int) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("COPYTASTER_ITEMS"), strconv.Itoa(otherwise)))
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkGrowth takes 1,024 items of 100 words more where so many are stored, a third of them copies of what came in the half hour before: 1,000, or 10,000, 100,000 and so
// on up to COPYTASTER_ITEMS. There is one every two seconds, as at 5,000 feeds, so that the window holds all of 100,000 and 170,000 of 1,000,000.
func BenchmarkGrowth(b *testing.B) {
	most := wanted(b, 1000)
	db := open(b)
	d := New(db, Options{})
	stored := 0
	next := func() (items []copytaster.Item) {
		for i := stored; i < stored+BatchItems; i++ {
			text := i
			if i%3 == 2 {
				text = max(0, i-2-3*(i*i%331)) // one that is no copy
			}
			items = append(items, copyOf(fmt.Sprint("outlet", i%500), fmt.Sprint(i), prose(uint64(text), 100), epoch.Add(time.Duration(i)*2*time.Second)))
		}
		return items
	}
	take := func(items []copytaster.Item) {
		if _, err := d.Take([]Delivery{{Feed: "f", Items: items, At: items[len(items)-1].Seen}}); err != nil {
			b.Fatal(err)
		}
		stored += len(items)
	}
	for size := min(most, 10_000); size <= most; size *= 10 {
		for stored < size {
			take(next())
		}
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				items := next()
				b.StartTimer()
				take(items)
			}
			b.ReportMetric(float64(BatchItems*b.N)/b.Elapsed().Seconds(), "items/s")
		})
	}
}

// TestASweptStoryIsRecalledWhole: an item of a story that has left the index comes again, changed, and matches a later story. Nobody is lost.
func TestASweptStoryIsRecalledWhole(t *testing.T) {
	db := open(t)
	d := New(db, Options{})
	text := prose(1, 300)
	a, b := copyOf("alpha", "a", text, epoch), copyOf("beta", "b", text, epoch.Add(time.Hour))
	deliver(t, d, epoch.Add(2*time.Hour), a, b)
	later := epoch.AddDate(0, 0, 6)
	deliver(t, d, later, copyOf("gamma", "c", text, later), copyOf("delta", "d", prose(2, 300), later))
	again := copyOf("alpha", "a", text+" "+prose(3, 20), later.Add(time.Hour)) // with a date of today
	deliver(t, d, later.Add(2*time.Hour), again, copyOf("epsilon", "e", text, later.Add(time.Hour)))

	var listed []string
	for _, guids := range stories(t, db) {
		listed = append(listed, strings.Fields(guids)...)
	}
	view(t, db, func(tx *store.Tx) {
		if s, ok, err := tx.Story(a.ID); !ok || err != nil || s.ID != a.ID {
			t.Errorf("the oldest story: got %s, %v, %v; want it to stand, not to be an alias of a younger one", s.ID, ok, err)
		}
	})
	slices.Sort(listed)
	if want := []string{"a", "b", "c", "d", "e"}; !slices.Equal(listed, want) {
		t.Errorf("listed in stories: got %v, want each once, %v", listed, want)
	}
}

func TestATeaserDoesNotReplaceTheText(t *testing.T) {
	db := open(t)
	d := New(db, Options{})
	it := copyOf("alpha", "a", prose(1, 300), epoch)
	deliver(t, d, epoch, it)
	again := copyOf("alpha", "a", prose(1, 20), epoch)
	again.Title = "Another headline"
	_, err := d.Take([]Delivery{{Feed: it.Feed, Items: []copytaster.Item{again}, Teasers: []string{"a"}, At: epoch.Add(time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
	view(t, db, func(tx *store.Tx) {
		got, _, err := tx.Item(it.ID)
		if err != nil || got.Title != again.Title || len(got.Blocks) != len(it.Blocks) {
			t.Errorf("got %q with %d blocks, %v; want the new headline over the old text", got.Title, len(got.Blocks), err)
		}
	})
}

// TestEveryChangeCounts: whatever of an item changes, its story is shown anew.
func TestEveryChangeCounts(t *testing.T) {
	for name, change := range map[string]func(*copytaster.Item){
		"title": func(it *copytaster.Item) { it.Title += "!" }, "url": func(it *copytaster.Item) { it.URL += "2" },
		"image": func(it *copytaster.Item) { it.Image = "https://alpha.example/i.png" }, "authors": func(it *copytaster.Item) { it.Authors = []string{"Ann"} },
		"text": func(it *copytaster.Item) {
			it.Blocks = append(slices.Clone(it.Blocks), copytaster.Block{Text: prose(8, 30), Kept: true})
		},
	} {
		db := open(t)
		d := New(db, Options{})
		it := copyOf("alpha", "a", prose(1, 300), epoch)
		deliver(t, d, epoch, it)
		change(&it)
		if r := deliver(t, d, epoch.Add(time.Hour), it); r.Updated != 1 {
			t.Errorf("%s: got %+v, want an update", name, r)
		}
		if r := deliver(t, d, epoch.Add(2*time.Hour), it); r.Updated != 0 {
			t.Errorf("%s, the same again: got %+v, want none", name, r)
		}
	}
}

// TestOneGUIDForAllItems: a feed that gives every article the same guid loses none of them, and knows them again.
func TestOneGUIDForAllItems(t *testing.T) {
	db := open(t)
	d := New(db, Options{})
	for round := range 2 {
		for n := range 4 {
			it := copyOf("alpha", "same", prose(uint64(n), 60), epoch)
			it.Title, it.URL = fmt.Sprint("Article ", n), fmt.Sprint("https://alpha.example/", n)
			r := deliver(t, d, epoch.Add(time.Duration(round)*time.Hour), it)
			if want := 1 - round; r.New != want || r.Updated != 0 {
				t.Errorf("round %d, article %d: got %+v, want %d new", round, n, r, want)
			}
		}
	}
	view(t, db, func(tx *store.Tx) {
		if tx.Count() != 4 {
			t.Errorf("got %d items, want 4", tx.Count())
		}
	})
}

// BenchmarkOpen opens a database, builds the index of the 20,000 articles of 300 words in its window, or of COPYTASTER_ITEMS, and reads what was learned, as the first
// new item after a start does.
func BenchmarkOpen(b *testing.B) {
	n := wanted(b, 20000)
	db := open(b)
	d := New(db, Options{})
	for from := 0; from < n; from += 1000 {
		var items []copytaster.Item
		for i := from; i < from+1000; i++ {
			items = append(items, copyOf(fmt.Sprint("outlet", i%50), fmt.Sprint(i), prose(uint64(i), 300), epoch))
		}
		if _, err := d.Take([]Delivery{{Feed: "f", Items: items, At: epoch}}); err != nil {
			b.Fatal(err)
		}
	}
	name := db.Name()
	for b.Loop() {
		err := db.Close()
		if err != nil {
			b.Fatal(err)
		}
		if db, err = store.Open(name); err != nil {
			b.Fatal(err)
		}
		view(b, db, func(tx *store.Tx) {
			d := New(db, Options{})
			d.open(tx, epoch)
			if d.index.stories.Settle(); d.index.stories.Len() != n {
				b.Fatalf("got %d articles, want %d", d.index.stories.Len(), n)
			}
		})
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "articles/s")
}

// TestSetIsMadeAgain: the set that is made of a stored item is the one with which it was folded, with its dateline cut, what is stripped left out and what is quoted known.
func TestSetIsMadeAgain(t *testing.T) {
	db := open(t)
	d := New(db, Options{})
	it := copyOf("outlet", "1", prose(7, 120), epoch)
	it.Blocks[0].Text = "HAVEN (AFP) - " + it.Blocks[0].Text
	it.Blocks = append(it.Blocks, copytaster.Block{Text: "“We shall have to close the lock until the gate has been mended,” the harbour master said."},
		copytaster.Block{Text: "Sign up for our newsletter"})
	if _, err := d.Take([]Delivery{{Feed: "f", Items: []copytaster.Item{it}, At: epoch}}); err != nil {
		t.Fatal(err)
	}
	want := d.make.made(it).article.Set
	view(t, db, func(tx *store.Tx) {
		d.index.tx = tx
		if got := d.index.set(it.ID); !reflect.DeepEqual(got, want) || got.Len() < 120 {
			t.Errorf("got a set of %d shingles, want the same %d", got.Len(), want.Len())
		}
	})
}
