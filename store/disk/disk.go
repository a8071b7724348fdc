// Package disk opens Bolt files, copies them compact, and says in words what is the matter with one: damaged, locked, no room. It knows nothing of what they hold but that a
// bucket "meta" has a "version".
package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// ErrLocked is wrapped by Open when another process has the file.
var ErrLocked = errors.New("in use by another copytaster")

// A file grows by a sixteenth, within these bounds: each step costs a sync, and what is not used yet is wasted.
const (
	leastGrowth = 256 << 10
	mostGrowth  = 16 << 20
)

// Growth is by how much a file of a size is made longer, at least.
func Growth(size int64) int { return int(min(max(size/16, leastGrowth), mostGrowth)) }

// mapped is how much address space is taken at first, so that a growing file is seldom mapped anew, for which every reader is waited: it
// costs no memory. Windows would make the file as long, and 32 bits have no room.
func mapped() int {
	if runtime.GOOS == "windows" || strconv.IntSize == 32 {
		return 16 << 20
	}
	return 1 << 30
}

// Open opens the file, or makes it, with the options that all files of ours have. It waits so long for the lock, then gives an error that wraps ErrLocked. The file is never
// longer than maxSize; 0: whatever it needs. Every commit is synced.
func Open(name string, maxSize int64, patience time.Duration) (*bolt.DB, error) {
	if err := whole(name); err != nil {
		return nil, err
	}
	b, err := bolt.Open(name, 0o600, &bolt.Options{Timeout: patience, FreelistType: bolt.FreelistMapType, InitialMmapSize: mapped(), MaxSize: int(maxSize)})
	if err != nil {
		return nil, worded(err)
	}
	b.AllocSize = leastGrowth
	return b, nil
}

// OpenReadOnly opens a file to look at it.
func OpenReadOnly(name string) (*bolt.DB, error) {
	if err := whole(name); err != nil {
		return nil, err
	}
	b, err := bolt.Open(name, 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return nil, worded(err)
	}
	return b, nil
}

// worded is an error of opening a file in our words.
func worded(err error) error {
	var path *fs.PathError
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return ErrLocked
	case errors.Is(err, fs.ErrNotExist) && errors.As(err, &path):
		return fmt.Errorf("the folder %s does not exist (make it, or mount its disk)", filepath.Dir(path.Path))
	case errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

// Check looks at every page of the file and calls found with what is wrong, in words.
func Check(b *bolt.DB, found func(string)) error {
	return Guard(func() error {
		return b.View(func(tx *bolt.Tx) error {
			for err := range tx.Check() {
				if words, thrown := strings.CutPrefix(err.Error(), "panic: "); thrown { // Bolt's, which looks no further then
					found("pages that cannot be read: " + strings.TrimPrefix(words, "assertion failed: "))
				} else {
					found(err.Error())
				}
			}
			return nil
		})
	})
}
