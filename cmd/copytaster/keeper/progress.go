package keeper

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"copytaster/cmd/copytaster/table"
)

// A database under a few MB is copied before anybody reads how far it is.
const worthShowing = 16_000_000

// follow shows on out how far a copy of the database is that grows beside it, in the newest file with the ending, until stop is called. Whoever copies it, this command or
// the daemon, does it in a file there.
func follow(out io.Writer, what, database, ending string) (stop func()) {
	info, err := os.Stat(database)
	if err != nil || info.Size() < worthShowing {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	show := table.Progress(out, what, "MB")
	total := int(info.Size() / 1_000_000)
	go func() {
		defer close(ended)
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				show(min(int(newest(database, ending)/1_000_000), total), total)
			case <-done:
				show(total, total)
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

// newest is the size of the newest file beside the database with the ending and whatever follows it, 0 if there is none.
func newest(database, ending string) (size int64) {
	entries, err := os.ReadDir(filepath.Dir(database))
	if err != nil {
		return 0
	}
	var last time.Time
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), filepath.Base(database)+ending) {
			continue
		}
		if info, err := e.Info(); err == nil && !info.ModTime().Before(last) {
			last, size = info.ModTime(), info.Size()
		}
	}
	return size
}
