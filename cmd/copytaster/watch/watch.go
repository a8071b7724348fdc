// Package watch tells when a file was changed: written, or another one put in its place, as editors and deployments do. It never reads the file.
package watch

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// still is how long the file must lie still: editors write in several steps.
const still = 500 * time.Millisecond

// File calls changed whenever the file is another than before and lies still, until ctx ends; not while there is none. It calls it once at the
// beginning too: the file may have changed since it was read. It watches the file's folder, and returns an error if that cannot be done.
func File(ctx context.Context, name string, changed func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.Add(filepath.Dir(name)); err != nil {
		return err
	}
	known := look(name)
	changed()
	follow(ctx, name, known, w.Events, w.Errors, changed)
	return nil
}

// follow looks at the file after events, and after errors, which say that events were lost. The events of the folder say nothing but when to look:
// whatever else lies there may be written all the time. known is the file as it was last told of.
func follow(ctx context.Context, name string, known fs.FileInfo, events <-chan fsnotify.Event, errs <-chan error, changed func()) {
	seen := known
	var later <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-events:
		case <-errs:
		case <-later:
			now := look(name)
			if later = nil; alike(seen, now) {
				if now != nil && !alike(known, now) {
					known = now
					changed()
				}
				continue
			}
		}
		if later == nil {
			seen, later = look(name), time.After(still)
		}
	}
}

// look is the state of a file; nil: there is none.
func look(name string) fs.FileInfo {
	info, err := os.Stat(name)
	if err != nil {
		return nil
	}
	return info
}

// alike reports whether two states are of one file that was not written between them.
func alike(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
