package edition

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/ingest"
	"copytaster/config"
	"copytaster/config/where"
	"copytaster/store"
)

var epoch = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

const wire = `The port authority closed the northern lock on Monday after divers had found a crack in its lower gate.
Forty barges were waiting upstream by noon, and the queue grew by about six vessels an hour, the harbour master said.
Engineers from the ministry will inspect the hinges before dusk and decide whether a temporary seal can hold the water.
The lock was built ninety years ago and carries a third of the grain that leaves the province by river each autumn.
Millers downstream said their stocks would last nine days, after which bread in the capital could become dearer.`

func item(outlet, text string, hours int) copytaster.Item {
	feed := "https://" + outlet + ".example/feed"
	at := epoch.Add(time.Duration(hours) * time.Hour)
	it := copytaster.Item{ID: copytaster.ItemID(feed, "g"), Feed: feed, Outlet: outlet, GUID: "g", Title: "Lock closed, says " + outlet,
		URL: "https://" + outlet + ".example/lock", Published: at, Seen: at}
	for p := range strings.Lines(text) {
		it.Blocks = append(it.Blocks, copytaster.Block{Text: strings.TrimSpace(p), Kept: true})
	}
	return it
}

// filled is a database with one story of three copies and two lone ones.
func filled(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	paragraphs := strings.SplitAfter(wire, "\n")
	own := "\nOur own reporter stood at the quay, where the skippers of two coal barges played cards and cursed the gate for costing them a week of freight and a wedding."
	lone := "Nine choirs sang in the market square on Sunday, and the bishop, who had promised to listen to all of them, fell asleep in the sixth, which the town has forgiven him."
	_, err = ingest.New(db, ingest.Options{}).Take([]ingest.Delivery{{Feed: "f", At: epoch.Add(9 * time.Hour), Items: []copytaster.Item{
		item("post", wire, 1), item("brief", strings.Join(paragraphs[:3], ""), 2), item("long", wire+own, 3),
		item("choir", lone, 4), item("mill", strings.ToUpper(own+own), 5)}}})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestStoriesAreArrangedAndMeasured(t *testing.T) {
	var s copytaster.Story
	err := Reader{DB: filled(t), Priority: []string{"post"}}.Each(time.Time{}, func(story copytaster.Story) bool {
		if len(story.Items) > 1 {
			s = story
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Outlets(), []string{"post", "brief", "long"}; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v: the listed lead, then by time", got, want)
	}
	brief, long := s.Shares[1], s.Shares[2]
	if brief.Kept < .4 || brief.Kept > .75 || brief.Added > .05 {
		t.Errorf("the cut copy: got %+v, want about 3 of 5 paragraphs kept, nothing added", brief)
	}
	if long.Kept < .95 || long.Added < .1 || long.Added > .5 {
		t.Errorf("the extended copy: got %+v, want all kept and about a fifth added", long)
	}
}

func TestExportChoosesAndLimits(t *testing.T) {
	r := Reader{DB: filled(t)}
	for _, c := range []struct {
		name string
		e    config.Export
		want int
	}{
		{"all", config.Export{Limit: 100}, 3},
		{"limit", config.Export{Limit: 2}, 2},
		{"several outlets", config.Export{Limit: 100, MinOutlets: 2}, 1},
		{"include", config.Export{Limit: 100, Include: copytaster.Filter{Outlets: []string{"choir"}}}, 1},
		{"an expression", config.Export{Limit: 100, Where: expression(t, `len(outlets) == 1 and outlet != "mill"`)}, 1},
		{"only wire", config.Export{Limit: 100, OnlyWire: true}, 0},
		{"no wire", config.Export{Limit: 100, NoWire: true}, 3},
		{"exclude", config.Export{Limit: 100, Exclude: copytaster.Filter{Words: []string{"bishop"}}}, 2},
	} {
		got, err := r.Export(c.e)
		if err != nil || len(got) != c.want {
			t.Errorf("%s: got %d stories, %v, want %d", c.name, len(got), err, c.want)
		}
	}
}

func expression(t *testing.T, text string) where.Expr {
	t.Helper()
	e, err := where.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestStoryIsFoundByID(t *testing.T) {
	r := Reader{DB: filled(t)}
	err := r.Each(time.Time{}, func(s copytaster.Story) bool {
		got, ok, err := Reader{DB: r.DB}.Story(s.ID)
		if !ok || err != nil || len(got.Items) != len(s.Items) {
			t.Errorf("story %s: got %d items, %v, %v", s.ID, len(got.Items), ok, err)
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "0000000000000000", "no id"} {
		if _, ok, err := r.Story(id); ok || err != nil {
			t.Errorf("story %q: got %v, %v, want none", id, ok, err)
		}
	}
}

func TestWriteFilesOnlyWhatChanged(t *testing.T) {
	r := Reader{DB: filled(t)}
	file := filepath.Join(t.TempDir(), "public", "front")
	exports := []config.Export{{Name: "front", Title: "Front", Formats: []string{"rss", "atom", "json"}, File: file, Limit: 9}, {Name: "served only", Limit: 9}}
	changed, err := WriteFiles(exports, Place{Home: "http://127.0.0.1:8765"}, r.Export)
	if want := []string{file + ".rss", file + ".atom", file + ".json"}; err != nil || !slices.Equal(changed, want) {
		t.Errorf("first: got %v, %v, want %v", changed, err, want)
	}
	if changed, err = WriteFiles(exports, Place{Home: "http://127.0.0.1:8765"}, r.Export); err != nil || changed != nil {
		t.Errorf("again: got %v, %v, want nothing changed", changed, err)
	}
	exports = append([]config.Export{{Name: "bad", Formats: []string{"gopher"}, File: file + "2", Limit: 1}}, exports...)
	if err := os.Remove(file + ".atom"); err != nil {
		t.Fatal(err)
	}
	changed, err = WriteFiles(exports, Place{Home: "http://127.0.0.1:8765"}, r.Export)
	if err == nil || !strings.Contains(err.Error(), "export bad") || !slices.Equal(changed, []string{file + ".atom"}) {
		t.Errorf("one bad export: got %v, %v, want an error that names it and the other written", changed, err)
	}
}

func TestWriteFileIsWholeOrUntouched(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	text := func(s string, err error) func(io.Writer) error {
		return func(w io.Writer) error { fmt.Fprint(w, s); return err }
	}
	if did, err := WriteFile(name, text("one", nil)); !did || err != nil {
		t.Fatalf("got %v, %v, want it written", did, err)
	}
	if _, err := WriteFile(name, text("tw", errors.New("broke off"))); err == nil {
		t.Error("a render that failed: got no error")
	}
	if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, []byte("one")) {
		t.Errorf("after the failure: got %q, %v, want the old content", got, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("got %v, %v, want no temporary file left", left, err)
	}
	if _, err := WriteFile(filepath.Join(name, "below a file"), text("x", nil)); err == nil {
		t.Error("a folder that is a file: got no error")
	}
}
