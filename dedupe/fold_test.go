package dedupe

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/dedupe/rule"
	"copytaster/dedupe/shingle/sample"
)

// TestRules holds what two articles are to each other, by the rule that is shown for it.
func TestRules(t *testing.T) {
	story, other := sample.Prose(1, 300), sample.Prose(2, 300)
	words := strings.Fields(story)
	part := func(from, to int) string { return strings.Join(words[from:to], " ") }
	at := func(outlet, url, s string) Article {
		return Article{Outlet: outlet, URL: url, Title: "Ferry stays in port", Published: day, Set: Shingles(text(s))}
	}
	key := func(a Article, keys ...string) Article { a.Keys = keys; return a }
	for name, c := range map[string]struct {
		a, b Article
		want string
	}{
		"whole":                {at("A", "", story), at("B", "", story), rule.Copy.String()},
		"cut to a third":       {at("A", "", story), at("B", "", part(0, 100)), rule.Copy.String()},
		"extended":             {at("A", "", story), at("B", "", story+" "+other), rule.Copy.String()},
		"half and own ending":  {at("A", "", story), at("B", "", part(0, 160)+" "+sample.Prose(3, 90)), rule.Copy.String()},
		"unknown outlets":      {at("", "", story), at("", "", part(0, 150)+" "+sample.Prose(3, 90)), rule.Copy.String()},
		"another":              {at("A", "", story), at("B", "", other), ""},
		"a paragraph":          {at("A", "", story), at("B", "", part(100, 160)+" "+sample.Prose(4, 200)), ""},
		"quoted at length":     {at("A", "", story), at("B", "", sample.Prose(5, 40)+" "+part(50, 150)+" "+sample.Prose(6, 30)), rule.Mention.String()},
		"one outlet, version":  {at("A", "", story), at("A", "", part(0, 290)), rule.Version.String()},
		"one outlet, template": {at("A", "", story), at("A", "", part(0, 150)+" "+sample.Prose(7, 150)), ""},
		"too short":            {at("A", "", part(0, 20)), at("B", "", part(0, 20)), ""},
		"short, one path":      {at("A", "https://a.example/x/1", part(0, 20)), at("B", "https://b.example/x/1", part(0, 20)), rule.Short.String()},
		"one address":          {at("A", "https://a.example/1", story), at("A", "https://a.example/1", part(0, 150)+" "+sample.Prose(7, 150)), rule.Address + "https://a.example/1"},
		"live page":            {at("A", "https://a.example/1", story), at("A", "https://a.example/1", other), ""},
		"dpa":                  {key(at("A", "", story), "dpa:260516-99-53606/3"), key(at("B", "", other), "urn:newsml:dpa.com:20090101:260516-99-53606"), rule.Key + "dpa:260516-99-53606"},
		"other keys":           {key(at("A", "", story), "urn:publicid:ap.org:1"), key(at("B", "", other), "urn:publicid:ap.org:2"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewStories(Options{})
			c.a.ID, c.b.ID = "a", "b"
			s.Add(c.a, "")
			s.Add(c.b, "")
			s.Settle()
			got := ""
			a, b := s.named("a"), s.named("b")
			if e, ok := s.edge(a, b); ok {
				if got = e.rule.String(); e.firm() {
					got = s.rules.LinkOf(&c.a, &c.b, s.short(a, b), e.has.Match())
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q: %+v", got, c.want, Compare(c.a.Set, c.b.Set))
			}
		})
	}
}

func TestSpeechesAreNotCopies(t *testing.T) {
	speech := "“" + sample.Prose(1, 120) + "”"
	a, b := Shingles(text(sample.Prose(2, 100)+" "+speech)), Shingles(text(speech+" "+sample.Prose(3, 100)))
	if m := Compare(a, b); m.Most() >= rule.Copied || m.Shared >= rule.MinShared {
		t.Errorf("%+v, want no match", m)
	}
	bare := strings.Trim(speech, "“”")
	if m := Compare(Shingles(text(sample.Prose(2, 100)+" "+bare)), Shingles(text(bare+" "+sample.Prose(3, 100)))); m.Most() < rule.Copied {
		t.Errorf("without marks: %+v, want a match", m)
	}
	quoted := Shingles([]copytaster.Block{{Text: bare, Quote: true, Kept: true}, {Text: sample.Prose(2, 100), Kept: true}})
	if m := Compare(quoted, b); m.Most() >= rule.Copied {
		t.Errorf("a blockquote: %+v, want no match", m)
	}
}

func TestRoundupsJoinNothing(t *testing.T) {
	a, b, c := sample.Prose(1, 250), sample.Prose(2, 250), sample.Prose(3, 250)
	cut := func(s string, n int) string { return strings.Join(strings.Fields(s)[:n], " ") }
	got := settled(NewStories(Options{}), piece("a1", a, 0), piece("a2", cut(a, 200), 1), piece("b1", b, 2), piece("b2", cut(b, 220), 3), piece("c", c, 4),
		piece("digest", cut(a, 150)+" "+cut(b, 150)+" "+cut(c, 150), 5))
	want := [][]string{{"a1", "a2"}, {"b1", "b2"}, {"c"}, {"digest"}}
	if p := partition(got); !reflect.DeepEqual(p, want) {
		t.Errorf("got %v, want %v", p, want)
	}
}

func TestLateBridgeSplits(t *testing.T) {
	a, b := sample.Prose(1, 200), sample.Prose(2, 200)
	s := NewStories(Options{})
	settled(s, piece("page", a+" "+b, 1), piece("a1", a, 2), piece("a2", a, 3))
	s.Add(piece("b1", b, 4), "")
	got := s.Settle()
	var sizes []string
	for _, p := range got.Parts {
		sizes = append(sizes, fmt.Sprint(p.ID, p.Items))
	}
	minted := copytaster.ItemID("story", "page")
	if want := []string{minted + "[page]", "b1[b1]", "page[a1 a2]"}; !slices.Equal(sizes, want) {
		t.Errorf("got %v, want %v: the id stays with the larger part, the page takes one that nobody has", sizes, want)
	}
}

func TestCorrections(t *testing.T) {
	story, other := sample.Prose(1, 200), sample.Prose(2, 200)
	at := func(id, outlet, s string) Article {
		a := piece(id, s, 0)
		a.Outlet, a.URL = outlet, "https://example.org/"+id
		return a
	}
	all := []Article{at("a", "A", story), at("b", "B", story), at("c", "C", story), at("d", "D", other)}
	for name, c := range map[string]struct {
		o    Options
		want [][]string
	}{
		"none":  {Options{}, [][]string{{"a", "b", "c"}, {"d"}}},
		"join":  {Options{Join: [][2]string{{"https://example.org/a", "https://example.org/d"}}}, [][]string{{"a", "b", "c", "d"}}},
		"split": {Options{Split: []string{"https://example.org/b"}}, [][]string{{"a", "c"}, {"b"}, {"d"}}},
		"never": {Options{Never: [][2]string{{"B", "A"}, {"B", "C"}}}, [][]string{{"a", "c"}, {"b"}, {"d"}}},
	} {
		if got := partition(settled(NewStories(c.o), all...)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestWhatLeavesDoesNotSplit(t *testing.T) {
	core := sample.Prose(1, 200)
	s := NewStories(Options{})
	settled(s, piece("a", core, 0), piece("b", core+" "+sample.Prose(2, 250), 1), piece("c", core+" "+sample.Prose(3, 250), 2))
	s.Remove("a")
	if c := s.Settle(); len(c.Parts) > 0 {
		t.Errorf("after it left: %+v, want nothing", c)
	}
	s.Add(piece("d", core+" "+sample.Prose(4, 20), 3), "")
	got := s.Settle()
	if len(got.Parts) != 1 || got.Parts[0].ID != "a" || !slices.Equal(got.Parts[0].Items, []string{"b", "c", "d"}) {
		t.Errorf("got %+v, want b, c and d in a", got)
	}
}

func TestUpdatedItem(t *testing.T) {
	s := NewStories(Options{})
	settled(s, piece("a", sample.Prose(1, 200), 0), piece("b", sample.Prose(1, 200), 1), piece("c", sample.Prose(2, 200), 2))
	s.Add(piece("b", sample.Prose(2, 200), 1), "")
	var got []string
	for _, p := range s.Settle().Parts {
		got = append(got, fmt.Sprint(p.ID, p.Items))
	}
	if want := []string{"a[a]", "c[b c]"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestRestart holds that a window filled with stored articles goes on as the one that was never stopped.
func TestRestart(t *testing.T) {
	all := window()
	slices.SortFunc(all, func(a, b Article) int { return a.Published.Compare(b.Published) })
	for cut := range all {
		live, again := NewStories(Options{}), NewStories(Options{})
		story := settled(live, all[:cut]...)
		for _, a := range all[:cut] {
			again.Add(a, story[a.ID])
		}
		if c := again.Settle(); len(c.Parts)+len(c.Aliases) > 0 {
			t.Fatalf("cut %d: a start changed %+v", cut, c)
		}
		for _, a := range all[cut:] {
			live.Add(a, "")
			again.Add(a, "")
			if want, got := live.Settle(), again.Settle(); !reflect.DeepEqual(ids(got), ids(want)) {
				t.Fatalf("cut %d: after %s got %v, want %v", cut, a.ID, ids(got), ids(want))
			}
		}
	}
}

func ids(c Change) (list []string) {
	for _, p := range c.Parts {
		list = append(list, fmt.Sprint(p.ID, p.Items))
	}
	for _, a := range c.Aliases {
		list = append(list, fmt.Sprint(a))
	}
	return list
}

func TestRefoldFindsWhatStoredStoriesHide(t *testing.T) {
	s := NewStories(Options{})
	s.Add(piece("a", sample.Prose(1, 200), 0), "a")
	s.Add(piece("b", sample.Prose(1, 200), 1), "b")
	s.Refold()
	got := s.Settle()
	if want := []string{"a[a b]", "{b a}"}; !slices.Equal(ids(got), want) {
		t.Errorf("got %v, want %v", ids(got), want)
	}
	if f := got.Parts[0].Folds; len(f) != 1 || f[0].Item != "b" || f[0].With != "a" || f[0].Match.Resemblance != 1 || f[0].Rule != rule.Copy.String() {
		t.Errorf("folds %+v, want b with a as a copy", f)
	}
}

// TestHabits holds that what an outlet repeats on three days does not fold its articles, in whatever order they come.
func TestHabits(t *testing.T) {
	gallery := sample.Prose(1, 300)
	var all []Article
	for i := range 4 {
		a := piece(fmt.Sprint(i), sample.Prose(uint64(10+i), 40)+" "+gallery, 24*i)
		a.Outlet = "A"
		all = append(all, a)
	}
	if got := partition(settled(NewStories(Options{}), all[:2]...)); len(got) != 1 {
		t.Errorf("two articles are %v, want one story as nothing else is known", got)
	}
	r := rand.New(rand.NewPCG(4, 4))
	for range 20 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		s, got := NewStories(Options{}), map[string]string{}
		for _, a := range all {
			maps.Copy(got, settled(s, a))
		}
		if p := partition(got); len(p) != 4 {
			t.Fatalf("got %v, want four stories", p)
		}
	}
}

func TestTemplatesWeeksApart(t *testing.T) {
	s := sample.Prose(1, 200)
	var all []Article
	for i := range 8 {
		a := piece(fmt.Sprint(i), s, 0)
		a.Published = day.AddDate(0, 0, 7*i)
		all = append(all, a)
	}
	if got := partition(settled(NewStories(Options{}), all...)); len(got) != 8 {
		t.Errorf("got %v, want eight stories", got)
	}
	all[3].Published = time.Time{}
	if got := partition(settled(NewStories(Options{}), all...)); len(got) != 7 {
		t.Errorf("got %v, want the one without a time with another", got)
	}
}

func TestExplain(t *testing.T) {
	w := strings.Fields(sample.Prose(1, 120))
	a := []copytaster.Block{{Text: strings.Join(w[:60], " "), Kept: true}, {Text: "Subscribe now"}, {Text: strings.Join(w[60:], " "), Kept: true}}
	b := []copytaster.Block{{Text: "Own words open it here. " + strings.Join(w[:80], " ") + ". And own words end it.", Kept: true}}
	x := Explain(Options{}, Article{Outlet: "A"}, Article{Outlet: "B"}, a, b)
	if !x.Folds || x.Rule != rule.Copy.String() {
		t.Errorf("%v %q, want a copy", x.Folds, x.Rule)
	}
	join := func(ps []Passage) (s string) {
		for _, p := range ps {
			s += p.Text
		}
		return s
	}
	if got, want := join(x.A), a[0].Text+"\n"+a[2].Text; got != want {
		t.Errorf("the passages of a give %q, want %q", got, want)
	}
	if got := join(x.B); got != b[0].Text {
		t.Errorf("the passages of b give %q, want %q", got, b[0].Text)
	}
	if len(x.A) != 2 || len(x.B) != 3 || x.A[0].With != 1 || x.B[1].With != 0 || x.A[1].With != -1 || x.B[0].With != -1 {
		t.Errorf("got %+v and %+v, want the shared passage first in a and second in b", x.A, x.B)
	}
	quoted := Explain(Options{}, Article{}, Article{}, []copytaster.Block{{Text: "“We sail at noon today,” he said.", Kept: true}}, []copytaster.Block{{Text: "He said: “We sail at noon today.”", Kept: true}})
	if got := quoted.B[1].Text; !strings.HasPrefix(got, "“We sail") {
		t.Errorf("a shared passage begins with %q, want its quotation mark with it", got)
	}
	for rule, o := range map[string]Options{
		"one of them is split off by the configuration": {Split: []string{""}},
		"the configuration never folds these outlets":   {Never: [][2]string{{"B", "A"}}},
	} {
		if x := Explain(o, Article{Outlet: "A"}, Article{Outlet: "B"}, a, b); x.Folds || x.Rule != rule {
			t.Errorf("got %v %q, want %q", x.Folds, x.Rule, rule)
		}
	}
}
