package where

import (
	"strings"
	"testing"
	"time"

	"copytaster"
)

func sample() copytaster.Story {
	at := time.Date(2026, 3, 4, 6, 0, 0, 0, time.UTC)
	item := func(outlet, title string, hours int, agency string) copytaster.Item {
		return copytaster.Item{Outlet: outlet, Title: title, Published: at.Add(time.Duration(hours) * time.Hour), Language: "de-AT", Tags: []string{"sea"}, Credits: []copytaster.Credit{{Agency: agency, Role: copytaster.Full}}}
	}
	return copytaster.Story{Published: at, Items: []copytaster.Item{item("Post", "Fähren stehen still", 2, "AFP"), item("Kurier", "Keine Fähren", 0, "dpa"), item("Blatt", "Fähren", 5, "AFP")}}
}

func TestHolds(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, " ": true, `len(outlets) >= 3 and "AFP" in agencies`: true, `len(outlets) > 3`: false, `"Reuters" in agencies`: false, `title contains "Fähren"`: true,
		`outlet == "Kurier"`: false, `any(titles, # startsWith "Keine")`: true, `hours > 4 && items == 3`: true, `"de-at" in languages`: true, `not ("land" in tags)`: true,
		`published.Year() == 2026`: true, `outlets[7] == "x"`: false, `title matches "^F.*still$"`: true,
	} {
		e, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := e.Holds(sample()); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
		e.Holds(copytaster.Story{}) // a story of nothing breaks nothing
	}
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"len(outlets)": "bool", "outlet": "bool", "nonsense > 3": "unknown name nonsense", "len(outlets) >=": "unexpected token", `"a" in 3`: "", "items > now()": "now",
		strings.Repeat("items > 1 and ", 2000) + "true": "exceeds",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.50s: got %v, want an error of one line with %q", text, err, want)
		}
	}
}

// FuzzParse shows that whatever is written is refused or answered, and never breaks anything.
func FuzzParse(f *testing.F) {
	f.Add(`len(outlets) >= 3 and "AFP" in agencies`)
	f.Add(`titles[9223372036854775807] == "x"`)
	f.Add(`1..1000000000 == outlets`)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 100 {
			return
		}
		e, err := Parse(text)
		if err != nil {
			return
		}
		if one, two := e.Holds(sample()), e.Holds(sample()); one != two {
			t.Errorf("%s: answered twice, differently", text)
		}
	})
}

func BenchmarkHolds(b *testing.B) {
	e, err := Parse(`len(outlets) >= 3 and "AFP" in agencies`)
	if err != nil {
		b.Fatal(err)
	}
	s := sample()
	for b.Loop() {
		e.Holds(s)
	}
}
