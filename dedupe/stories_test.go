package dedupe

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/dedupe/shingle/sample"
)

// text makes one kept block.
func text(s string) []copytaster.Block { return []copytaster.Block{{Text: s, Kept: true}} }

var day = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// piece makes an article of an outlet of its own.
func piece(id, s string, hours int) Article {
	return Article{ID: id, Outlet: "outlet " + id, Published: day.Add(time.Duration(hours) * time.Hour), Set: Shingles(text(s))}
}

// settled adds the articles and gives the stories by their items.
func settled(s *Stories, as ...Article) map[string]string {
	story := map[string]string{}
	for _, a := range as {
		s.Add(a, "")
	}
	for _, p := range s.Settle().Parts {
		for _, it := range p.Items {
			story[it] = p.ID
		}
	}
	return story
}

// window makes 12 stories of up to 7 copies, cut and extended, and a roundup of all of them.
func window() []Article {
	var all []Article
	var roundup []string
	for i := range 12 {
		s := strings.Fields(sample.Prose(uint64(i), 300))
		roundup = append(roundup, s[:60]...)
		for j := range 1 + i%7 {
			body := slices.Concat(s[:300-20*j], strings.Fields(sample.Prose(uint64(1000+10*i+j), 20*j)))
			all = append(all, piece(fmt.Sprintf("%d-%d", i, j), strings.Join(body, " "), i+j))
		}
	}
	return append(all, piece("roundup", strings.Join(roundup, " "), 5))
}

func TestOrderDoesNotMatter(t *testing.T) {
	all := window()
	want := partition(settled(NewStories(Options{}), all...))
	if len(want) != 13 {
		t.Errorf("%d stories, want 12 and the roundup: %v", len(want), want)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		s := NewStories(Options{})
		got := map[string]string{}
		for _, a := range all {
			s.Add(a, "")
			if r.IntN(4) > 0 {
				continue
			}
			for _, p := range s.Settle().Parts {
				for _, it := range p.Items {
					got[it] = p.ID
				}
			}
		}
		for _, p := range s.Settle().Parts {
			for _, it := range p.Items {
				got[it] = p.ID
			}
		}
		if p := partition(got); !reflect.DeepEqual(p, want) {
			t.Fatalf("got %v, want %v", p, want)
		}
	}
}

// partition gives the stories without their names.
func partition(story map[string]string) [][]string {
	by := map[string][]string{}
	for it, id := range story {
		by[id] = append(by[id], it)
	}
	var parts [][]string
	for _, p := range by {
		slices.Sort(p)
		parts = append(parts, p)
	}
	slices.SortFunc(parts, slices.Compare)
	return parts
}

func TestAddThenRemoveLeavesNothing(t *testing.T) {
	s := NewStories(Options{})
	all := window()
	settled(s, all...)
	for _, a := range all {
		s.Remove(a.ID)
	}
	s.Settle()
	if s.Len()+s.index.Postings()+len(s.links)+s.byID.Len()+s.byURL.Len()+s.tales.byID.Len()+len(s.keys)+len(s.tied)+s.hold.size > 0 {
		t.Errorf("left: %d articles, %d postings, %v, %d ids, %d addresses, %d stories, %v, %v, %d shingles", s.Len(), s.index.Postings(), s.links, s.byID.Len(), s.byURL.Len(),
			s.tales.byID.Len(), s.keys, s.tied, s.hold.size)
	}
}

func TestWindow(t *testing.T) {
	s := sample.Prose(1, 200)
	got := settled(NewStories(Options{}), piece("a", s, 0), piece("b", s, 50), piece("c", s, 73))
	if got["a"] != "a" || got["b"] != "a" || got["c"] != "c" {
		t.Errorf("got %v, want a and b, and c too late", got)
	}
}

func TestMergeKeepsTheOlderID(t *testing.T) {
	core := sample.Prose(1, 200)
	s := NewStories(Options{})
	settled(s, piece("a", core+" "+sample.Prose(2, 250), 0))
	settled(s, piece("b", core+" "+sample.Prose(3, 250), 1))
	s.Add(piece("c", core, 2), "")
	got := s.Settle()
	if len(got.Parts) != 1 || got.Parts[0].ID != "a" || !slices.Equal(got.Parts[0].Items, []string{"a", "b", "c"}) {
		t.Errorf("parts %+v, want all in a", got.Parts)
	}
	if want := []Alias{{"b", "a"}}; !slices.Equal(got.Aliases, want) {
		t.Errorf("aliases %v, want %v", got.Aliases, want)
	}
}

// TestTextsThatAreDropped: ids, addresses and stories are the same when the texts of articles that left or were replaced make room, and when
// the article left whose id a story has.
func TestTextsThatAreDropped(t *testing.T) {
	s := NewStories(Options{})
	at := func(i, version int) Article {
		a := piece(fmt.Sprint(i), sample.Prose(uint64(i/2), 60), i)
		a.URL = fmt.Sprintf("https://example.org/%d/%d/%s", i, version, strings.Repeat("x", 3000))
		return a
	}
	const n = 60
	for version := range 6 {
		for i := range n {
			s.Add(at(i, version), "")
		}
		s.Settle()
	}
	for i := 0; i < n; i += 4 {
		s.Remove(fmt.Sprint(i))
	}
	for version := range 6 {
		s.Add(at(1, version), "")
	}
	s.Settle()
	for i := range n {
		a, story, ok := s.Article(fmt.Sprint(i))
		if gone := i%4 == 0; ok == gone {
			t.Fatalf("article %d: known %v", i, ok)
		}
		if want := fmt.Sprint(i / 2 * 2); ok && (story != want || i > 1 && a.URL != at(i, 5).URL || a.ID != fmt.Sprint(i) || a.Outlet != "outlet "+a.ID || !a.Published.Equal(at(i, 0).Published)) {
			t.Errorf("article %d is %+v in story %s, want %s", i, a, story, want)
		}
	}
	if whole := 6 * n * 3000; s.texts.Size() > whole/2 {
		t.Errorf("%d bytes of texts are kept of %d", s.texts.Size(), whole)
	}
}

// TestVersionsLeaveNothing: stories are those of the last versions alone, however many came before and whether they were settled.
func TestVersionsLeaveNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	all := window()
	plain := NewStories(Options{})
	want := partition(settled(plain, all...))
	for range 20 {
		s := NewStories(Options{})
		last := r.Perm(len(all))
		for i, k := range last {
			for range r.IntN(3) {
				a := all[r.IntN(len(all))]
				a.ID, a.Outlet, a.Published = all[k].ID, all[k].Outlet, all[k].Published
				s.Add(a, "")
				if r.IntN(8) == 0 {
					s.Settle()
				}
			}
			if a := all[last[r.IntN(i+1)]]; r.IntN(2) == 0 {
				s.Add(a, "")
			}
			s.Add(all[k], "")
		}
		s.Settle()
		if p := partition(storiesOf(s, all)); !reflect.DeepEqual(p, want) {
			t.Fatalf("got %v, want %v", p, want)
		}
		if got, want := s.index.Postings(), plain.index.Postings(); got != want {
			t.Fatalf("%d postings, want %d", got, want)
		}
	}
}

// storiesOf gives the stories of the articles by their ids.
func storiesOf(s *Stories, all []Article) map[string]string {
	story := map[string]string{}
	for _, a := range all {
		_, story[a.ID], _ = s.Article(a.ID)
	}
	return story
}
