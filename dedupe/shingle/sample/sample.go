// Package sample makes up the texts that tests and benchmarks of shingles are held on. The same seed or number gives the same texts.
package sample

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// Prose makes a text of n made-up words, other ones for every seed.
func Prose(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 1))
	syllables := strings.Fields("ba ke lo mi nu sa te ro vi du pha gre sto kli mon tar")
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		for range 2 + r.IntN(3) {
			b.WriteString(syllables[r.IntN(len(syllables))])
		}
	}
	return b.String()
}

// Corpus makes n articles of about 486 words from a vocabulary of 40,000 words with Zipf's frequencies; every fourth is a copy, cut by a
// tenth, of the one before.
func Corpus(n int) []string {
	r := rand.New(rand.NewPCG(7, 7))
	vocabulary := strings.Fields(Prose(99, 40_000))
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

// Mixed makes n texts of 30 to 700 words; two in three hold a part of an earlier one, from its head or its middle.
func Mixed(n int) []string {
	r := rand.New(rand.NewPCG(5, 5))
	split := make([][]string, n)
	texts := make([]string, n)
	for i := range split {
		t := strings.Fields(Prose(uint64(5000+i), 30+r.IntN(400)))
		if i%3 > 0 {
			from := split[r.IntN(i)]
			at := 0
			if r.IntN(2) == 0 {
				at = r.IntN(len(from) / 2)
			}
			t = slices.Concat(t[:r.IntN(len(t))], from[at:at+(len(from)-at)*(1+r.IntN(4))/4])
		}
		split[i], texts[i] = t, strings.Join(t, " ")
	}
	return texts
}
