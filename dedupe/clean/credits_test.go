package clean

import (
	"os"
	"slices"
	"strings"
	"testing"

	"copytaster"
)

// story is prose for lines to stand in; its paragraphs name no agency.
var story = []string{
	"The lake rose by a metre on Tuesday, the second time in a month that the harbour had to be closed to ships of every kind.",
	"Engineers told the council that the northern pier had moved by four centimetres since the last inspection in March.",
	"Repairs will begin in the spring and are expected to cost about nine million francs, according to the budget office.",
	"A second hearing is planned for October, when the contracts will be put before the finance committee for approval.",
}

// lines reads the lines of a file of testdata that are no remarks.
func lines(t *testing.T, name string) (list []string) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	remark := true
	for s := range strings.Lines(string(data)) {
		s = strings.TrimRight(s, "\n")
		remark = remark && (strings.HasPrefix(s, "#") || !strings.Contains(s, "\t") && strings.HasSuffix(name, ".tsv"))
		if !remark && s != "" {
			list = append(list, s)
		}
	}
	return list
}

// placed puts a line where the position says into the story.
func placed(position, text string) (list []string, m Meta) {
	switch position {
	case "byline":
		return append([]string{text}, story...), m
	case "dateline":
		return append([]string{text + " " + story[0]}, story[1:]...), m
	case "footer":
		return append(slices.Clone(story), text), m
	case "inside":
		return slices.Insert(slices.Clone(story), 2, text), m
	}
	return story, Meta{Authors: []string{text}}
}

// shown writes credits as agency:role, sorted.
func shown(list []copytaster.Credit) string {
	var s []string
	for _, c := range list {
		s = append(s, c.Agency+":"+string(c.Role))
	}
	slices.Sort(s)
	if len(s) == 0 {
		return "-"
	}
	return strings.Join(s, " ")
}

// creditsOf reads the credits of paragraphs as an item's are read.
func creditsOf(text []string, m Meta) []copytaster.Credit {
	return Default().Read(blocks(text...), Rules{}, m).Credits
}

func TestCredits(t *testing.T) {
	for _, row := range lines(t, "credits.tsv") {
		f := strings.Split(row, "\t")
		text, m := placed(f[0], f[2])
		if got := shown(creditsOf(text, m)); got != f[1] {
			t.Errorf("%s %q: got %s, want %s", f[0], f[2], got, f[1])
		}
	}
}

// TestCreditLinesAreCut: a line that is a credit and nothing else does not stay in the story's text.
func TestCreditLinesAreCut(t *testing.T) {
	for _, row := range lines(t, "credits.tsv") {
		f := strings.Split(row, "\t")
		if f[1] == "-" || f[0] != "footer" {
			continue
		}
		text, _ := placed(f[0], f[2])
		if out := Default().Strip(blocks(text...), Rules{}); out[len(out)-1].Kept {
			t.Errorf("%q was kept", f[2])
		}
	}
}

func TestBodyDropsDateline(t *testing.T) {
	for _, row := range lines(t, "credits.tsv") {
		f := strings.Split(row, "\t")
		if f[0] != "dateline" || f[1] == "-" {
			continue
		}
		got := Body(blocks(f[2]+" "+story[0], story[1]))
		if len(got) != 2 || got[0].Text != story[0] {
			t.Errorf("Body of %q begins with %q", f[2], got[0].Text)
		}
	}
	if got := Body(blocks("GENEVA (AP) —", story[0])); len(got) != 1 || got[0].Text != story[0] {
		t.Errorf("a dateline of its own was kept: %+v", got)
	}
}

// TestCueExamples: every cue stands in its example, and one of a credit makes the example a credit line.
func TestCueExamples(t *testing.T) {
	for row := range rows(cueTable, 4) {
		low := strings.ToLower(row[3])
		for part := range strings.SplitSeq(row[2], "_") {
			if !strings.Contains(low, part) {
				t.Errorf("%s %q does not stand in %q", row[0], row[2], row[3])
			}
		}
		r, ok := (&line{text: row[3]}).asCredit()
		if row[0] == "contributed" && (!ok || r.role != copytaster.Partial) || row[0] == "picture" && (!ok || r.role != copytaster.Photo) {
			t.Errorf("%s: %q was read as %+v", row[0], row[3], r)
		}
	}
}

