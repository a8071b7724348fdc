package dedupe

import (
	"fmt"
	"runtime"
	"testing"

	"copytaster"
	"copytaster/dedupe/rule"
	"copytaster/dedupe/shingle"
	"copytaster/dedupe/shingle/sample"
)

// BenchmarkFold takes an article from its text to its place: words, shingles, candidates, exact verification, insertion.
func BenchmarkFold(b *testing.B) {
	texts := sample.Corpus(6000)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		var x shingle.Index
		var shingler Shingler
		sets := make([]Set, len(texts))
		var found []shingle.Candidate
		copies := 0
		for i, t := range texts {
			sets[i] = shingler.Set([]copytaster.Block{{Text: t, Kept: true}})
			found = x.Candidates(sets[i], found[:0])
			for _, c := range found {
				if Compare(sets[i], sets[c.Number]).Most() >= rule.Copied {
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

// BenchmarkWindow is what an article of about 80 words takes resident in a window of stories whose sets can be read again: its postings, its
// address, headline and outlet, and where it stands.
func BenchmarkWindow(b *testing.B) {
	const n = 100_000
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := NewStories(Options{Load: func(string) Set { return Set{} }})
		for i := range n {
			set := Shingles(text(sample.Prose(uint64(i), 80)))
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
