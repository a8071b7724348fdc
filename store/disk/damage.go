package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"

	"copytaster/store/pages"
)

// ErrDamaged is wrapped by errors that a file gives whose bytes are not what was written. It is never written to after that; Salvage brings
// out what can be read.
var ErrDamaged = errors.New("damaged (copytaster fsck says where, fsck --salvage brings out what can be read)")

// Guard runs f and turns what Bolt throws at bytes that make no sense, or at pages that are not there, into an error. Other panics are
// mistakes of the program and go on.
func Guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			if !thrownByBolt() {
				panic(r)
			}
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	return f()
}

// thrownByBolt reports whether the function that panicked is Bolt's. It is called by the one that recovers.
func thrownByBolt() bool {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") {
			return strings.HasPrefix(f.Function, "go.etcd.io/bbolt")
		}
		if !more {
			return false
		}
	}
}

// whole reports a file that is shorter than what it says of itself. Bolt would be thrown out of it, and keep its lock.
func whole(name string) error {
	in, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil || info.Size() == 0 || !info.Mode().IsRegular() {
		return err
	}
	f, err := pages.Open(in, info.Size(), func(string) {})
	if err != nil {
		return err
	}
	if n := f.Cut(); n > 0 {
		return fmt.Errorf("%w: cut short by %d bytes", ErrDamaged, n)
	}
	return nil
}

// Full reports whether the error says that there was no room, or no leave, to write: on the disk, in the quota, in what Open was given. What a
// transaction wanted to write is then not written, the file is as it was, and the same may go well later.
func Full(err error) bool {
	if err == nil {
		return false
	}
	said := err.Error() // Bolt words the system's error anew where it makes the file longer
	for _, e := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EDQUOT, syscall.EFBIG, syscall.EACCES, syscall.EPERM, berrors.ErrMaxSizeReached, berrors.ErrDatabaseReadOnly} {
		if errors.Is(err, e) || strings.HasSuffix(said, ": "+e.Error()) {
			return true
		}
	}
	return false
}
