package store

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestOneDamagedPageOfTheFirstTwo: a copy that was just made and a database that was just compacted hold everything still when either of
// Bolt's meta pages is gone.
func TestOneDamagedPageOfTheFirstTwo(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.db")
	db, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(tx *Tx) error { return tx.SetState("feed", []byte("state")) }); err != nil {
		t.Fatal(err)
	}
	if err := db.Compact(); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "b.db")
	if err := db.Backup(copied); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, original := range []string{name, copied} {
		whole, err := os.ReadFile(original)
		if err != nil {
			t.Fatal(err)
		}
		for page := range 2 {
			damaged := bytes.Clone(whole)
			copy(damaged[page*os.Getpagesize():], bytes.Repeat([]byte{0xAA}, os.Getpagesize()))
			file := filepath.Join(t.TempDir(), "damaged.db")
			if err := os.WriteFile(file, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := Open(file)
			if err != nil {
				continue // refused and named: nothing is lost
			}
			if err := db.View(func(tx *Tx) error {
				if string(tx.State("feed")) != "state" {
					t.Errorf("%s without page %d: opened, and the feed's state is gone", filepath.Base(original), page)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
