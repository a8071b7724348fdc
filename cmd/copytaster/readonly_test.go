//go:build unix

package main

import (
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
)

// asNobody has the file system refuse what permissions refuse; root is refused nothing.
func asNobody(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	become := func(id int) {
		if err := syscall.Seteuid(id); err != nil {
			t.Fatal(err)
		}
	}
	become(65534)
	t.Cleanup(func() { become(0) })
}

// chmod gives files and folders of the present folder their modes.
func chmod(t *testing.T, modes map[string]os.FileMode) {
	t.Helper()
	if id := os.Geteuid(); id != os.Getuid() {
		if err := syscall.Seteuid(os.Getuid()); err != nil {
			t.Fatal(err)
		}
		defer syscall.Seteuid(id)
	}
	for name, mode := range modes {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReadOnly: of a database that cannot be written all can be read, and it can be backed up to another place; what would write says why it does not.
func TestReadOnly(t *testing.T) {
	keepersRoom(t)
	must(t, "run", "--once")
	want := must(t, "export", "--format", "jsonl", "--everything")
	if err := os.Mkdir("elsewhere", 0o777); err != nil {
		t.Fatal(err)
	}
	chmod(t, map[string]os.FileMode{"elsewhere": 0o777, "copytaster.yaml": 0o444, "copytaster.db": 0o444, ".": 0o555})
	t.Cleanup(func() { os.Chmod(".", 0o755) })
	asNobody(t)

	if got := must(t, "export", "--format", "jsonl", "--everything"); got != want {
		t.Errorf("export: got %d bytes, want the %d of before", len(got), len(want))
	}
	if got := must(t, "status"); !strings.Contains(got, "no daemon runs") {
		t.Errorf("status: got %q", got)
	}
	must(t, "fsck")
	must(t, "backup", "elsewhere/copy.db")
	must(t, "fsck", "elsewhere/copy.db")
	for _, args := range [][]string{{"run"}, {"run", "--once"}, {"refold"}, {"compact"}, {"restore", "elsewhere/copy.db"}, {"backup", "copy.db"}} {
		if _, err := call(t, args...); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("copytaster %v: got %v, want that permission is denied", args, err)
		}
	}
}

// TestFolderBecomesReadOnly: a daemon whose folder cannot be written any more goes on serving; what needs the folder says so, and goes well when it can be
// written again.
func TestFolderBecomesReadOnly(t *testing.T) {
	keepersRoom(t)
	must(t, "run", "--once")
	chmod(t, map[string]os.FileMode{"copytaster.yaml": 0o444, "copytaster.db": 0o666, ".": 0o777, "..": 0o755})
	asNobody(t)
	address, stop := startDaemon(t)
	for { // until the socket is there
		if got, err := call(t, "status"); err == nil && strings.Contains(got, "the daemon runs") {
			break
		}
	}
	chmod(t, map[string]os.FileMode{".": 0o555})
	for _, args := range [][]string{{"compact"}, {"backup", "copy.db"}, {"export", "--format", "jsonl"}} {
		if _, err := call(t, args...); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("copytaster %v: got %v, want that permission is denied", args, err)
		}
	}
	if answer, err := http.Get(address); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%s: got %v, %v", address, answer, err)
	}
	chmod(t, map[string]os.FileMode{".": 0o777})
	must(t, "compact")
	must(t, "backup", "copy.db")
	stop()
}
