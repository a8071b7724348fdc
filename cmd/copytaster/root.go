package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/bench"
	"copytaster/cmd/copytaster/keeper"
	"copytaster/store"
)

// usageError is a mistake in how the program was called: exit status 2.
type usageError struct{ error }

// run carries out one call of the program. It returns nil for what ended well, also for a daemon that was told to stop.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return root.ExecuteContext(ctx)
}

// report prints the error, if any, as one line and returns the exit status.
func report(stderr io.Writer, err error) int {
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "copytaster: %v (copytaster --help shows how it is called)\n", err)
		return 2
	}
	fmt.Fprintf(stderr, "copytaster: %v%s\n", err, hint(err))
	return 1
}

// hint says what can be done about an error whose own words do not.
func hint(err error) string {
	switch {
	case errors.Is(err, store.ErrLocked):
		return " (stop it first)"
	case errors.Is(err, fs.ErrPermission):
		return " (check who owns the file and its folder)"
	}
	return ""
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "copytaster",
		Short: "Fold the copies of one agency story, of many news feeds, into one merged feed",
		Long: `Copytaster polls RSS, Atom and JSON feeds, strips what outlets put around their articles, recognises agency copy that many
outlets carry, folds the copies into one story, and gives back merged feeds in which every story stands once.`,
		Example: `  copytaster demo            see it at work on a made-up newsroom
  copytaster init            write an example configuration
  copytaster run             poll, fold, export and serve until stopped`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().String("config", "copytaster.yaml", "configuration `FILE`")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(runCommand(), demoCommand(), initCommand(), checkCommand(), exportCommand(), reloadCommand(), resumeCommand(),
		fetcherCommand(), whyCommand(), explainCommand(), refoldCommand(), opmlCommand(), boilerplateCommand(),
		parseCommand(), extractCommand(), cleanCommand(), clusterCommand(), versionCommand(), manCommand())
	for _, cmd := range append(keeper.Commands(loadConfig), bench.Command(version())) {
		args := cmd.Args
		cmd.Args = func(cmd *cobra.Command, list []string) error {
			if err := args(cmd, list); err != nil {
				return usageError{err}
			}
			return nil
		}
		root.AddCommand(cmd)
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}

func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("unknown argument %q", args[0])}
	}
	return nil
}

// one is for commands that take one thing, such as a URL.
func one(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError{fmt.Errorf("want one %s, got %d (quote what has blanks)", what, len(args))}
		}
		return nil
	}
}

// atMostOne is for commands that take a file or, without one, standard input.
func atMostOne(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError{fmt.Errorf("one FILE at most, got %s", strings.Join(args, " "))}
	}
	return nil
}

// fileOr is for commands that take a file, or with --batch standard input only.
func fileOr(batch *bool) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if *batch && len(args) > 0 {
			return usageError{errors.New("--batch reads standard input, it takes no FILE")}
		}
		return atMostOne(cmd, args)
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArgs,
		Example: "  copytaster version",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "copytaster", version())
			return err
		},
	}
}

// version is the module's as the Go tool stamped it, or "devel".
func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" && b.Main.Version != "(devel)" {
		return b.Main.Version
	}
	return "devel"
}
