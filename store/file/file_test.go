package file

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestReplaceSweeps: what a crash left of the same file is removed when nobody can be writing it any more; what belongs to another stays.
func TestReplaceSweeps(t *testing.T) {
	dir := t.TempDir()
	long, just := time.Now().Add(-2*stale), time.Now()
	for name, at := range map[string]time.Time{".feed.rss.12": long, ".feed.rss.13": just, ".feed.rss.bak": long, ".feed.rss.atom.14": long, "feed.rss.15": long} {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	err := Replace(filepath.Join(dir, "feed.rss"), 0o644, func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if want := []string{".feed.rss.13", ".feed.rss.atom.14", ".feed.rss.bak", "feed.rss", "feed.rss.15"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
