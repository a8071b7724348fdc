package catalogue

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"copytaster"
)

// FuzzWords shows that the index leaves out no text in which the filter finds the phrase, and no list of postings goes wrong.
func FuzzWords(f *testing.F) {
	f.Add("The ferries of the Outer Isles stopped.", "outer isles")
	f.Add("灯浜沖でM6.3の地震、津波は30センチ", "M6.3の地震")
	f.Add("क्षमा करें", "क्षमा")
	f.Add("İstanbul’da", "istanbul")
	f.Fuzz(func(t *testing.T, text, phrase string) {
		w := newWords()
		w.add([]string{"something before"})
		doc := w.add([]string{"and", text})
		w.add([]string{text + " after"})
		docs, ok := w.candidates(phrase)
		it := copytaster.Item{Blocks: []copytaster.Block{{Text: text, Kept: true}}}
		found := copytaster.Filter{Words: []string{phrase}}.Match(copytaster.Story{Items: []copytaster.Item{it}})
		if found && ok && !docs.has(doc) {
			t.Errorf("%q stands in %q, but is not among the candidates", phrase, text)
		}
	})
}

func TestCandidates(t *testing.T) {
	w := newWords()
	for _, text := range []string{"storm and flood", "flood", "storm tide", "嵐の夜", "STORM"} {
		w.add([]string{text})
	}
	for phrase, want := range map[string]string{"storm": "0 2 4", "flood storm": "0", "Tide": "2", "none": "", "嵐": "3", "夜": "3", "嵐の": "3", "夜嵐": ""} {
		docs, ok := w.candidates(phrase)
		var got []string
		for d := range w.next {
			if docs.has(d) {
				got = append(got, fmt.Sprint(d))
			}
		}
		if !ok || strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, want %q", phrase, got, want)
		}
	}
	if _, ok := w.candidates("…!"); ok {
		t.Error("a phrase without a word: got candidates")
	}
}

// TestPostings compares the lists, and what joins and keeps, with plain sets.
func TestPostings(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	w := newWords()
	plain := map[string]map[uint32]bool{}
	for range 5000 {
		var text []string
		for range r.IntN(5) {
			word := fmt.Sprint("w", r.IntN(40)*r.IntN(40))
			text = append(text, word)
			if plain[word] == nil {
				plain[word] = map[uint32]bool{}
			}
			plain[word][w.next] = true
		}
		w.add([]string{strings.Join(text, " ")})
	}
	for word, docs := range plain {
		got, _ := w.candidates(word)
		if got.size() != len(docs) {
			t.Errorf("%s: got %d documents, want %d", word, got.size(), len(docs))
		}
		for d := range docs {
			if !got.has(d) {
				t.Errorf("%s: document %d is missing", word, d)
			}
		}
	}
}
