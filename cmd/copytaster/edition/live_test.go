package edition

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/sketch"
	"copytaster/config"
	"copytaster/dedupe"
	"copytaster/store"
	"copytaster/web"
	"copytaster/web/view"
)

// stock fills a database with stories of n items each, every one of text, at so many outlets, a minute apart, without ingest.
func stock(t testing.TB, db *store.DB, stories, copies, outlets int, text func(story int) string) {
	t.Helper()
	for from := 0; from < stories; from += 500 {
		err := db.Update(func(tx *store.Tx) error {
			for i := from; i < min(from+500, stories); i++ {
				if err := shelve(tx, i, copies, outlets, text(i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func shelve(tx *store.Tx, i, copies, outlets int, text string) error {
	at := epoch.Add(time.Duration(i) * time.Minute)
	var ids []string
	for j := range copies {
		outlet := fmt.Sprint("outlet-", (i*7+j*13)%outlets)
		it := item(outlet, text, 0)
		it.GUID = fmt.Sprint(i)
		it.ID, it.Published, it.Seen = copytaster.ItemID(it.Feed, it.GUID), at, at
		it.Title = fmt.Sprint("Story ", i, " of the day")
		if i%3 == 0 {
			it.Credits = []copytaster.Credit{{Agency: []string{"AFP", "dpa", "Reuters"}[i%9/3], Role: copytaster.Full}}
		}
		s, err := sketch.Encode(dedupe.Article{ID: it.ID}, dedupe.Outline{})
		if err != nil {
			return err
		}
		if err := tx.PutItem(it, s); err != nil {
			return err
		}
		ids = append(ids, it.ID)
	}
	return tx.PutStory(store.Story{ID: fmt.Sprintf("%016x", i+1), Published: at, Updated: at, Items: ids})
}

// prose makes a text of n words, drawn as in real texts: few of them often, most of them seldom.
func prose(seed, n int) string {
	r := rand.New(rand.NewPCG(uint64(seed), 7))
	z := rand.NewZipf(r, 1.2, 4, 200_000)
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "w%d", z.Uint64())
		b.WriteString(map[bool]string{true: ".\n", false: " "}[i%60 == 59])
	}
	return b.String()
}

func empty(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestLiveAgreesWithTheDatabase compares what is found in the catalogue with a walk over all that is stored, while stories come, grow and go.
func TestLiveAgreesWithTheDatabase(t *testing.T) {
	db := empty(t)
	stock(t, db, 300, 2, 9, func(i int) string { return prose(i, 120) })
	revision := uint64(1)
	l := NewLive(Reader{DB: db}, func() uint64 { return revision })
	agree(t, l, "at first")
	err := db.Update(func(tx *store.Tx) error {
		for i := 290; i < 320; i++ { // ten grow, twenty are new
			if err := shelve(tx, i, 4, 9, prose(i+1000, 80)); err != nil {
				return err
			}
		}
		return tx.PutAlias(fmt.Sprintf("%016x", 5), fmt.Sprintf("%016x", 6))
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := l.Brief(view.Query{}); len(got) != 300 {
		t.Errorf("before the revision changes: got %d stories, want 300", len(got))
	}
	revision++
	agree(t, l, "after news")
	for more := true; more; {
		err := db.Update(func(tx *store.Tx) (err error) {
			_, _, more, err = tx.Drop(epoch.Add(100*24*time.Hour), nil)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	revision++
	agree(t, l, "after all are dropped")
}

func agree(t *testing.T, l *Live, when string) {
	t.Helper()
	for _, q := range []view.Query{
		{}, {Limit: 10}, {Limit: 7, Offset: 285}, {Offset: 1000}, {Largest: true, Limit: 25}, {Limit: 5, Filter: copytaster.Filter{Agencies: []string{"dpa"}}},
		{Filter: copytaster.Filter{Outlets: []string{"outlet-3"}, Agencies: []string{"AFP"}}}, {Words: []string{"w1", "w2"}}, {Words: []string{"w0 w1"}}, {Words: []string{"w3"}, Limit: 4, Offset: 3},
		{Words: []string{"nowhere"}}, {Within: 2 * time.Hour}, {Since: epoch.Add(280 * time.Minute), Words: []string{"w5"}}, {Words: []string{"!"}, Limit: 3},
	} {
		want := slowly(t, l.Reader, q)
		got, err := l.Page(q)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(ids(got), ids(want)) {
			t.Errorf("%s, %+v: got %d stories %.200v, want %d %.200v", when, q, len(got), ids(got), len(want), ids(want))
			continue
		}
		for i := range got {
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Errorf("%s, %+v: story %s is another than stored", when, q, got[i].ID)
			}
		}
		brief, err := l.Brief(q)
		if err != nil || !slices.Equal(ids(brief), ids(want)) {
			t.Errorf("%s, %+v: brief: got %d, %v, want %d", when, q, len(brief), err, len(want))
		}
	}
	for _, e := range []config.Export{
		{Limit: 100}, {Limit: 3, MinOutlets: 2}, {Limit: 30, OnlyWire: true}, {Limit: 30, NoWire: true, Where: expression(t, "len(outlets) == 2")}, {Limit: 1000, MinOutlets: 3}, {Limit: 20, Include: copytaster.Filter{Words: []string{"w2 w1", "w7"}}},
		{Limit: 20, Exclude: copytaster.Filter{Words: []string{"w1"}}}, {Limit: 9, Include: copytaster.Filter{Agencies: []string{"AFP"}}, Exclude: copytaster.Filter{Outlets: []string{"outlet-1"}}},
	} {
		want, err := l.Reader.Export(e)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := l.Export(e); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s, export %+v: got %v, %v, want %v", when, e, ids(got), err, ids(want))
		}
	}
}

// slowly answers the query by walking over everything.
func slowly(t *testing.T, r Reader, q view.Query) (list []copytaster.Story) {
	t.Helper()
	var newest time.Time
	err := r.Each(q.Since, func(s copytaster.Story) bool {
		newest = later(newest, s.Published)
		if q.Filter.Match(s) && holds(s, q.Words) && (q.Within == 0 || !s.Published.Before(newest.Add(-q.Within))) {
			list = append(list, s)
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	if q.Largest {
		slices.SortStableFunc(list, func(a, b copytaster.Story) int { return len(b.Outlets()) - len(a.Outlets()) })
	}
	list = list[min(q.Offset, len(list)):]
	if q.Limit > 0 {
		list = list[:min(q.Limit, len(list))]
	}
	return list
}

func ids(list []copytaster.Story) (out []string) {
	for _, s := range list {
		out = append(out, s.ID)
	}
	return out
}

// TestArchivesHoldEverything walks from the newest feed through the archives to the oldest story, as a reader would, and back.
func TestArchivesHoldEverything(t *testing.T) {
	db := empty(t)
	stock(t, db, 9, 2, 9, func(i int) string { return prose(i, 60) })
	err := db.Update(func(tx *store.Tx) error { // days apart, one of them empty
		for i := range 5 {
			if err := shelve(tx, 24*60*[]int{1, 2, 4, 5, 5}[i]+i, 2, 9, prose(i, 60)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	l := NewLive(Reader{DB: db}, func() uint64 { return 1 })
	e := config.Export{Name: "all", Limit: 1}
	newest, err := l.Export(e)
	if err != nil || len(newest) != 1 {
		t.Fatal(newest, err)
	}
	p := Place{Home: "https://news.example", Hub: "https://hub.example/"}
	if got, want := p.Channel(e, "atom", newest).Prev, "https://news.example/feeds/all/2026-03-06.atom"; got != want {
		t.Errorf("the feed leads to %q, want %q", got, want)
	}
	seen := map[string]bool{}
	var days, back []time.Time
	for day := dayOf(newest[0].Published); !day.IsZero(); {
		stories, older, newer, err := l.Archive(e, day)
		if err != nil || len(stories) == 0 {
			t.Fatalf("%v: got %d stories, %v", day, len(stories), err)
		}
		for _, s := range stories {
			seen[s.ID] = true
		}
		if c := p.Archive(e, "atom", day, older, newer); c.Current != "https://news.example/feeds/all.atom" || (c.Next == "") != newer.IsZero() || (c.Prev == "") != older.IsZero() || c.Hub != "" {
			t.Errorf("%v: got %+v", day, c)
		}
		days, back = append(days, day), append(back, newer)
		day = older
	}
	if len(seen) != 14 || len(days) != 5 || !back[0].IsZero() || !slices.EqualFunc(back[1:], days[:4], time.Time.Equal) {
		t.Errorf("got %d stories on %v, back over %v", len(seen), days, back)
	}
	if stories, _, _, err := l.Archive(e, dayOf(newest[0].Published).AddDate(0, 0, -2)); err != nil || len(stories) != 0 {
		t.Errorf("a day of nothing: got %d stories, %v", len(stories), err)
	}
}

// TestReadersWhileIngestWrites has 200 readers ask while a writer adds stories: no answer is an error or holds a story twice, and the last sees all.
func TestReadersWhileIngestWrites(t *testing.T) {
	db := empty(t)
	stock(t, db, 100, 2, 9, func(i int) string { return prose(i, 60) })
	l := NewLive(Reader{DB: db}, func() uint64 { return uint64(db.Size()) + written(db) })
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 100; i < 160; i++ {
			if err := db.Update(func(tx *store.Tx) error { return shelve(tx, i, 3, 9, prose(i, 60)) }); err != nil {
				t.Error(err)
			}
		}
	})
	for n := range 200 {
		wg.Go(func() {
			q := []view.Query{{Limit: 40}, {Limit: 40, Largest: true}, {Limit: 40, Words: []string{"w1"}}}[n%3]
			got, err := l.Page(q)
			seen := ids(got)
			slices.Sort(seen)
			if err != nil || len(got) == 0 || len(slices.Compact(seen)) != len(got) {
				t.Errorf("%+v: got %d stories, %d of them different, %v", q, len(got), len(slices.Compact(seen)), err)
			}
		})
	}
	wg.Wait()
	if got, err := l.Brief(view.Query{}); err != nil || len(got) != 160 {
		t.Errorf("at the end: got %d stories, %v, want 160", len(got), err)
	}
}

// written is a number that changes with every story that is stored.
func written(db *store.DB) (n uint64) {
	_ = db.View(func(tx *store.Tx) error {
		for _, record := range tx.StoryRecords() {
			n += uint64(len(record))
		}
		return nil
	})
	return n
}

// BenchmarkLive asks a catalogue of 50,000 stories of two copies: what a front page asks, what changes cost, and what the first visitor waits for.
func BenchmarkLive(b *testing.B) {
	const n = 50_000
	db := empty(b)
	stock(b, db, n, 2, 300, func(i int) string { return prose(i, 350) })
	revision := uint64(1)
	fill := func() *Live { return NewLive(Reader{DB: db}, func() uint64 { return revision }) }
	l := fill()
	before := heap()
	if _, err := l.Version(); err != nil {
		b.Fatal(err)
	}
	size := heap() - before
	b.Run("fill", func(b *testing.B) {
		for b.Loop() {
			if _, err := fill().Version(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(size)/n, "B/story")
	})
	for name, q := range map[string]view.Query{
		"newest": {Limit: 41}, "largest": {Limit: 41, Largest: true}, "agency": {Limit: 41, Offset: 400, Filter: copytaster.Filter{Agencies: []string{"dpa"}}},
		"nobody": {Limit: 41, Filter: copytaster.Filter{Outlets: []string{"nobody"}}}, "words": {Limit: 41, Words: []string{"w2000", "w17"}}, "phrase": {Limit: 41, Words: []string{"w30 w31"}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := l.Brief(q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	benchmarkPages(b, l, n)
	b.Run("news", func(b *testing.B) { // a story a time
		i := n
		for b.Loop() {
			b.StopTimer()
			if err := db.Update(func(tx *store.Tx) error { i++; return shelve(tx, i, 2, 300, prose(i, 350)) }); err != nil {
				b.Fatal(err)
			}
			revision++
			b.StartTimer()
			if _, err := l.Version(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("export", func(b *testing.B) {
		for b.Loop() {
			if got, err := l.Export(config.Export{Limit: 100, MinOutlets: 2}); err != nil || len(got) != 100 {
				b.Fatal(len(got), err)
			}
		}
	})
}

// benchmarkPages asks the pages over n stories, each time as if something had come since: a front page 50 ms at most, of 100 KB at most.
func benchmarkPages(b *testing.B, l *Live, n int) {
	h := web.New(web.Source{Brief: l.Brief, Stories: l.Page, Story: l.Story, Folds: l.Folds}, web.Options{}) // without Revision nothing is kept
	for name, path := range map[string]string{
		"front": "/", "largest": "/?sort=largest&days=all", "agency": "/?agency=dpa&page=9", "words": "/?q=w2000+w17", "story": "/story/" + fmt.Sprintf("%016x", n/2),
		"outlet": "/outlet?name=outlet-7", "outlets": "/outlets", "agencies": "/agencies", "status": "/status", "view": "/stories.atom?agency=dpa", "api": "/api/stories",
	} {
		b.Run("page/"+name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				r := httptest.NewRequest("GET", path, nil)
				r.Host, r.RemoteAddr = "localhost", "127.0.0.1:1"
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if size = w.Body.Len(); w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(size), "B")
		})
	}
}

// heap is how much memory is in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
