package daemon

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestImmutable is TestDiskFull with a file that the system, from one moment to the next, lets nobody write to, also who has it open already.
func TestImmutable(t *testing.T) {
	probe, err := os.Create(filepath.Join(t.TempDir(), "probe"))
	if err != nil {
		t.Fatal(err)
	}
	defer probe.Close()
	if err := immutable(probe, true); err != nil {
		t.Skip("no leave to make a file immutable:", err)
	}
	_, err = probe.Write([]byte("1"))
	if e := immutable(probe, false); e != nil {
		t.Fatal(e)
	}
	if !errors.Is(err, syscall.EPERM) {
		t.Skip("this file system lets who has an immutable file open write to it:", err)
	}

	h := newHouse(t, "")
	db, err := os.Open(h.DB.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	set := func(on bool) {
		if err := immutable(db, on); err != nil {
			t.Error(err)
		}
	}
	h.outlast(t, func() { set(true) }, func() {
		if h.Trouble() != "" && !strings.Contains(h.Trouble(), "operation not permitted") {
			t.Errorf("trouble %q, want what the system says", h.Trouble())
		}
		set(false)
	})
}

// immutable makes a file immutable, or not any more.
func immutable(f *os.File, on bool) error {
	const flag = 0x10 // FS_IMMUTABLE_FL of linux/fs.h
	flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err != nil {
		return err
	}
	if flags &^= flag; on {
		flags |= flag
	}
	return unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags)
}
