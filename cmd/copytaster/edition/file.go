package edition

import (
	"bytes"
	"io"
	"os"
	"path/filepath"

	"copytaster/store/file"
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
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return false, err
	}
	err = file.Replace(name, 0o644, func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
	return err == nil, err
}
