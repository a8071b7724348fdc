package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	bolt "go.etcd.io/bbolt"

	"copytaster"
	"copytaster/store/record"
	"copytaster/store/table"
)

// harbour is what the files testdata/version*.db.zst hold: 20 items of 3 feeds in 10 stories, two of which were merged, an item whose guid
// changed, states, and what was learned.
func harbour(tx *Tx) error {
	var ids []string
	for i := range 20 {
		feed := fmt.Sprintf("https://feed%d.example.org/rss", i%3)
		it := ferry(feed, fmt.Sprintf("port-%d", i), i*7)
		if err := tx.PutItem(it, []byte("sketch of "+it.ID)); err != nil {
			return err
		}
		if i == 4 {
			it.GUID = "port-4-moved"
			if err := tx.PutItem(it, []byte("sketch of "+it.ID)); err != nil {
				return err
			}
		}
		ids = append(ids, it.ID)
		if err := tx.SetState(feed, fmt.Appendf(nil, `{"etag":"%d"}`, i)); err != nil {
			return err
		}
	}
	for i := 0; i < 20; i += 2 {
		s := Story{ID: ids[i], Published: epoch.Add(time.Duration(i) * time.Hour), Updated: epoch.Add(time.Duration(i+1) * time.Hour), Items: ids[i : i+2],
			Folds: []Fold{{Item: ids[i+1], With: ids[i], Resemblance: .5, Contained: .875, Contains: .625, Shared: 40 + i, Rule: "contained"}}}
		if err := tx.PutStory(s); err != nil {
			return err
		}
	}
	if err := tx.PutAlias(ids[2], ids[0]); err != nil {
		return err
	}
	if err := tx.PutStory(Story{ID: ids[0], Updated: epoch.Add(300 * time.Hour), Items: ids[0:4]}); err != nil {
		return err
	}
	return tx.SetLearned([]byte("counts of the outlets' blocks"))
}

func ferry(feed, guid string, hours int) copytaster.Item {
	return copytaster.Item{
		ID: copytaster.ItemID(feed, guid), Feed: feed, Outlet: "Outlet of " + feed, GUID: guid, URL: "https://example.org/" + guid, Title: "Headline of " + guid,
		Authors: []string{"A. Writer"}, Seen: epoch.Add(time.Duration(hours) * time.Hour),
		Published:  time.Date(2026, 3, 1, 9, 30, 0, 0, time.FixedZone("", 3600)).Add(time.Duration(hours) * time.Hour),
		Enclosures: []copytaster.Enclosure{{URL: "https://example.org/" + guid + ".jpg", Type: "image/jpeg", Length: 12}},
		Blocks:     []copytaster.Block{{Text: "The ferry to " + guid + " did not sail.", Kept: true}, {Text: "Sign up for our letter.", Why: "tail"}},
		Credits:    []copytaster.Credit{{Agency: "AFP", Role: copytaster.Full, Where: "dateline", Evidence: "(AFP)"}},
	}
}

// all is everything that a database gives.
type all struct {
	Items    map[string]copytaster.Item
	Sketches map[string]string
	Places   map[string]string
	Stories  []Story
	Aliases  map[string]string
	States   map[string]string
	Counts   map[string]int
	Found    map[string][]string
	Learned  string
}

func everything(t testing.TB, db *DB) all {
	t.Helper()
	a := all{Items: map[string]copytaster.Item{}, Sketches: map[string]string{}, Places: map[string]string{}, Aliases: map[string]string{}, States: map[string]string{}, Found: map[string][]string{}}
	view(t, db, func(tx *Tx) {
		for it, err := range tx.Items(time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			a.Items[it.ID] = it
			a.Places[it.ID] = tx.StoryOf(it.ID)
			a.Found[it.ID] = append(append(tx.ByURL(it.URL), tx.ByContent(it)...), tx.ByGUID(it.Feed, it.GUID))
			if s, ok, _ := tx.Story(it.ID); ok {
				a.Aliases[it.ID] = s.ID
			}
		}
		for s := range tx.Sketches(time.Time{}) {
			a.Sketches[s.Item] = string(s.Sketch)
		}
		for s, err := range tx.Stories(time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			a.Stories = append(a.Stories, s)
		}
		for f, s := range tx.States() {
			a.States[f] = string(s)
		}
		a.Counts = tx.Counts()
		learned, err := tx.Learned()
		if err != nil {
			t.Fatal(err)
		}
		a.Learned = string(learned)
	})
	return a
}

// TestMigration opens a file of every earlier version and compares all that it gives with a new file that the same was stored in.
func TestMigration(t *testing.T) {
	want := open(t, filepath.Join(t.TempDir(), "new.db"))
	defer want.Close()
	update(t, want, harbour)
	for v := 1; v < version; v++ {
		name := filepath.Join(t.TempDir(), "old.db")
		unpack(t, fmt.Sprintf("testdata/version%d.db.zst", v), name)
		for range 2 { // the second time it is a file of the present version
			db := open(t, name)
			if got, want := everything(t, db), everything(t, want); !reflect.DeepEqual(got, want) {
				t.Errorf("version %d: got\n%+v\nwant\n%+v", v, got, want)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if left, _ := filepath.Glob(name + "?*"); left != nil {
			t.Errorf("version %d: left %v", v, left)
		}
	}
}

// TestGather: what lay under keys of its own is found in the table, items in a story and in none, and the count of all that were stored stays.
func TestGather(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "old.db"))
	defer db.Close()
	err := db.bolt.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("items"))
		for i := range 500 {
			k := binary.BigEndian.AppendUint64(nil, uint64(i)<<40+1)
			place := record.Place{Day: 9, At: uint32(i), Story: k[:i%2*8]}.Entry(k)
			if err := b.Put(k, place[8:14+i%2*8]); err != nil {
				return err
			}
		}
		return errors.Join(b.SetSequence(777), table.Gather(tx, "items"))
	})
	if err != nil {
		t.Fatal(err)
	}
	view(t, db, func(tx *Tx) {
		for i := range 500 {
			id, story := fmt.Sprintf("%016x", uint64(i)<<40+1), ""
			if i%2 == 1 {
				story = id
			}
			if got := tx.StoryOf(id); got != story || tx.Day(id).Unix() != 9*86400 {
				t.Fatalf("item %s: got story %q and day %v", id, got, tx.Day(id))
			}
		}
		if n := tx.bucket("items").Sequence(); n != 777 {
			t.Errorf("got %d stored, want 777", n)
		}
	})
}

// TestMigrationThatFails: the old file stays as it was.
func TestMigrationThatFails(t *testing.T) {
	name := filepath.Join(t.TempDir(), "old.db")
	unpack(t, "testdata/version1.db.zst", name)
	before, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(name+NewEnding, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if db, err := Open(name); err == nil {
		db.Close()
		t.Error("got no error, want one: there is no room for the new file")
	}
	if after, err := os.ReadFile(name); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the old file: %v, changed: %v", err, !bytes.Equal(before, after))
	}
}

func unpack(t testing.TB, from, to string) {
	t.Helper()
	z, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	b, err := dec.DecodeAll(z, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
