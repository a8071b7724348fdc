package shingle

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"copytaster"
	"copytaster/dedupe/shingle/sample"
)

func BenchmarkShingles(b *testing.B) {
	block := []copytaster.Block{{Text: sample.Corpus(1)[0], Kept: true}}
	b.SetBytes(int64(len(block[0].Text)))
	for b.Loop() {
		Shingles(block)
	}
}

func BenchmarkCompare(b *testing.B) {
	texts := sample.Corpus(4)
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
			batch := make([]Outline, 1000)
			for i := 0; i < n; i += len(batch) {
				for j := range batch {
					batch[j] = random(r).Outline()
				}
				x.AddAll(func(yield func(uint32, Outline) bool) {
					for j, o := range batch {
						yield(uint32(i+j), o)
					}
				})
			}
			clear(batch)
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
		stored[i], _ = random(r).Outline().MarshalBinary()
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
