package store

import (
	"fmt"
	"path/filepath"
	"testing"
)

// TestCompactNeverLengthens: whatever the file holds, it is not longer after a compaction, is as short as it will be, and still holds it; nor is a copy longer.
func TestCompactNeverLengthens(t *testing.T) {
	for _, items := range []int{0, 1, 40, 400} {
		db := open(t, filepath.Join(t.TempDir(), "db"))
		for i := range items {
			update(t, db, func(tx *Tx) error { return tx.PutItem(article("f", fmt.Sprint(i), i), []byte("sketch")) })
		}
		before := db.Size()
		var after [2]int64
		for i := range after {
			if err := db.Compact(); err != nil {
				t.Fatal(err)
			}
			after[i] = db.Size()
		}
		if after[0] > before || after[1] != after[0] {
			t.Errorf("%d items: %d bytes before, then %v", items, before, after)
		}
		view(t, db, func(tx *Tx) {
			if n := tx.Count(); n != items {
				t.Errorf("got %d items, want %d", n, items)
			}
		})
		copied := filepath.Join(t.TempDir(), "copy")
		if err := db.Backup(copied); err != nil {
			t.Fatal(err)
		}
		dup := open(t, copied)
		if dup.Size() > after[0] {
			t.Errorf("%d items: a copy has %d bytes, the compacted file %d", items, dup.Size(), after[0])
		}
		update(t, dup, func(tx *Tx) error { return tx.PutItem(article("f", "later", 1), []byte("sketch")) })
	}
}
