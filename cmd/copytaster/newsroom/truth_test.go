package newsroom

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"copytaster"
)

// TestTruth holds the truth against the plan: every item stands in it once, under the story whose text it is, with the part of the
// agency that the plan gave it.
func TestTruth(t *testing.T) {
	r := New(epoch)
	r.Publish(2)
	seen := map[string]bool{}
	for _, s := range r.Truth() {
		for _, m := range s.Members {
			if seen[m.Path] {
				t.Errorf("%s stands twice in the truth", m.Path)
			}
			seen[m.Path] = true
			checkMember(t, r, s, m)
		}
	}
	for p := range everything(r) {
		if !seen[p] {
			t.Errorf("%s is missing in the truth", p)
		}
	}
}

func checkMember(t *testing.T, r *Room, s Story, m Member) {
	t.Helper()
	o, it, ok := planned(r, m.Path)
	if !ok {
		t.Errorf("%s is not in the plan", m.Path)
		return
	}
	role := copytaster.Full
	switch {
	case s.Agency == "":
		role = ""
	case it.As == "extended":
		role = copytaster.Partial
	}
	own := r.texts[it.Story]
	if path.Base(it.Story) != s.Name || own.agency != s.Agency || m.Role != role || m.Edition != max(1, it.Edition) {
		t.Errorf("the truth has %+v of %s (%s), the plan %+v", m, s.Name, s.Agency, it)
	}
	if it.Photo != nil && role != "" {
		if by := strings.SplitAfter(it.Photo.By, "/ "); !slices.Contains(m.Others, copytaster.Credit{Agency: by[len(by)-1], Role: copytaster.Photo}) {
			t.Errorf("the truth has %+v without the photo by %s", m, it.Photo.By)
		}
	}
	if m.MayBeCut != (o.Fault == faultCut && it.Hours >= slices.MaxFunc(o.Items, func(a, b item) int { return int(a.Hours - b.Hours) }).Hours) {
		t.Errorf("%s: may be cut: %v", m.Path, m.MayBeCut)
	}
}

// planned finds the item that is published at the path.
func planned(r *Room, at string) (*outlet, item, bool) {
	for i := range r.outlets {
		o := &r.outlets[i]
		for _, it := range o.Items {
			if o.path("a/"+path.Base(it.Story)+".html") == at {
				return o, it, true
			}
		}
	}
	return nil, item{}, false
}

// TestCopies: each item of an agency's story has as much of its text as the plan says, word by word.
func TestCopies(t *testing.T) {
	r := New(epoch)
	r.Publish(2)
	all := everything(r)
	for _, s := range r.Truth() {
		for _, m := range s.Members {
			_, it, _ := planned(r, m.Path)
			share := kept(r.texts[cmp.Or(it.Corrected, it.Story)].body, all[m.Path])
			low, high := map[string]float64{"cut": .2, "requoted": .6}[it.As], map[string]float64{"cut": .45, "requoted": .97}[it.As]
			if it.As == "whole" || it.As == "extended" || it.As == "roundup" {
				low, high = .999, 1
			}
			if share < low || share > high {
				t.Errorf("%s (%s) keeps %.2f of the text, want %.2f to %.2f", m.Path, it.As, share, low, high)
			}
		}
	}
}

// kept is the part of the text's sentences that stand in the article, by length.
func kept(body []paragraph, a article) float64 {
	whole, there := 0, 0
	text := a.HTML()
	for _, p := range body {
		for sentence := range strings.SplitAfterSeq(paragraphHTML(p), ". ") {
			whole += len(sentence)
			if strings.Contains(text, sentence) {
				there += len(sentence)
			}
		}
	}
	return float64(there) / float64(whole)
}

func paragraphHTML(p paragraph) string {
	s := article{Body: []paragraph{p}}.HTML()
	return strings.TrimSuffix(strings.TrimPrefix(s, "<p>"), "</p>")
}

