// Package keeper has the commands of who keeps the program running: status, backup, restore, compact, fsck and import. They ask the daemon that has the database, or open
// it themselves where none runs.
package keeper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/control"
	"copytaster/config"
	"copytaster/store"
)

// Commands lists the commands. Load reads the configuration that a call of the program names.
func Commands(load func(*cobra.Command) (*config.Config, error)) []*cobra.Command {
	return []*cobra.Command{statusCommand(load), backupCommand(load), restoreCommand(load), compactCommand(load), fsckCommand(load), importCommand(load)}
}

// OpenExisting opens a database that must be there already.
func OpenExisting(name string) (*store.DB, error) {
	if err := there(name); err != nil {
		return nil, err
	}
	return store.Open(name)
}

func there(name string) error {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database %s yet (copytaster run makes it)", name)
	}
	return nil
}

// openToRead opens a database that must be there already, also where it cannot be written.
func openToRead(name string) (*store.DB, error) {
	db, err := OpenExisting(name)
	if store.Full(err) {
		return store.OpenReadOnly(name)
	}
	return db, err
}

// View runs f on the database: on the file, or, if a daemon has it, on a copy that the daemon makes of its present state. F must only read.
func View(ctx context.Context, name string, f func(*store.DB) error) error {
	db, err := openToRead(name)
	if errors.Is(err, store.ErrLocked) {
		return viewCopy(ctx, name, err, f)
	}
	if err != nil {
		return err
	}
	return errors.Join(f(db), db.Close())
}

func viewCopy(ctx context.Context, name string, locked error, f func(*store.DB) error) error {
	snapshot, err := snapshotOf(ctx, name)
	if errors.Is(err, control.ErrNoDaemon) {
		return locked // by something else, or a daemon without a socket
	}
	if err != nil {
		return err
	}
	defer os.Remove(snapshot)
	db, err := store.OpenReadOnly(snapshot)
	if err != nil {
		return err
	}
	return errors.Join(f(db), db.Close())
}

// snapshotOf has the daemon copy its database, and returns the name of the copy, which the caller removes.
func snapshotOf(ctx context.Context, database string) (string, error) {
	var out strings.Builder
	if err := control.Ask(ctx, database, "snapshot", nil, &out); err != nil {
		return "", err
	}
	return strings.TrimSpace(out.String()), nil
}

// say prints a line.
func say(out io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(out, format+"\n", args...)
	return err
}

// exactly is for commands that take one file.
func exactly(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("want one %s, got %d", what, len(args))
		}
		return nil
	}
}

func none(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unknown argument %q", args[0])
	}
	return nil
}
