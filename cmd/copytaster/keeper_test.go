package main

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"copytaster/cmd/copytaster/newsroom"
	"copytaster/store"
)

// keepersRoom is a newsroom with a configuration in the present folder.
func keepersRoom(t *testing.T) {
	t.Chdir(t.TempDir())
	room := newsroom.New(newsroomEpoch)
	server := httptest.NewServer(room)
	t.Cleanup(server.Close)
	room.Publish(2)
	writeConfig(t, newsConfig(room, server.URL, "listen: 127.0.0.1:0\n"))
}

// must carries out a command that is to end well.
func must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := call(t, args...)
	if err != nil {
		t.Fatalf("copytaster %v: %v", args, err)
	}
	return out
}

// TestKeepersCommandsWhileTheDaemonRuns: a backup is whole and has what is stored, status and export speak of the present state, compact keeps it.
func TestKeepersCommandsWhileTheDaemonRuns(t *testing.T) {
	keepersRoom(t)
	must(t, "run", "--once")
	want := must(t, "export", "--format", "jsonl")
	_, stop := startDaemon(t)
	defer stop()

	if got := must(t, "export", "--format", "jsonl"); got != want {
		t.Errorf("export: got %d bytes, want the %d of before", len(got), len(want))
	}
	must(t, "compact")
	must(t, "backup", "copy.db")
	for name, want := range map[string]string{"copytaster.db": "the database itself", "copytaster.yaml": "no database", ".": "no plain file"} {
		if _, err := call(t, "backup", name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("backup onto %s: got %v, want %q", name, err, want)
		}
	}
	if got := must(t, "fsck", "copy.db"); !strings.Contains(got, "copy.db is whole") {
		t.Errorf("fsck of the backup: got %q", got)
	}
	var report struct {
		Running bool
		Items   int
		Feeds   []struct{ Words string }
	}
	if err := json.Unmarshal([]byte(must(t, "status", "--json")), &report); err != nil {
		t.Fatal(err)
	}
	if !report.Running || report.Items != strings.Count(want, "\n") || len(report.Feeds) == 0 {
		t.Errorf("status: got %+v, want a daemon that runs and %d items", report, strings.Count(want, "\n"))
	}
	if got := must(t, "status"); !strings.Contains(got, "HEALTH") || !strings.Contains(got, "the daemon runs") {
		t.Errorf("status: got %s", got)
	}
	for _, args := range [][]string{{"fsck"}, {"restore", "copy.db"}, {"refold"}} {
		if _, err := call(t, args...); !errors.Is(err, store.ErrLocked) {
			t.Errorf("copytaster %v: got %v, want that the database is in use", args, err)
		}
	}
	if left, _ := filepath.Glob("copytaster.db.*copy*"); left != nil {
		t.Errorf("left %v", left)
	}
}

// TestThereAndBackAgain: what is exported and imported, and what is backed up and restored, is the same; a damaged database is found, is not written to, and gives
// what can be read of it.
func TestThereAndBackAgain(t *testing.T) {
	keepersRoom(t)
	must(t, "run", "--once")
	want := must(t, "export", "--format", "jsonl", "--everything")
	must(t, "backup", "copy.db")
	if err := os.WriteFile("all.jsonl", []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := call(t, "import", "all.jsonl"); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("import over a database: got %v", err)
	}
	if err := os.Rename("copytaster.db", "old.db"); err != nil {
		t.Fatal(err)
	}
	must(t, "import", "all.jsonl")
	if got := must(t, "export", "--format", "jsonl", "--everything"); got != want {
		t.Errorf("imported: got %d bytes, want the %d that were exported", len(got), len(want))
	}

	hurt, err := os.ReadFile("old.db")
	if err != nil {
		t.Fatal(err)
	}
	copy(hurt[10*4096:], strings.Repeat("spilt ink ", 2100)) // five pages, as many may be free
	if err := os.WriteFile("copytaster.db", hurt, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := call(t, "fsck"); err == nil || !strings.Contains(err.Error(), " fault") {
		t.Errorf("fsck of a damaged database: got %v", err)
	}
	if got := must(t, "fsck", "--salvage", "saved.db"); !strings.Contains(got, "items in") {
		t.Errorf("salvage: got %q", got)
	}
	must(t, "fsck", "saved.db")
	if after, err := os.ReadFile("copytaster.db"); err != nil || string(after) != string(hurt) {
		t.Errorf("the damaged database was written to (%v)", err)
	}
	if _, err := call(t, "restore", "copytaster.db"); err == nil || !strings.Contains(err.Error(), "not whole") {
		t.Errorf("restore of a damaged backup: got %v", err)
	}

	must(t, "restore", "copy.db")
	if got := must(t, "export", "--format", "jsonl", "--everything"); got != want {
		t.Errorf("restored: got %d bytes, want the %d of before", len(got), len(want))
	}
	if kept, _ := filepath.Glob("copytaster.db.before-*"); len(kept) != 1 {
		t.Errorf("kept %v, want the database of before", kept)
	}
}
