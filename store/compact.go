package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"copytaster/store/file"

	bolt "go.etcd.io/bbolt"
)

// The endings of the files beside the database that are being made: by Compact and migrations, and by Snapshot, with a number behind it. What a crash leaves of them is removed when the
// database is opened.
const (
	NewEnding  = ".new"
	CopyEnding = ".copy-"
)

// copyStep is how many bytes go into one transaction of a copy: few syncs, little memory.
const copyStep = 16 << 20

// Usage is how long the file is and how much of it is free, in bytes.
type Usage struct{ Size, Free int64 }

// Usage measures the file.
func (db *DB) Usage() (u Usage, err error) {
	db.writing.Lock()
	defer db.writing.Unlock()
	db.swap.RLock()
	defer db.swap.RUnlock()
	var end int64 // of the pages that were ever used
	err = guard(func() error {
		tx, err := db.bolt.Begin(true) // Bolt counts its free pages when a transaction that may write ends
		if err != nil {
			return err
		}
		end = tx.Size()
		return tx.Rollback()
	})
	s := db.bolt.Stats()
	free := int64(s.FreePageN+s.PendingPageN) * int64(db.bolt.Info().PageSize)
	size := db.Size()
	return Usage{Size: size, Free: size - end + free}, db.named(err)
}

// Compact copies what the file holds into a new one, which takes its place if it is shorter. Who reads meanwhile reads the old file; who writes waits. After an
// error the old file is still there and in use, unless the error says that it could not be opened again.
func (db *DB) Compact() error {
	db.writing.Lock()
	defer db.writing.Unlock()
	fresh := db.name + NewEnding
	if err := db.copyTo(fresh); err != nil {
		return errors.Join(fmt.Errorf("compact %s: %w", db.name, err), removed(fresh))
	}
	if info, err := os.Stat(fresh); err != nil || info.Size() >= db.Size() {
		return errors.Join(err, removed(fresh))
	}
	db.swap.Lock()
	defer db.swap.Unlock()
	return db.exchange(fresh)
}

// exchange puts the file fresh, which is whole and synced, in the place of the database. No transaction must run.
func (db *DB) exchange(fresh string) error {
	if err := db.bolt.Close(); err != nil {
		return err
	}
	renamed := os.Rename(fresh, db.name)
	if renamed == nil {
		renamed = file.SyncFolder(filepath.Dir(db.name))
	}
	b, err := openBolt(db.name, db.opt, 10*time.Second)
	if err != nil {
		return errors.Join(renamed, fmt.Errorf("database %s: opening it again: %w", db.name, err))
	}
	db.bolt = b
	return renamed
}

// copyTo writes a compact copy into a new file, synced. Nothing must write to the database meanwhile.
func (db *DB) copyTo(name string) error {
	if err := removed(name); err != nil {
		return err
	}
	dst, err := openBolt(name, Options{}, time.Second)
	if err != nil {
		return err
	}
	err = guard(func() error { return bolt.Compact(dst, db.bolt, copyStep) })
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
	return db.named(err)
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

// Snapshot writes a compact copy of one consistent state into a new file beside the database and returns its name; the caller removes it, or else the
// next opening of the database does. Who writes to the database waits as long as it is copied, on its own disk: what is slow, or full, or
// far away is left to the caller. No transaction is held meanwhile that would make the database grow.
func (db *DB) Snapshot() (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(db.name), filepath.Base(db.name)+CopyEnding+"*")
	if err != nil {
		return "", err
	}
	name = f.Name()
	db.writing.Lock()
	defer db.writing.Unlock()
	db.swap.RLock()
	defer db.swap.RUnlock()
	if err := errors.Join(f.Close(), db.copyTo(name)); err != nil {
		return "", errors.Join(fmt.Errorf("copy of %s: %w", db.name, err), removed(name))
	}
	return name, nil
}

// Backup writes a compact copy of one consistent state into the file, which appears when it is whole; one that is there already is replaced. Where there is no room,
// or no leave, for a copy beside the database, the file becomes as long as that is.
func (db *DB) Backup(name string) error {
	near, err := db.Snapshot()
	if Full(err) {
		return db.duplicate(name)
	}
	if err != nil {
		return err
	}
	return errors.Join(file.Copy(near, name), removed(near))
}

// duplicate writes all pages of the database into the file.
func (db *DB) duplicate(name string) error {
	return db.View(func(tx *Tx) error {
		return file.Replace(name, 0o600, func(w io.Writer) error {
			_, err := tx.tx.WriteTo(w)
			return err
		})
	})
}

func removed(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// sweep removes what a crash left beside the database.
func (db *DB) sweep() error {
	dir := filepath.Dir(db.name)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if rest, ok := strings.CutPrefix(e.Name(), filepath.Base(db.name)); ok && (rest == NewEnding || strings.HasPrefix(rest, CopyEnding)) {
			if err := removed(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
