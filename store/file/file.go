// Package file replaces files whole or not at all.
package file

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Replace makes the file hold what write writes: whole or, after an error or a crash, what it held before. It has the mode then, and is synced, as is
// its folder. What a crash left of an earlier attempt is removed.
func Replace(name string, mode os.FileMode, write func(io.Writer) error) error {
	dir, prefix := filepath.Dir(name), "."+filepath.Base(name)+"."
	if err := Sweep(dir, prefix); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, prefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already if all went well
	if err = errors.Join(write(f), f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	return SyncFolder(dir)
}

// stale is how long ago something was last written that nobody writes any more.
const stale = time.Hour

// Sweep removes what a crash left in the folder an hour ago or earlier: files and folders with the prefix and a number behind it, as os.CreateTemp
// and os.MkdirTemp name them.
func Sweep(dir, prefix string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), prefix)
		if _, err := strconv.ParseUint(number, 10, 64); !ok || err != nil {
			continue
		}
		if info, err := e.Info(); err != nil || time.Since(info.ModTime()) < stale {
			continue // another process has removed it, or writes it
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// Copy makes the file dst hold what src does, as Replace does. The disks may differ.
func Copy(src, dst string) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	return Replace(dst, 0o600, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
}

// SyncFolder makes a rename durable. Where a folder cannot be synced (Windows), the system does it in its own time.
func SyncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, os.ErrInvalid) && !errors.Is(err, os.ErrPermission) {
		return err
	}
	return nil
}
