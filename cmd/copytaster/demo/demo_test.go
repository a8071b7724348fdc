package demo

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// changing is what differs from one demo to the next: times and how long it took.
var changing = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d UTC|in \d+ min|[\d.]+ seconds`)

// TestDemo holds what the demo prints against testdata/demo.golden: the stories, who carries them and how much of them, the agencies, the
// troubled feeds, and that nothing differs from what the newsroom knows.
func TestDemo(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	if err := Run(t.Context(), &out, Options{Dir: dir, Listen: "127.0.0.1:8765", Once: true}); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	got := changing.ReplaceAllString(strings.ReplaceAll(out.String(), dir+string(filepath.Separator), "DIR/"), "…")
	golden := filepath.Join("testdata", "demo.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("%v; got\n%s\nwant\n%s", err, got, want)
	}
	if !strings.Contains(got, ": 0 wrong.") {
		t.Error("the newsroom knows better: see the lines that begin with wrong:")
	}
	if err := Run(t.Context(), &out, Options{Dir: dir, Listen: "127.0.0.1:8765", Once: true}); err == nil || !strings.Contains(err.Error(), "holds a database already") {
		t.Errorf("a second demo in one folder: got %v, want it refused", err)
	}
}
