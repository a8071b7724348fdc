// Package file replaces files whole or not at all.
package file

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Replace makes the file hold what write writes: whole or, after an error or a crash, what it held before. It has the mode then, and is synced, as is
// its folder.
func Replace(name string, mode os.FileMode, write func(io.Writer) error) error {
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, "."+filepath.Base(name)+".*")
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
