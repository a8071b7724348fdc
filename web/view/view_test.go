package view

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"copytaster"
)

// noon is a time of the tests; on it hang those of the stories they make.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// story0 makes a story of items; each argument is an outlet, an agency whose copy it is (or nothing) and minutes after noon.
func story0(id string, items ...[3]any) copytaster.Story {
	s := copytaster.Story{ID: id, Published: noon}
	for _, v := range items {
		it := copytaster.Item{ID: id + v[0].(string), Outlet: v[0].(string), Title: "About " + id, Language: "en-GB", Published: noon.Add(time.Duration(v[2].(int)) * time.Minute)}
		if v[1] != "" {
			it.Credits = []copytaster.Credit{{Agency: v[1].(string), Role: copytaster.Full}}
		}
		s.Items = append(s.Items, it)
	}
	return s
}

func TestLasting(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "under a minute", 29 * time.Second: "under a minute", time.Minute: "1 min", 59*time.Minute + 29*time.Second: "59 min", 59*time.Minute + 31*time.Second: "1 h",
		time.Hour + 5*time.Minute: "1 h 5 min", 23*time.Hour + 59*time.Minute: "23 h 59 min", 24 * time.Hour: "1 day", 47 * time.Hour: "1 day", 48 * time.Hour: "2 days", 30 * 24 * time.Hour: "30 days",
	} {
		if got := lasting(d); got != want {
			t.Errorf("lasting(%v): got %q, want %q", d, got, want)
		}
	}
}

// TestBars holds the picture of a story's spread to its frame, whatever the times.
func TestBars(t *testing.T) {
	for _, minutes := range [][]int{{0, 0}, {0, 1}, {0, 1, 2, 3, 500}, {0, 1 << 30}, {5, 4, 3, 2, 1}} {
		var items []copytaster.Item
		for _, m := range minutes {
			items = append(items, copytaster.Item{Published: noon.Add(time.Duration(m) * time.Minute)})
		}
		first, last := span(items)
		list := bars(items, first, last)
		if len(list) == 0 || len(list) > len(items) {
			t.Errorf("%v: got %d bars", minutes, len(list))
		}
		for _, b := range list {
			if b.X < 0 || b.X > 116 || b.Y < 0 || b.H < 1 || b.Y+b.H != 16 {
				t.Errorf("%v: bar %+v leaves the frame of 120 by 16", minutes, b)
			}
		}
	}
}

func TestSpan(t *testing.T) {
	s := story0("s", [3]any{"A", "", 30}, [3]any{"B", "", -10}, [3]any{"C", "", 90})
	if first, last := span(s.Items); !first.Equal(noon.Add(-10*time.Minute)) || !last.Equal(noon.Add(90*time.Minute)) {
		t.Errorf("got %v to %v", first, last)
	}
}

func FuzzShorten(f *testing.F) {
	f.Add("one two three", 7)
	f.Add("ééééééé", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if !utf8.ValidString(s) || n < 1 || n > 1000 {
			return
		}
		got := shorten(s, n)
		if !utf8.ValidString(got) || len(got) > max(n, 0)+len("…") || len(s) <= n && got != s || !strings.HasPrefix(s, strings.TrimSuffix(got, "…")) && got != s {
			t.Errorf("shorten(%q, %d): got %q", s, n, got)
		}
	})
}

// FuzzForm shows that a page's address leads to the same page: what is asked for survives the way through a link.
func FuzzForm(f *testing.F) {
	f.Add("coast", "The Gull & Co", "AFP", "pt-BR", "two words", true, 3)
	f.Add("", "", "", "", "%&=?#+ ü\"<", false, 1)
	f.Fuzz(func(t *testing.T, tag, outlet, agency, language, words string, largest bool, page int) {
		clip := func(s string) string {
			s = strings.TrimSpace(s)
			return s[:min(len(s), 200)]
		}
		want := Form{Tag: clip(tag), Outlet: clip(outlet), Agency: clip(agency), Language: clip(language), Words: clip(words), Page: min(max(page, 1), 10_000)}
		if largest {
			want.Sort, want.Days = "largest", periods()[page&3]
		}
		for _, v := range []string{want.Tag, want.Outlet, want.Agency, want.Language, want.Words} {
			if clip(v) != v {
				return // cut within its white space
			}
		}
		if got := asked(want.Address(want.Page)); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		view := asked(want.Feed("atom"))
		view.Page, view.Sort = want.Page, want.Sort
		if view != want {
			t.Errorf("the feed of %+v is that of %+v", want, view)
		}
	})
}

