package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// The endings of the files beside the database that are being made. What a crash leaves of them is removed when the database is opened.
const (
	suffixNew  = ".new"
	suffixCopy = ".copy"
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

// Compact copies what the file holds into a new one, which takes its place. Who reads meanwhile reads the old file; who writes waits. After an
// error the old file is still there and in use, unless the error says that it could not be opened again.
func (db *DB) Compact() error {
	db.writing.Lock()
	defer db.writing.Unlock()
	fresh := db.name + suffixNew
	if err := db.copyTo(fresh); err != nil {
		return errors.Join(fmt.Errorf("compact %s: %w", db.name, err), removed(fresh))
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
		renamed = syncFolder(filepath.Dir(db.name))
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
	return db.named(errors.Join(err, dst.Close()))
}

// Backup writes a compact copy of one consistent state into the file, which appears when it is whole; one that is there already is replaced.
// Who writes to the database waits as long as it is copied on its own disk; a slow or full disk of the backup holds nobody up.
func (db *DB) Backup(name string) error {
	near := db.name + suffixCopy
	if err := db.snapshot(near); err != nil {
		return errors.Join(fmt.Errorf("backup of %s: %w", db.name, err), removed(near))
	}
	return errors.Join(moveFile(near, name), removed(near))
}

func (db *DB) snapshot(name string) error {
	db.writing.Lock()
	defer db.writing.Unlock()
	db.swap.RLock()
	defer db.swap.RUnlock()
	return db.copyTo(name)
}

func removed(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
