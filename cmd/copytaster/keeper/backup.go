package keeper

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/control"
	"copytaster/config"
	"copytaster/store"
	"copytaster/store/file"
	"copytaster/store/fsck"
	"copytaster/store/pages"
)

func backupCommand(load func(*cobra.Command) (*config.Config, error)) *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: "Copy the database, also while the daemon runs",
		Long: `Backup writes a compact copy of one consistent state of the database into FILE, which appears when it is whole; an older FILE is replaced.
A daemon that runs goes on; what it stores waits as long as the database is copied on its own disk.`,
		Example: "  copytaster backup /mnt/backup/copytaster.db",
		Args:    exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			if err := errors.Join(there(cfg.Database), mayReplace(args[0], cfg.Database)); err != nil {
				return err
			}
			stop := follow(cmd.ErrOrStderr(), "backup", cfg.Database, store.CopyEnding)
			defer stop()
			snapshot, err := snapshotOf(cmd.Context(), cfg.Database)
			switch {
			case err == nil:
				err = errors.Join(file.Copy(snapshot, args[0]), os.Remove(snapshot))
			case errors.Is(err, control.ErrNoDaemon):
				err = backUp(cfg.Database, args[0])
			}
			if err != nil {
				return err
			}
			info, err := os.Stat(args[0])
			if err != nil {
				return err
			}
			return say(cmd.OutOrStdout(), "%s: %.1f MiB", args[0], float64(info.Size())/(1<<20))
		},
	}
}

// mayReplace says why a backup must not take the name: what stands there is the database itself, no plain file, or none of ours.
func mayReplace(name, database string) error {
	info, err := os.Lstat(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if own, err := os.Stat(database); err == nil && os.SameFile(info, own) {
		return fmt.Errorf("%s is the database itself (give the backup another name)", name)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no plain file, it is not replaced", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := pages.Open(f, info.Size(), func(string) {}); err != nil && info.Size() > 0 {
		return fmt.Errorf("%s is no database, it is not replaced (give the backup another name)", name)
	}
	return nil
}

// backUp copies a database that no daemon has.
func backUp(database, to string) error {
	db, err := openToRead(database)
	if err != nil {
		return err
	}
	return errors.Join(db.Backup(to), db.Close())
}

func restoreCommand(load func(*cobra.Command) (*config.Config, error)) *cobra.Command {
	return &cobra.Command{
		Use: "restore FILE", Short: "Put a backup in the place of the database",
		Long: `Restore checks the backup FILE and puts a copy of it in the place of the database. The present one, whatever state it is in, is kept under
another name beside it. The daemon must not run.`,
		Example: "  copytaster restore /mnt/backup/copytaster.db",
		Args:    exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			kept, err := restore(args[0], cfg.Database, time.Now().UTC())
			if err != nil {
				return err
			}
			if kept != "" {
				if err := say(cmd.OutOrStdout(), "the database of before is kept as %s", kept); err != nil {
					return err
				}
			}
			return say(cmd.OutOrStdout(), "%s is that of %s", cfg.Database, args[0])
		},
	}
}

// restore returns the name under which the database of before is kept, "" if there was none.
func restore(backup, database string, now time.Time) (kept string, err error) {
	wrong := 0
	var first string
	if err := fsck.Check(backup, func(s string) {
		if wrong++; wrong == 1 {
			first = s
		}
	}); err != nil {
		return "", err
	}
	if wrong > 0 {
		return "", fmt.Errorf("%s is not whole (%s), nothing was changed; copytaster fsck --salvage OUT %s brings out what can be read", backup, first, backup)
	}
	if there(database) == nil {
		db, err := store.Open(database)
		if errors.Is(err, store.ErrLocked) {
			return "", err
		}
		if err == nil {
			if err := db.Close(); err != nil {
				return "", err
			}
		}
		kept = database + ".before-" + now.Format("20060102T150405Z")
		if err := os.Link(database, kept); err != nil {
			if err := file.Copy(database, kept); err != nil { // a disk without links
				return "", err
			}
		}
	}
	return kept, file.Copy(backup, database)
}

func compactCommand(load func(*cobra.Command) (*config.Config, error)) *cobra.Command {
	return &cobra.Command{
		Use: "compact", Short: "Make the database's file as short as what it holds",
		Long: `Compact copies the database into a new file that takes its place when it is whole. The daemon does it by itself when more than half of the file is free;
one that runs is asked to do it.`,
		Example: "  copytaster compact",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			var said bytes.Buffer
			stop := follow(cmd.ErrOrStderr(), "compact", cfg.Database, store.NewEnding)
			err = control.Ask(cmd.Context(), cfg.Database, "compact", nil, &said)
			if errors.Is(err, control.ErrNoDaemon) {
				err = compact(cfg.Database, &said)
			}
			stop()
			_, errWrite := said.WriteTo(cmd.OutOrStdout())
			return errors.Join(err, errWrite)
		},
	}
}

// compact compacts a database that no daemon has.
func compact(name string, out io.Writer) error {
	db, err := OpenExisting(name)
	if err != nil {
		return err
	}
	before := db.Size()
	if err := errors.Join(db.Compact(), db.Close()); err != nil {
		return err
	}
	return say(out, "%.1f MiB before, %.1f MiB now", float64(before)/(1<<20), float64(db.Size())/(1<<20))
}

// maxNamed is how many faults are printed.
const maxNamed = 100

func fsckCommand(load func(*cobra.Command) (*config.Config, error)) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use: "fsck [FILE]", Short: "Check the database, or bring out what can be read of a damaged one",
		Long: `Fsck reads all of the database, or of FILE, and says what is wrong with it; it ends with status 1 then. It never writes to it. With --salvage OUT
what can be read is written into a new database OUT, which copytaster restore puts in place; feeds that may have lost an item are asked for everything again. The daemon must not run.`,
		Example: "  copytaster fsck\n  copytaster fsck /mnt/backup/copytaster.db\n  copytaster fsck --salvage saved.db",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("want one FILE at most, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				cfg, err := load(cmd)
				if err != nil {
					return err
				}
				args = []string{cfg.Database}
			}
			return check(cmd, args[0], out)
		},
	}
	cmd.Flags().StringVar(&out, "salvage", "", "write what can be read into the new database `OUT`")
	return cmd
}

func check(cmd *cobra.Command, name, salvage string) error {
	if err := there(name); err != nil {
		return err
	}
	wrong := 0
	show := func(what string) {
		if wrong++; wrong <= maxNamed {
			cmd.Println(what)
		}
		if wrong == maxNamed+1 {
			cmd.Println("…")
		}
	}
	if salvage == "" {
		if err := fsck.Check(name, show); err != nil {
			return err
		}
		if wrong > 0 {
			return fmt.Errorf("%s: %s (copytaster fsck --salvage OUT %s brings out what can be read)", name, count(wrong, "fault"), name)
		}
		return say(cmd.OutOrStdout(), "%s is whole", name)
	}
	s, err := fsck.Salvage(name, salvage, show)
	if err != nil {
		return err
	}
	return say(cmd.OutOrStdout(), "%s: %s in %s; %s lost; %s will be asked for everything again", salvage, count(s.Items, "item"), counted(s.Stories, "story", "stories"),
		count(s.Lost, "item"), count(s.Feeds, "feed"))
}

// count is a number of things: 1 fault, 2 faults.
func count(n int, thing string) string { return counted(n, thing, thing+"s") }

func counted(n int, one, many string) string {
	if n != 1 {
		one = many
	}
	return fmt.Sprintf("%d %s", n, one)
}