func TestCreditsFromMeta(t *testing.T) {
	for name, c := range map[string]struct {
		m    Meta
		want string
	}{
		"publisher":         {Meta{Publisher: "Associated Press"}, "AP:full"},
		"other publisher":   {Meta{Publisher: "Lake Herald"}, "-"},
		"text id":           {Meta{Keys: []string{"urn:newsml:dpa.com:20090101:250307-99-000001"}}, "dpa:partial"},
		"id and author":     {Meta{Keys: []string{"dpa:250307-99-000001/2"}, Authors: []string{"dpa"}}, "dpa:full"},
		"several authors":   {Meta{Authors: []string{"Ann Miller", "Associated Press"}}, "AP:partial"},
		"agency and writer": {Meta{Authors: []string{"Ann Miller, AP"}}, "AP:full"},
		"nothing":           {Meta{}, "-"},
	} {
		if got := shown(creditsOf(story, c.m)); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	got := Credits(nil, Meta{Keys: []string{"dpa:250307-99-000001/2"}, Authors: []string{"dpa"}})
	if len(got) != 1 || got[0].StoryID != "dpa:250307-99-000001/2" {
		t.Errorf("the story's id was lost: %+v", got)
	}
}

// TestStrongestCredit: an agency has one credit for the text, the strongest, and one for pictures.
func TestStrongestCredit(t *testing.T) {
	text := []string{"By AFP", story[0], "The mayor told AFP that the harbour would stay open, and told Reuters the same an hour later.",
		"Ann Miller/AFP/Getty Images", story[1], story[2], "AFP contributed reporting."}
	got := creditsOf(text, Meta{})
	if want := "AFP:full AFP:photo Reuters:cited"; shown(got) != want {
		t.Errorf("got %s, want %s", shown(got), want)
	}
	for _, c := range got {
		if c.Evidence == "" || c.Where == "" {
			t.Errorf("no evidence: %+v", c)
		}
	}
}

func TestCaptionsAreForPicturesOnly(t *testing.T) {
	b := append([]copytaster.Block{{Text: "The lake. AFP contributed reporting.", Why: Caption}}, blocks(story...)...)
	if got := shown(Credits(b, Meta{})); got != "AFP:photo" {
		t.Errorf("got %s, want AFP:photo", got)
	}
}

func TestPlaceAndNotes(t *testing.T) {
	for line, want := range map[string]string{
		"GENEVA (AP) — The lake rose.":                     "GENEVA",
		"BEIRUT, March 7 (Reuters) - The lake rose.":       "BEIRUT",
		"PORT OF SPAIN, Trinidad (AP) — The lake rose.":    "PORT OF SPAIN",
		"(ANSA) - ROMA, 22 MAR - Il lago cresce.":          "ROMA",
		"МОСКВА, 25 ноября. /ТАСС/. Озеро поднялось.":      "МОСКВА",
		"新华社北京4月24日电 湖水上涨。":                                "北京",
		"Genf (dpa) - Der See steigt.":                     "Genf",
		"AFP - Le lac monte.":                              "",
		"The mayor told Reuters (AP) that the lake rises.": "",
	} {
		r := Default().Read(blocks(append([]string{line + " " + story[0], "Correction: An earlier version named another lake.", "Updated March 7, 2025 5:10 p.m."}, story[1:]...)...), Rules{}, Meta{})
		if r.Place != want {
			t.Errorf("%q was filed in %q, want %q", line, r.Place, want)
		}
		if len(r.Notes) != 2 || !strings.HasPrefix(r.Notes[0], "Correction") {
			t.Errorf("%q: notes %q, want the correction and the stamp", line, r.Notes)
		}
	}
}

func FuzzCredits(f *testing.F) {
	f.Add("GENEVA (AP) — The lake\nPhoto: Ann Miller/AFP\n© dpa")
	f.Add("新华社日内瓦3月7日电\n(／")
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range creditsOf(strings.Split(text, "\n"), Meta{Authors: []string{text}, Publisher: text}) {
			if !slices.Contains(Agencies(), c.Agency) || rank(c.Role) < 0 || len(c.Evidence) > 200 {
				t.Errorf("credit %+v of %q", c, text)
			}
		}
	})
}
