package keeper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/archive"
	"copytaster/cmd/copytaster/ingest"
	"copytaster/cmd/copytaster/table"
	"copytaster/config"
)

func importCommand(load func(*cobra.Command) (*config.Config, error)) *cobra.Command {
	return &cobra.Command{
		Use: "import [FILE]", Short: "Make the database of what export --format jsonl wrote",
		Long: `Import reads what copytaster export --format jsonl wrote, from FILE or standard input, and makes the configured database of it, which must not be there yet. What
was written with --everything gives the same database again; of items alone the stories are made anew, as they were folded.`,
		Example: "  copytaster export --format jsonl --everything > all.jsonl\n  copytaster import all.jsonl",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("want one FILE at most, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			if _, err := os.Stat(cfg.Database); !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s is there already; move it away first", cfg.Database)
			}
			in := cmd.InOrStdin()
			total := 0
			if len(args) == 1 {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				if info, err := f.Stat(); err == nil {
					total = int(info.Size())
				}
				in = f
			}
			n, err := archive.Read(in, cfg.Database, ingest.Sketch, bar(cmd, "import", total))
			if err != nil {
				return err
			}
			return say(cmd.OutOrStdout(), "%s: %d items", cfg.Database, n)
		},
	}
}

// bar shows how many MB of a file are done, nil if its size is not known.
func bar(cmd *cobra.Command, what string, total int) func(done int) {
	const mb = 1_000_000
	if total < mb {
		return nil
	}
	show := table.Progress(cmd.ErrOrStderr(), what, "MB")
	return func(done int) { show(done/mb, total/mb) }
}
