package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// TestFull: what may go well later is told from what will not, also in Bolt's words.
func TestFull(t *testing.T) {
	path := func(err error) error { return &fs.PathError{Op: "write", Path: "db", Err: err} }
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, false}, {path(syscall.ENOSPC), true}, {path(syscall.EROFS), true}, {path(syscall.EPERM), true}, {path(syscall.EACCES), true}, {fmt.Errorf("batch: %w", path(syscall.EFBIG)), true},
		{fmt.Errorf("file resize error: %s", path(syscall.ENOSPC)), true}, {berrors.ErrMaxSizeReached, true}, {berrors.ErrDatabaseReadOnly, true},
		{path(syscall.EIO), false}, {ErrDamaged, false}, {ErrLocked, false}, {errors.New("no space"), false},
	} {
		if got := Full(c.err); got != c.want {
			t.Errorf("%v: got %v, want %v", c.err, got, c.want)
		}
	}
}

// TestSweep: what a crash left beside a file is removed, and nothing else.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"db", "db.new", "db.copy-12", "db.newer", "other.new", "db.before-1"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Sweep(filepath.Join(dir, "db")); err != nil {
		t.Fatal(err)
	}
	var left []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{"db", "db.before-1", "db.newer", "other.new"}; !slices.Equal(left, want) {
		t.Errorf("left %v, want %v", left, want)
	}
}

// TestGuard: what Bolt throws becomes an error, what others throw goes on.
func TestGuard(t *testing.T) {
	b, err := Open(filepath.Join(t.TempDir(), "db"), 0, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	err = Guard(func() error {
		return b.View(func(tx *bolt.Tx) error { tx.Page(1 << 40); return tx.Rollback() }) // which a transaction that Bolt manages must not
	})
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("Bolt's: got %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("ours: it did not go on")
		}
	}()
	Guard(func() error { panic("ours") })
}
