package edition

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// WriteFile makes the file hold what render writes: whole or, after an error or a crash, what it held before. It reports whether the content
// changed; a file that holds it already is not touched. Folders are made.
func WriteFile(name string, render func(io.Writer) error) (changed bool, err error) {
	var b bytes.Buffer
	if err := render(&b); err != nil {
		return false, err
	}
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, b.Bytes()) {
		return false, nil
	}
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return false, err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(name)+".*")
	if err != nil {
		return false, err
	}
	defer os.Remove(f.Name()) // gone already if all went well
	_, err = f.Write(b.Bytes())
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return false, err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return false, err
	}
	return true, syncFolder(dir)
}

// syncFolder makes the rename durable. Where a folder cannot be synced (Windows), the system does it in its own time.
func syncFolder(dir string) error {
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
