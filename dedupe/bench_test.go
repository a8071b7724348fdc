package dedupe

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"copytaster"
)

// corpus makes n articles of about 486 words from a vocabulary of 40,000 words with Zipf's frequencies; every fourth is a copy, cut by a
// tenth, of the one before.
func corpus(n int) []string {
	r := rand.New(rand.NewPCG(7, 7))
	vocabulary := strings.Fields(prose(99, 40_000))
	zipf := rand.NewZipf(r, 1.1, 8, uint64(len(vocabulary)-1))
	texts := make([]string, n)
	var b strings.Builder
	for i := range texts {
		if i%4 == 3 {
			texts[i] = texts[i-1][:len(texts[i-1])*9/10]
			continue
		}
		b.Reset()
		for j := range 486 {
			switch {
			case j%90 == 89:
				b.WriteString(".\n")
			case j%17 == 16:
				b.WriteString(", ")
			default:
				b.WriteByte(' ')
			}
			b.WriteString(vocabulary[zipf.Uint64()])
		}
		texts[i] = b.String()
	}
	return texts
}

// BenchmarkFold takes an article from its text to its place: words, shingles, candidates, exact verification, insertion.
func BenchmarkFold(b *testing.B) {
	texts := corpus(6000)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		var x Index
		var shingler Shingler
		sets := make([]Set, len(texts))
		var found []Candidate
		copies := 0
		for i, t := range texts {
			sets[i] = shingler.Set([]copytaster.Block{{Text: t, Kept: true}})
			found = x.Candidates(sets[i], found[:0])
			for _, c := range found {
				if Compare(sets[i], sets[c.Number]).Most() >= copied {
					copies++
				}
			}
			x.Add(uint32(i), sets[i])
		}
		if copies < len(texts)/4 {
			b.Fatalf("%d copies found of %d", copies, len(texts)/4)
		}
	}
	b.ReportMetric(float64(len(texts))*float64(b.N)/b.Elapsed().Seconds(), "articles/s")
}

func BenchmarkShingles(b *testing.B) {
	block := []copytaster.Block{{Text: corpus(1)[0], Kept: true}}
	b.SetBytes(int64(len(block[0].Text)))
	for b.Loop() {
		Shingles(block)
	}
}

func BenchmarkCompare(b *testing.B) {
	texts := corpus(4)
	x, y := Shingles(text(texts[2])), Shingles(text(texts[3]))
	for b.Loop() {
		Compare(x, y)
	}
}

// random makes the set of a text of 486 words that shares nothing with another.
func random(r *rand.Rand) Set {
	keys := make([]uint64, 483)
	for i := range keys {
		keys[i] = uint64(r.Uint32())<<32 | uint64(i)<<1
	}
	s := Set{words: 486}
	s.fill(keys, new(sorter))
	return s
}

// BenchmarkIndexGrowth is the price of one more article, and what it takes resident, in windows of growing size.
func BenchmarkIndexGrowth(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("takes 0.8 GB")
			}
			r := rand.New(rand.NewPCG(3, 3))
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var x Index
			for i := range n {
				x.Add(uint32(i), random(r))
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			s, found := random(r), []Candidate(nil)
			for b.Loop() {
				found = x.Candidates(s, found[:0])
				x.Add(uint32(n), s)
				x.Remove(uint32(n), s)
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "B/article")
			b.ReportMetric(float64(x.Postings())/float64(n), "postings/article")
		})
	}
}

// BenchmarkRebuild fills a window with 200,000 stored articles, as a start does.
func BenchmarkRebuild(b *testing.B) {
	const n = 200_000
	r := rand.New(rand.NewPCG(3, 3))
	stored := make([][]byte, n)
	for i := range stored {
		stored[i], _ = random(r).MarshalBinary()
	}
	b.ResetTimer()
	for b.Loop() {
		sets := make([]Outline, n)
		for i, data := range stored {
			if err := sets[i].UnmarshalBinary(data); err != nil {
				b.Fatal(err)
			}
		}
		var x Index
		x.AddAll(func(yield func(uint32, Outline) bool) {
			for i, s := range sets {
				yield(uint32(i), s)
			}
		})
	}
}

// BenchmarkWindow is what an article of about 80 words takes resident in a window of stories whose sets can be read again: its postings, its
// address, headline and outlet, and where it stands.
func BenchmarkWindow(b *testing.B) {
	const n = 100_000
	r := rand.New(rand.NewPCG(3, 3))
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := NewStories(Options{Load: func(string) Set { return Set{} }})
		for i := range n {
			keys := make([]uint64, 77)
			for i := range keys {
				keys[i] = uint64(r.Uint32())<<32 | uint64(i)<<1
			}
			set := Set{words: 80}
			set.fill(keys, new(sorter))
			id := fmt.Sprintf("%016x", i)
			s.AddOutline(Article{ID: id, Outlet: "Harbour Post", URL: "https://news.example.org/2026/03/02/" + id + "/the-ferry-sails-again", Published: day, Seen: day,
				Title: fmt.Sprint("The ferry sails again, number ", i, " of this week")}, set.Outline(), id)
		}
		s.Settle()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/article")
		runtime.KeepAlive(s)
	}
}
