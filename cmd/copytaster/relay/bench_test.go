package relay

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/relay/rig"
	"copytaster/fetch"
)

// BenchmarkStream takes deliveries of ten items from a stream into a store, folded and all: summaries of 12 words, and articles of 300. It is what a leader or a stand-by does
// when it has fallen behind.
func BenchmarkStream(b *testing.B) {
	for _, c := range []struct {
		name  string
		words int
	}{{"short", 12}, {"articles", 300}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			r := connect(b, rig.Start(b, 1).Line().URL(), 2<<30)
			db := database(b, "a.db")
			if err := r.Join(b.Context(), db); err != nil {
				b.Fatal(err)
			}
			const each = 10
			for i := range (b.N + each - 1) / each {
				if err := r.publish(b.Context(), "t.news.delivery", fmt.Sprint(i), edition(i, min(each, b.N-i*each), c.words)); err != nil {
					b.Fatal(err)
				}
			}
			if _, err := r.js.Publish(b.Context(), "t.news.end", nil); err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			follow(b, r, db).settle(b)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
		})
	}
}

// edition is the first delivery of a feed of its own. A third of its items are copies of what another feed has.
func edition(i, items, words int) Delivery {
	feed := fmt.Sprintf("https://outlet%d.example/feed", i)
	at := epoch.Add(time.Duration(i) * time.Second)
	d := Delivery{ID: fmt.Sprint(i), Base: Base(fetch.State{}), Delivery: fetch.Delivery{Feed: feed, At: at, Outcome: fetch.Fresh, State: fetch.State{Polled: at, Next: at.Add(time.Hour)}}}
	for n := range items {
		seed := uint64(i)<<8 | uint64(n)
		if n%3 == 0 {
			seed = 1<<40 | uint64(i/4)<<8 | uint64(n)
		}
		guid := fmt.Sprint(i, "-", n)
		it := copytaster.Item{ID: copytaster.ItemID(feed, guid), Feed: feed, Outlet: fmt.Sprint("Outlet ", i), GUID: guid, Title: fmt.Sprintf("Report %d of %d", n, i), URL: feed + "/" + guid, Published: at, Seen: at}
		r := rand.New(rand.NewPCG(seed, 5))
		for left := words; left > 0; left -= 30 {
			var p strings.Builder
			for range min(left, 30) {
				fmt.Fprintf(&p, "%s%s ", []string{"ker", "tal", "mon", "dor", "vel", "sun", "bra", "nik"}[r.IntN(8)], []string{"ama", "ent", "oru", "ist", "eva", "ung", "ado", "irk"}[r.IntN(8)]+fmt.Sprint(r.IntN(40)))
			}
			it.Blocks = append(it.Blocks, copytaster.Block{Text: p.String(), Kept: true})
		}
		d.Items = append(d.Items, it)
	}
	return d
}
