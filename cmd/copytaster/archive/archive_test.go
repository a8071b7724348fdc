package archive

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/store"
	"copytaster/store/fsck"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 500, time.UTC)

// filled is a database with stories of one and two items, a merged one, one that a guid was changed in, states, and something learned.
func filled(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(filepath.Join(t.TempDir(), "copytaster.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	err = db.Update(func(tx *store.Tx) (err error) {
		var ids []string
		for i := range 300 {
			feed, guid := fmt.Sprintf("https://quay%d.example/feed", i%4), fmt.Sprintf("crane-%d", i)
			it := copytaster.Item{ID: copytaster.ItemID(feed, guid), Feed: feed, GUID: guid, URL: "https://example.org/" + guid, Title: "Crane <" + guid + "> & more",
				Seen: epoch.Add(time.Duration(i) * time.Hour), Blocks: []copytaster.Block{{Text: "The crane " + guid + " stood still.", Kept: true}}}
			err = errors.Join(err, tx.PutItem(it, []byte("sketch of "+guid)), tx.SetState(feed, []byte("state of "+feed)),
				tx.PutStory(store.Story{ID: it.ID, Published: it.Seen, Updated: it.Seen.Add(time.Minute), Items: []string{it.ID}}))
			if i%50 == 0 {
				it.GUID += "-moved"
				err = errors.Join(err, tx.PutItem(it, []byte("sketch of "+guid)))
			}
			ids = append(ids, it.ID)
		}
		err = errors.Join(err, tx.PutAlias(ids[1], ids[0]), tx.PutStory(store.Story{ID: ids[0], Updated: epoch, Items: ids[:2],
			Folds: []store.Fold{{Item: ids[1], With: ids[0], Resemblance: .4, Contained: .9, Contains: .5, Shared: 77, Rule: "contained"}}}))
		return errors.Join(err, tx.SetLearned([]byte("what was learned")))
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func written(t *testing.T, db *store.DB, everything bool) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, db, everything, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func read(t *testing.T, text string) *store.DB {
	t.Helper()
	name := filepath.Join(t.TempDir(), "again.db")
	n, err := Read(strings.NewReader(text), name, func(it copytaster.Item) ([]byte, error) { return []byte("sketch of " + it.GUID), nil }, nil)
	if err != nil || n != 300 {
		t.Fatalf("read %d items, %v; want 300", n, err)
	}
	if err := fsck.Check(name, func(s string) { t.Error(s) }); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestThereAndBack: a database made of what was written of another gives the same again, byte for byte.
func TestThereAndBack(t *testing.T) {
	db := filled(t)
	for _, everything := range []bool{true, false} {
		text := written(t, db, everything)
		again := read(t, text)
		if got := written(t, again, everything); got != text {
			t.Errorf("everything %v: got %d bytes, want the same %d", everything, len(got), len(text))
		}
		if lines := strings.Count(text, "\n"); !everything && lines != 300 {
			t.Errorf("items only: got %d lines, want 300", lines)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"no json\n":                            "line 1",
		`{"kind":"tide"}`:                      "tide",
		`{"kind":"story"}`:                     "without what it is about",
		`{"id":"0123456789abcdef"}`:            "must be given",
		`{"kind":"alias","alias":{"old":"x"}}`: "16 hexadecimal digits",
	} {
		name := filepath.Join(t.TempDir(), "db")
		if _, err := Read(strings.NewReader(text), name, nil, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", text, err, want)
		}
		if left, _ := filepath.Glob(name + "*"); left != nil {
			t.Errorf("%s: left %v", text, left)
		}
	}
}