// TestCast counts what the newsroom promises.
func TestCast(t *testing.T) {
	r := New(epoch)
	agency, own, languages, kinds, as, faults, copies := 0, 0, map[string]bool{}, map[string]bool{}, map[string]int{}, map[string]int{}, 0
	for _, s := range r.Truth() {
		if s.Agency == "" {
			own++
			continue
		}
		agency++
		if copies += len(s.Members); len(s.Members) < 2 {
			t.Errorf("%s has one member", s.Name)
		}
	}
	for _, o := range r.outlets {
		languages[o.Language], kinds[o.Feed] = true, true
		faults[o.Fault]++
		for _, it := range o.Items {
			as[it.As]++
		}
	}
	if agency < 15 || own < 15 || len(r.outlets) < 10 || len(languages) != 3 || len(kinds) != 4 {
		t.Errorf("%d agency stories, %d own, %d outlets, %d languages, %d kinds of feeds", agency, own, len(r.outlets), len(languages), len(kinds))
	}
	for _, k := range []string{"whole", "cut", "extended", "requoted", "roundup"} {
		if as[k] == 0 {
			t.Errorf("nothing is %s: %v", k, as)
		}
	}
	for _, k := range []string{faultCharset, faultCut, faultError, faultMoved, faultGone} {
		if faults[k] != 1 {
			t.Errorf("the fault %s occurs %d times", k, faults[k])
		}
	}
	t.Logf("%d outlets; %d agency stories in %d items; %d own stories; %v", len(r.outlets), agency, copies, own, as)
}

// TestTexts: every text is used, a story has 120 to 350 words (three characters of Japanese count as one), every replaced
// quotation stands in its story, and no two stories share a sentence but the one that two reports quote.
func TestTexts(t *testing.T) {
	r := New(epoch)
	used := map[string]bool{}
	for _, o := range r.outlets {
		for _, it := range o.Items {
			for _, name := range append([]string{it.Story, it.With, it.Corrected}, it.Of...) {
				used[name] = true
			}
			for before := range it.Swap {
				if n := strings.Count(joined(r.texts[it.Story]), before); n != 1 {
					t.Errorf("%s in %s: %q stands %d times in the story", it.Story, o.Name, before, n)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.texts)) {
		if !used[name] {
			t.Errorf("%s is used by nobody", name)
		}
		text := joined(r.texts[name])
		words := max(len(strings.Fields(text)), utf8.RuneCountInString(text)/6)
		if strings.Contains(text, "。") {
			words = utf8.RuneCountInString(text) / 3
		}
		if !strings.HasPrefix(name, "extra/") && name != "desk/roundup" && (words < 120 || words > 400) {
			t.Errorf("%s has %d words", name, words)
		}
	}
}

func joined(t text) string {
	var b strings.Builder
	for _, p := range t.body {
		b.WriteString(p.Text + "\n")
	}
	return b.String()
}

// TestDistinct: no two texts share eight words in a row, save the quotation in the two reports of the fire and the correction.
func TestDistinct(t *testing.T) {
	r := New(epoch)
	owner := map[string]string{}
	shared := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(r.texts)) {
		words := strings.Fields(joined(r.texts[name]))
		for i := 0; i+8 <= len(words); i++ {
			gram := strings.Join(words[i:i+8], " ")
			if other, ok := owner[gram]; ok && other != name {
				shared[other+" "+name]++
			}
			owner[gram] = name
		}
	}
	if n := shared["desk/fire-courier desk/fire-meridian"]; n < 5 || n > 20 {
		t.Errorf("the two reports of the fire share %d runs of eight words", n)
	}
	delete(shared, "desk/fire-courier desk/fire-meridian")
	delete(shared, "desk/library desk/library-corrected")
	if len(shared) > 0 {
		t.Errorf("texts share words: %v", shared)
	}
}

// TestTruthMistakes: a truth that cannot be read is refused with the line.
func TestTruthMistakes(t *testing.T) {
	for _, s := range []string{"  /a/b.html full\n", "story\n", "story AFP x\n", "story AFP\n  /a.html most\n", "story AFP\n  /a.html AFP:most\n"} {
		if _, err := parseTruth(s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
}
