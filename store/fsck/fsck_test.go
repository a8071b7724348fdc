package fsck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/store"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// made is a file of 300 items of 5 feeds over 10 days, two to a story.
func made(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "copytaster.db")
	db, err := store.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	var last string
	for n := 0; n < 300; n += 30 {
		err := db.Update(func(tx *store.Tx) (err error) {
			for i := n; i < n+30; i++ {
				feed, guid := fmt.Sprintf("https://harbour%d.example/feed", i%5), fmt.Sprintf("buoy-%d", i)
				it := copytaster.Item{ID: copytaster.ItemID(feed, guid), Feed: feed, GUID: guid, URL: "https://example.org/" + guid, Title: "Buoy " + guid,
					Seen: epoch.Add(time.Duration(n) * 48 * time.Minute), Blocks: []copytaster.Block{{Text: strings.Repeat("The buoy "+guid+" has come adrift. ", 9), Kept: true}}}
				err = errors.Join(err, tx.PutItem(it, []byte("sketch of "+guid)), tx.SetState(feed, []byte("state of "+feed)))
				if i%2 == 1 {
					err = errors.Join(err, tx.PutStory(store.Story{ID: last, Published: it.Seen, Updated: it.Seen, Items: []string{last, it.ID}}))
				}
				last = it.ID
			}
			return errors.Join(err, tx.SetLearned([]byte("what was learned")))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// contents lists what a file gives, an item a line with its sketch and its story.
func contents(t *testing.T, name string) (lines []string) {
	t.Helper()
	db, err := store.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *store.Tx) error {
		for it, err := range tx.Items(time.Time{}) {
			if err != nil {
				return err
			}
			sketch, err := tx.Sketch(it.ID)
			story, _, errStory := tx.Story(tx.StoryOf(it.ID))
			b, errJSON := json.Marshal(it)
			if err := errors.Join(err, errStory, errJSON); err != nil {
				return err
			}
			lines = append(lines, fmt.Sprintf("%s %s %v %v", b, sketch, story, tx.Day(it.ID)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

func faults(t *testing.T, name string) (list []string) {
	t.Helper()
	if err := Check(name, func(s string) { list = append(list, s) }); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestWholeFile(t *testing.T) {
	name := made(t)
	if got := faults(t, name); got != nil {
		t.Errorf("a whole file: got %q, want nothing", got)
	}
	out := name + ".salvaged"
	s, err := Salvage(name, out, func(what string) { t.Errorf("a whole file: %s", what) })
	if err != nil || s != (Salvaged{Items: 300, Stories: 150}) {
		t.Errorf("got %+v, %v; want 300 items in 150 stories", s, err)
	}
	if got := faults(t, out); got != nil {
		t.Errorf("what was salvaged: got %q, want nothing", got)
	}
	if !slices.Equal(contents(t, out), contents(t, name)) {
		t.Error("what was salvaged differs from the file")
	}
	if _, err := Salvage(name, out, func(string) {}); err == nil {
		t.Error("into a file that is there: got no error")
	}
}

// TestDamagedPages overwrites a quarter of the pages, one after the other, with nonsense. What is wrong is found, or was not in use; the file is not touched; what is
// salvaged is a whole database, and lacks no more than what one page held.
func TestDamagedPages(t *testing.T) {
	name := made(t)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := contents(t, name)
	const page = 4096
	unnoticed, lost := 0, map[int]int{}
	for n := range len(whole) / page {
		if n > 12 && n%4 != 0 {
			continue // a quarter of them is enough, but for the first
		}
		if bytes.Count(whole[n*page:(n+1)*page], []byte{0}) == page {
			continue // not used yet
		}
		hurt := slices.Clone(whole)
		copy(hurt[n*page:], bytes.Repeat([]byte("\xA5nonsense"), page/9))
		bad := filepath.Join(t.TempDir(), "hurt.db")
		if err := os.WriteFile(bad, hurt, 0o600); err != nil {
			t.Fatal(err)
		}
		found := 0
		if err := Check(bad, func(string) { found++ }); err == nil && found == 0 {
			unnoticed++
		}
		s, err := Salvage(bad, bad+".out", func(string) {})
		if err != nil {
			t.Fatalf("page %d: %v", n, err)
		}
		if got := faults(t, bad+".out"); got != nil {
			t.Errorf("page %d: what was salvaged: %q", n, got)
		}
		if s.Items < 270 {
			t.Errorf("page %d: %d of 300 items salvaged", n, s.Items)
		}
		lost[300-s.Items]++
		if found == 0 && !slices.Equal(contents(t, bad+".out"), want) {
			t.Errorf("page %d: nothing found, but what was salvaged differs", n)
		}
		if after, err := os.ReadFile(bad); err != nil || !bytes.Equal(after, hurt) {
			t.Fatalf("page %d: the damaged file was written to (%v)", n, err)
		}
	}
	t.Logf("%d pages were not in use; items lost: files %v", unnoticed, slices.Sorted(maps.Keys(lost)))
}

// TestCutFiles: a file that is cut is told from a whole one, by the daemon too, and gives what is left of it.
func TestCutFiles(t *testing.T) {
	name := made(t)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []float64{.1, .2, .3} {
		cut := whole[:int(part*float64(len(whole)))]
		bad := filepath.Join(t.TempDir(), "cut.db")
		if err := os.WriteFile(bad, cut, 0o600); err != nil {
			t.Fatal(err)
		}
		if db, err := store.Open(bad); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), bad) {
			t.Errorf("a file cut to %.0f %%: got %v, want that it is damaged, by name", 100*part, err)
			if err == nil {
				db.Close()
			}
		}
		if got := faults(t, bad); len(got) == 0 {
			t.Errorf("a file cut to %.0f %%: nothing found", 100*part)
		}
		if _, err := Salvage(bad, bad+".out", func(string) {}); err != nil {
			t.Errorf("a file cut to %.0f %%: %v", 100*part, err)
		} else if got := faults(t, bad+".out"); got != nil {
			t.Errorf("a file cut to %.0f %%: what was salvaged: %q", 100*part, got)
		}
		if after, err := os.ReadFile(bad); err != nil || !bytes.Equal(after, cut) {
			t.Errorf("the cut file was written to (%v)", err)
		}
	}
}
