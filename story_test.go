package copytaster

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// member is an item of the outlet with so many kept bytes, published so many hours after noon.
func member(id, outlet string, bytes, hours int, credits ...Credit) Item {
	return Item{ID: id, Outlet: outlet, Seen: noon, Published: noon.Add(time.Duration(hours) * time.Hour), Credits: credits,
		Blocks: []Block{{Text: strings.Repeat("x", bytes), Kept: true}, {Text: strings.Repeat("plea ", 500)}}}
}

func TestLead(t *testing.T) {
	full := Credit{Agency: "AFP", Role: Full}
	for _, c := range []struct {
		name     string
		priority []string
		items    []Item
		want     string
	}{
		{"earliest of equals", nil, []Item{member("b", "B", 100, 2), member("a", "A", 100, 1)}, "a"},
		{"most complete beats earliest", nil, []Item{member("a", "A", 100, 1), member("b", "B", 200, 2)}, "b"},
		{"a tenth less counts as complete", nil, []Item{member("a", "A", 95, 1), member("b", "B", 100, 2)}, "a"},
		{"the agency's own beats the most complete", nil, []Item{member("a", "A", 300, 1, full), member("b", "AFP", 100, 2, full)}, "b"},
		{"a whole copy credited to the agency beats a longer one", nil, []Item{member("a", "A", 300, 1), member("b", "B", 200, 2, full)}, "b"},
		{"but not one cut by more than half", nil, []Item{member("a", "A", 300, 1), member("b", "B", 100, 2, full)}, "a"},
		{"a listed outlet beats all", []string{"C", "B"}, []Item{member("a", "AFP", 300, 1, full), member("b", "B", 10, 9)}, "b"},
		{"a listed agency leads by its full copies", []string{"afp"}, []Item{member("a", "A", 300, 1), member("b", "B", 100, 2, full)}, "b"},
		{"cited agencies never lead", []string{"AFP"}, []Item{member("a", "A", 100, 1, Credit{Agency: "AFP", Role: Cited}), member("b", "B", 300, 2)}, "b"},
		{"id decides at last", nil, []Item{member("b", "B", 100, 1), member("a", "A", 100, 1)}, "a"},
	} {
		s := Story{Items: c.items}
		if got := s.Items[s.Lead(c.priority)].ID; got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	if got := (Story{}).Lead(nil); got != -1 {
		t.Errorf("no items: got %d, want -1", got)
	}
}

func TestArrangeDoesNotDependOnOrder(t *testing.T) {
	var items []Item
	for i := range 6 {
		items = append(items, member(fmt.Sprint(i), fmt.Sprint("Outlet ", i%4), 100+i%3*50, i%2))
	}
	want := Story{Items: slices.Clone(items)}
	want.Arrange(nil)
	for range 50 {
		got := Story{Items: slices.Clone(items), Shares: make([]Share, 6)}
		rand.Shuffle(len(items), func(i, j int) { got.Items[i], got.Items[j] = got.Items[j], got.Items[i] })
		got.Arrange(nil)
		for i := range items {
			if got.Items[i].ID != want.Items[i].ID || got.Shares != nil {
				t.Fatalf("item %d: got %s, want %s whatever the order", i, got.Items[i].ID, want.Items[i].ID)
			}
		}
	}
}

func TestOutletsAndAgencies(t *testing.T) {
	s := Story{Items: []Item{
		member("a", "A", 1, 0, Credit{Agency: "dpa", Role: Full}, Credit{Agency: "TASS", Role: Photo}),
		member("b", "B", 1, 0, Credit{Agency: "AFP", Role: Partial}, Credit{Agency: "dpa", Role: Full}),
		member("c", "A", 1, 0, Credit{Agency: "Reuters", Role: Cited})}}
	if got, want := s.Outlets(), []string{"A", "B"}; !slices.Equal(got, want) {
		t.Errorf("outlets: got %v, want %v", got, want)
	}
	if got, want := s.Agencies(), []string{"dpa", "AFP"}; !slices.Equal(got, want) {
		t.Errorf("agencies: got %v, want %v", got, want)
	}
}

func TestFilter(t *testing.T) {
	it := member("a", "Harbour Post", 1, 0, Credit{Agency: "AFP", Role: Partial}, Credit{Agency: "AP", Role: Photo})
	it.Title, it.Language, it.Tags = "Ferry strike ends", "de-AT", []string{"Sea"}
	it.Blocks = []Block{{Text: "The crew's union agreed; 東京で合意した。", Kept: true}, {Text: "newsletter"}}
	s := Story{Items: []Item{it}}
	for _, c := range []struct {
		f           Filter
		match, hits bool
	}{
		{Filter{}, true, false},
		{Filter{Tags: []string{"sea"}}, true, true},
		{Filter{Tags: []string{"land"}}, false, false},
		{Filter{Outlets: []string{"harbour post"}, Agencies: []string{"afp"}}, true, true},
		{Filter{Outlets: []string{"harbour post"}, Agencies: []string{"dpa"}}, false, true},
		{Filter{Agencies: []string{"AP"}}, false, false}, // a photo is no copy
		{Filter{Languages: []string{"de"}}, true, true},
		{Filter{Languages: []string{"d"}}, false, false},
		{Filter{Words: []string{"strike ends"}}, true, true},
		{Filter{Words: []string{"erry"}}, false, false},
		{Filter{Words: []string{"newsletter"}}, false, false}, // stripped
		{Filter{Words: []string{"合意"}}, true, true},           // no spaces to stand between
		{Filter{Words: []string{" "}}, false, false},
	} {
		if got := c.f.Match(s); got != c.match {
			t.Errorf("%+v: match: got %v, want %v", c.f, got, c.match)
		}
		if got := c.f.Hits(s); got != c.hits {
			t.Errorf("%+v: hits: got %v, want %v", c.f, got, c.hits)
		}
		if got, want := c.f.Empty(), !c.hits && c.match; got != want {
			t.Errorf("%+v: empty: got %v, want %v", c.f, got, want)
		}
	}
}

func TestParagraphs(t *testing.T) {
	got := Paragraphs("  one\r\n\n \t\ntwo words \n北")
	want := []Block{{Text: "one", Kept: true}, {Text: "two words", Kept: true}, {Text: "北", Kept: true}}
	if !slices.Equal(got, want) || Paragraphs(" \n") != nil {
		t.Errorf("got %v, want %v, and nothing of nothing", got, want)
	}
}

func TestItemID(t *testing.T) {
	seen := map[string]bool{}
	for _, in := range [][2]string{{"a", "b"}, {"ab", ""}, {"", "ab"}, {"a", "c"}} {
		id := ItemID(in[0], in[1])
		if len(id) != 16 || seen[id] || id != ItemID(in[0], in[1]) {
			t.Errorf("%q: got %q, want 16 digits, the same each time, unlike the others", in, id)
		}
		seen[id] = true
	}
}

func TestTimeFallsBackToSeen(t *testing.T) {
	it := member("a", "A", 1, 3)
	if !it.Time().Equal(it.Published) {
		t.Errorf("got %v, want the published time", it.Time())
	}
	it.Published = time.Time{}
	if !it.Time().Equal(it.Seen) {
		t.Errorf("got %v, want when it was seen", it.Time())
	}
}
