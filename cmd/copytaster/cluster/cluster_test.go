package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"copytaster/cmd/copytaster/lines"
)

const river = `The river rose by two metres overnight and flooded the lower town, where volunteers carried furniture, sacks of flour and an upright piano to the first floors. The mayor asked all who could to stay at home until the bridge had been looked at by an engineer from the county.`

// run gives the lines that Run writes for the input.
func run(t *testing.T, in string) (lines []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	if err := Run(context.Background(), strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(out.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Fatalf("%q: %v", l, err)
		}
		lines = append(lines, m)
	}
	return lines
}

// line makes an input line.
func line(id, outlet, text string) string {
	b, _ := json.Marshal(map[string]string{"id": id, "outlet": outlet, "published": "2026-03-02T08:00:00Z", "title": "Flood", "text": text})
	return string(b) + "\n"
}

func TestRun(t *testing.T) {
	long := river + "\nSchools were to open again on Monday, the county said, if the water works had passed their tests by then."
	in := line("a", "Post", river) + "\n" + `{"id": 1}` + "\n" + line("b", "Times", long) + line("c", "Globe", strings.Repeat("Nothing of the sort happened in the hills. ", 9)) + line("a", "Post", river) + "{}"
	got := run(t, in)
	want := []struct {
		id, story string
		lead      bool
	}{{"a", "a", false}, {}, {"b", "a", true}, {"c", "c", true}, {}, {}}
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d: %v", len(got), len(want), got)
	}
	for i, w := range want {
		if w.id == "" {
			if got[i]["error"] == nil {
				t.Errorf("line %d: %v, want an error", i, got[i])
			}
			continue
		}
		if got[i]["id"] != w.id || got[i]["story"] != w.story || got[i]["lead"] != w.lead {
			t.Errorf("line %d: %v, want %v", i, got[i], w)
		}
	}
	if got[0]["contained"] != 1.0 || got[0]["contains"].(float64) > 0.8 {
		t.Errorf("a against its lead: %v, want all of it contained and less than .8 of the lead", got[0])
	}
}

func TestRunTakesLongLines(t *testing.T) {
	got := run(t, line("a", "Post", strings.Repeat(river+"\n", 200))+line("long", "Post", strings.Repeat("x", lines.MaxLine))+line("b", "Times", river))
	if len(got) != 3 || got[0]["story"] != "a" || got[2]["story"] != "a" {
		t.Errorf("got %v, want a and b in one story", got)
	}
	if got[1]["error"] != lines.ErrTooLong.Error() {
		t.Errorf("got %v, want %v", got[1], lines.ErrTooLong)
	}
}

func TestRunOnNothing(t *testing.T) {
	if got := run(t, ""); len(got) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Run(ctx, strings.NewReader("{}"), &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
