package disk

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

// The endings of the files beside the database that are being made: by compactions and migrations, and by snapshots, with a number behind it. What a crash leaves of them is removed by Sweep.
const (
	NewEnding  = ".new"
	CopyEnding = ".copy-"
)

// copyStep is how many bytes go into one transaction of a copy: few syncs, little memory.
const copyStep = 16 << 20

// Copy writes a compact copy of the file into a new one, synced. Nothing must be written to it meanwhile.
func Copy(src *bolt.DB, name string) error {
	if err := Remove(name); err != nil {
		return err
	}
	dst, err := Open(name, 0, time.Second)
	if err != nil {
		return err
	}
	err = Guard(func() error { return bolt.Compact(dst, src, copyStep) })
	if err == nil {
		err = errors.Join(touch(dst), touch(dst))
	}
	var used int64
	if err == nil {
		err = dst.View(func(tx *bolt.Tx) error { used = tx.Size(); return nil })
	}
	if err = errors.Join(err, dst.Close()); err == nil {
		err = trim(name, used)
	}
	return err
}

// trim cuts off what a file was made longer in advance.
func trim(name string, size int64) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(size), f.Sync(), f.Close())
}

// touch commits a transaction that changes nothing. Bolt's two meta pages take turns: after two such both lead to all that is in the file, and one
// of them that is damaged takes nothing with it.
func touch(b *bolt.DB) error {
	return b.Update(func(tx *bolt.Tx) error {
		meta := tx.Bucket([]byte("meta"))
		return meta.Put([]byte("version"), bytes.Clone(meta.Get([]byte("version"))))
	})
}

// Remove removes the file, if it is there.
func Remove(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Sweep removes what a crash left beside the file.
func Sweep(name string) error {
	dir := filepath.Dir(name)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if rest, ok := strings.CutPrefix(e.Name(), filepath.Base(name)); ok && (rest == NewEnding || strings.HasPrefix(rest, CopyEnding)) {
			if err := Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
