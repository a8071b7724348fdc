package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"copytaster/store/disk"
	"copytaster/store/file"
)

// Usage is how long the file is and how much of it is free, in bytes.
type Usage struct{ Size, Free int64 }

// Usage measures the file.
func (db *DB) Usage() (u Usage, err error) {
	db.writing.Lock()
	defer db.writing.Unlock()
	db.swap.RLock()
	defer db.swap.RUnlock()
	var end int64 // of the pages that were ever used
	err = disk.Guard(func() error {
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
	if err := disk.Copy(db.bolt, fresh); err != nil {
		return errors.Join(fmt.Errorf("compact %s: %w", db.name, err), disk.Remove(fresh))
	}
	if info, err := os.Stat(fresh); err != nil || info.Size() >= db.Size() {
		return errors.Join(err, disk.Remove(fresh))
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
	b, err := disk.Open(db.name, db.opt.MaxSize, 10*time.Second)
	if err != nil {
		return errors.Join(renamed, fmt.Errorf("database %s: opening it again: %w", db.name, err))
	}
	db.bolt = b
	return renamed
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
	if err := errors.Join(f.Close(), disk.Copy(db.bolt, name)); err != nil {
		return "", errors.Join(fmt.Errorf("copy of %s: %w", db.name, err), disk.Remove(name))
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
	return errors.Join(file.Copy(near, name), disk.Remove(near))
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