// asked is the form in an address.
func asked(address string) Form {
	u, err := url.Parse(address)
	if err != nil {
		return Form{}
	}
	return ParseForm(u.Query())
}

func TestChoices(t *testing.T) {
	list := []copytaster.Story{story0("a", [3]any{"gull", "dpa", 0}, [3]any{"Harbour", "AFP", 1}), story0("b", [3]any{"gull", "", 0})}
	list[0].Items[0].Tags = []string{"coast", "wind"}
	list[1].Items[0].Language = "de"
	got := NewChoices(list, []Feed{{Tags: []string{"coast", "arts"}}})
	want := Choices{Tags: []string{"arts", "coast", "wind"}, Outlets: []string{"gull", "Harbour"}, Agencies: []string{"AFP", "dpa"}, Languages: []string{"de", "en"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestDays shows that the days on the front page are those of the reader's place.
func TestDays(t *testing.T) {
	late := story0("late", [3]any{"A", "", 0})
	late.Published = time.Date(2026, 3, 4, 23, 30, 0, 0, time.UTC)
	list := []copytaster.Story{late, story0("noon", [3]any{"A", "", 0})}
	for offset, want := range map[int]int{0: 1, 3600: 2} {
		p := NewFront(Form{Page: 1}, Choices{}, list, time.FixedZone("", offset))
		if len(p.Days) != want {
			t.Errorf("%d s east of Greenwich: got %d days, want %d", offset, len(p.Days), want)
		}
	}
	if p := NewFront(Form{Page: 1, Sort: "largest"}, Choices{}, list, time.UTC); len(p.Days) != 1 || !p.Days[0].Date.IsZero() {
		t.Errorf("by size: got days %+v, want one without a date", p.Days)
	}
}

func TestPager(t *testing.T) {
	list := slices.Repeat([]copytaster.Story{story0("s", [3]any{"A", "", 0})}, PerPage+1)
	for _, c := range []struct {
		page, stories int
		prev, next    string
	}{
		{1, PerPage, "", ""},
		{1, PerPage + 1, "", "/?agency=AFP&page=2"},
		{2, PerPage + 1, "/?agency=AFP", "/?agency=AFP&page=3"},
		{3, 1, "/?agency=AFP&page=2", ""},
	} {
		p := NewFront(Form{Agency: "AFP", Page: c.page}, Choices{}, list[:c.stories], time.UTC)
		shown := 0
		for _, d := range p.Days {
			shown += len(d.Stories)
		}
		if p.Prev != c.prev || p.Next != c.next || shown != min(c.stories, PerPage) {
			t.Errorf("page %d of %d: got %q, %q, %d shown", c.page, c.stories, p.Prev, p.Next, shown)
		}
	}
}

func TestRow(t *testing.T) {
	s := story0("s", [3]any{"A", "AFP", 0}, [3]any{"B", "AFP", 5}, [3]any{"A", "", 7}, [3]any{"C", "dpa", 65}, [3]any{"D", "", 9}, [3]any{"E", "", 9}, [3]any{"F", "", 9}, [3]any{"G", "", 9})
	r := NewRow(s)
	if r.Count != 7 || len(r.Outlets) != namedOutlets || r.More != 1 || r.Over != "1 h 5 min" || !slices.Equal(r.Agencies, []string{"AFP", "dpa"}) || r.Title != "About s" {
		t.Errorf("got %+v", r)
	}
	s.Published = time.Time{}
	if got := NewRow(s).Published; !got.Equal(noon) {
		t.Errorf("a story without a time: got %v, want that of its first item", got)
	}
	if r := NewRow(copytaster.Story{ID: "none"}); r.ID != "none" || r.Count != 0 {
		t.Errorf("a story without items: got %+v", r)
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Harbour Post": "HP", "The Lantern": "TL", "The Hilltop Mercury": "HM", "みさき新聞": "み", "abendkurier": "A", "": "·", "24 heures": "2H", "…": "·", "news.example.org": "NE"} {
		if got := Initials(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestHeadline(t *testing.T) {
	text := []copytaster.Block{{Text: "Stripped"}, {Text: " "}, {Text: "The first sentence.", Kept: true}}
	for want, it := range map[string]copytaster.Item{
		"A title":             {Title: " A title ", Blocks: text},
		"The first sentence.": {Blocks: text},
		"Without a headline":  {Title: " "},
	} {
		if got := headline(it); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOutletsPage(t *testing.T) {
	list := []copytaster.Story{
		story0("a", [3]any{"A", "AFP", 0}, [3]any{"B", "AFP", 10}, [3]any{"C", "", 30}),
		story0("b", [3]any{"B", "dpa", 0}, [3]any{"A", "", 20}),
		story0("c", [3]any{"B", "", 0}),
	}
	p := NewOutlets(list, []Feed{{Outlet: "B", OK: true}, {Outlet: "B"}, {Outlet: "Z", Disabled: true}, {}})
	want := []OutletRow{
		{Name: "B", Items: 3, Wire: 67, First: 1, Shared: 2, Delay: "10 min", Minutes: 10, Agencies: []Tally{{"AFP", 1}, {"dpa", 1}}, Feeds: 2, Ailing: 1},
		{Name: "A", Items: 2, Wire: 50, First: 1, Shared: 2, Delay: "20 min", Minutes: 20, Agencies: []Tally{{"AFP", 1}}},
		{Name: "C", Items: 1, Shared: 1, Delay: "30 min", Minutes: 30},
		{Name: "Z", Feeds: 1},
	}
	if len(p.Outlets) != len(want) || p.Stories != 3 {
		t.Fatalf("got %+v", p)
	}
	for i, got := range p.Outlets {
		got.delays, got.wire = nil, 0
		if !reflect.DeepEqual(got, want[i]) {
			t.Errorf("got %+v, want %+v", got, want[i])
		}
	}
}

func TestMatrix(t *testing.T) {
	m := newMatrix([]AgencyRow{{Name: "dpa", Outlets: []Tally{{"B", 12}, {"A", 1}}}, {Name: "AFP", Outlets: []Tally{{"A", 10}}}})
	want := Matrix{Agencies: []string{"dpa", "AFP"}, Rows: []MatrixRow{{"B", []Cell{{12, 5, "B", "dpa"}, {0, 0, "B", "AFP"}}}, {"A", []Cell{{1, 1, "A", "dpa"}, {10, 5, "A", "AFP"}}}}}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got %+v, want %+v", m, want)
	}
	var wide []AgencyRow
	for i := range 100 {
		row := AgencyRow{Name: string(rune('A' + i))}
		for j := range 100 {
			row.Outlets = append(row.Outlets, Tally{string(rune('a' + j)), j + 1})
		}
		wide = append(wide, row)
	}
	if m := newMatrix(wide); len(m.Agencies) != matrixAgencies || len(m.Rows) != matrixOutlets || m.Rows[0].Outlet != string(rune('a'+99)) {
		t.Errorf("got %d agencies and %d outlets, the first %q", len(m.Agencies), len(m.Rows), m.Rows[0].Outlet)
	}
}

func TestAgencies(t *testing.T) {
	p := NewAgencies([]copytaster.Story{
		story0("a", [3]any{"A", "AFP", 0}, [3]any{"B", "AFP", 10}, [3]any{"C", "", 30}),
		story0("b", [3]any{"B", "dpa", 0}), story0("c", [3]any{"B", "AFP", 0}),
	})
	want := []AgencyRow{
		{Name: "AFP", Stories: 2, Items: 3, Alone: 1, Spread: "30 min", Minutes: 30, Outlets: []Tally{{"B", 2}, {"A", 1}}},
		{Name: "dpa", Stories: 1, Items: 1, Alone: 1, Outlets: []Tally{{"B", 1}}},
	}
	for i := range p.Agencies {
		p.Agencies[i].spread = nil
	}
	if !reflect.DeepEqual(p.Agencies, want) || p.Stories != 3 {
		t.Errorf("got %+v, want %+v", p.Agencies, want)
	}
}

func TestOutlet(t *testing.T) {
	list := []copytaster.Story{
		story0("a", [3]any{"A", "AFP", 0}, [3]any{"B", "AFP", 10}, [3]any{"C", "", 30}), story0("b", [3]any{"B", "dpa", 0}, [3]any{"A", "", 20}), story0("c", [3]any{"B", "", 0}),
	}
	p, found := NewOutlet("B", list, []Feed{{Outlet: "B"}, {Outlet: "A"}}, []string{"Sign up", strings.Repeat("long ", 100)})
	if !found || p.Items != 3 || p.Wire != 67 || p.First != 1 || p.Shared != 2 || p.Delay != "10 min" || p.Minutes != 10 || p.Quick != "10 min" || p.Feeds != 1 || p.Ailing != 1 || len(p.Latest) != 3 || len(p.Subs) != 1 {
		t.Errorf("got %+v", p)
	}
	if want := []Part{{"AFP", 1, 33, false}, {"dpa", 1, 33, false}, {"Its own", 1, 33, true}}; !reflect.DeepEqual(p.Shares, want) {
		t.Errorf("got parts %+v, want %+v", p.Shares, want)
	}
	if want := []Tally{{"A", 2}, {"C", 1}}; !reflect.DeepEqual(p.With, want) {
		t.Errorf("shares with %+v, want %+v", p.With, want)
	}
	if len(p.Learned) != 2 || len(p.Learned[1]) > 310 || p.Unlisted != 0 {
		t.Errorf("got learned %q", p.Learned)
	}
	if _, found := NewOutlet("D", list, nil, nil); found {
		t.Error("found an outlet that is none")
	}
	if p, found := NewOutlet("E", list, []Feed{{Outlet: "E", OK: true}}, make([]string, 60)); !found || p.Items != 0 || p.Ailing != 0 || p.Unlisted != 10 {
		t.Errorf("an outlet of nothing yet: got %+v, %v", p, found)
	}
}

func TestGrown(t *testing.T) {
	day := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	item := func(days int) copytaster.Item {
		return copytaster.Item{Seen: day.AddDate(0, 0, -days).Add(23 * time.Hour)}
	}
	got := grown([]copytaster.Story{{Items: []copytaster.Item{item(0), item(2)}}, {Items: []copytaster.Item{item(2)}}, {Items: []copytaster.Item{item(40)}}})
	if len(got) != grownDays || !got[13].Date.Equal(day) || got[13] != (DayCount{day, 1, 0, 50}) || got[11] != (DayCount{day.AddDate(0, 0, -2), 2, 2, 100}) || got[0].Items != 0 {
		t.Errorf("got %+v", got)
	}
	if got := grown(nil); len(got) != 0 {
		t.Errorf("nothing: got %+v", got)
	}
}

func TestStatusPage(t *testing.T) {
	p := NewStatus([]Feed{{Outlet: "b", OK: true, Items: 2}, {Outlet: "off", Disabled: true}, {Outlet: "A", OK: true, Items: 3}, {Outlet: "bad"}}, nil, nil)
	var order []string
	for _, f := range p.Feeds {
		order = append(order, f.Outlet)
	}
	if !slices.Equal(order, []string{"bad", "A", "b", "off"}) || p.Well != 2 || p.Ailing != 1 || p.Off != 1 || p.Items != 5 {
		t.Errorf("got %v, %+v", order, p)
	}
}

func TestVersion(t *testing.T) {
	it := copytaster.Item{ID: "i", Outlet: "A", URL: "javascript:alert(1)", Published: noon.Add(90 * time.Second), Credits: []copytaster.Credit{{Agency: "dpa", Role: copytaster.Partial}, {Agency: "ANSA", Role: copytaster.Photo}, {Agency: "TASS", Role: copytaster.Cited}, {Agency: "X", Role: "new"}},
		Blocks: []copytaster.Block{{Text: "1", Why: "head"}, {Text: "2", Why: "head"}, {Text: "3", Kept: true}, {Text: "4", Why: "learned"}, {Text: "5", Why: "tail"}, {Text: "6"}, {Text: "7", Why: "newsletter"}, {Text: "8", Why: "newly found"}}}
	v := newVersion(it, noon)
	want := []Stripped{{"head", []string{"1", "2"}}, {"learned", []string{"4"}}, {"tail", []string{"5"}}, {"", []string{"6"}}, {"newsletter", []string{"7"}}, {"newly found", []string{"8"}}}
	if !reflect.DeepEqual(v.Stripped, want) || len(v.Text) != 1 {
		t.Errorf("got %+v and text %+v", v.Stripped, v.Text)
	}
	if v.URL != "" || v.Delay != "2 min" {
		t.Errorf("got address %q, delay %q", v.URL, v.Delay)
	}
	words := []string{"is worked into the text", "took the picture", "is cited", "new"}
	for i, c := range v.Credits {
		if c.Words != words[i] {
			t.Errorf("%s: got %q, want %q", c.Agency, c.Words, words[i])
		}
	}
}

func TestStoryPage(t *testing.T) {
	s := story0("s", [3]any{"A", "AFP", 0}, [3]any{"B", "", 10}, [3]any{"C", "", 20})
	s.Shares = []copytaster.Share{{Kept: 1}, {Kept: .666, Added: .2}}
	s.Items[0].HTML = `<p>Safe <script>alert(1)</script><img src="https://x.example/"></p>`
	p := NewStory(s, Asked{Beside: []string{"sB"}})
	if got := []Version{p.Versions[1], p.Versions[2]}; !got[0].Measured || got[0].Kept != 67 || got[0].Cut != 33 || got[0].Added != 20 || got[1].Measured {
		t.Errorf("got versions %+v", got)
	}
	if p.HTML != "<p>Safe </p>\n" || p.Beside == nil || p.Beside.B.Outlet != "B" || p.Outlets != 3 || p.Over != "20 min" {
		t.Errorf("got %+v", p)
	}
	for _, id := range []string{"", "sA", "none"} {
		if p := NewStory(s, Asked{Beside: []string{id}}); p.Beside != nil {
			t.Errorf("beside %q: got %+v, want nothing", id, p.Beside)
		}
	}
}

func TestOffered(t *testing.T) {
	var list []string
	for i := range 1_000 {
		for range i%7 + 1 {
			list = append(list, fmt.Sprintf("name %03d", i))
		}
	}
	got := offered(append(list, "", strings.Repeat("x", 1_000)))
	if len(got) != maxOffered || !slices.IsSorted(got) || slices.Contains(got, "name 000") || !slices.Contains(got, "name 006") {
		t.Errorf("got %d names: %q", len(got), got)
	}
	if got := offered([]string{"b", "A", "a", "B", "a"}); !slices.Equal(got, []string{"A", "a", "B", "b"}) {
		t.Errorf("got %q", got)
	}
}

func TestTerms(t *testing.T) {
	for typed, want := range map[string][]string{
		"storm tide": {"storm", "tide"}, `"storm tide" north`: {"storm tide", "north"}, "“a b” c «d»": {"a b", "c", "d"}, `a "b c`: {"a", "b c"}, `" " x`: {"x"}, "": nil, `"`: nil,
	} {
		if got := terms(typed); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", typed, got, want)
		}
	}
}

func TestWithin(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		f    Form
		want time.Duration
	}{{Form{}, 0}, {Form{Sort: "largest"}, 3 * day}, {Form{Sort: "largest", Days: "all"}, 0}, {Form{Days: "1"}, day}, {Form{Days: "7", Sort: "largest"}, 7 * day}} {
		if got := c.f.Query().Within; got != c.want {
			t.Errorf("%+v: got %v, want %v", c.f, got, c.want)
		}
	}
}
