package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"copytaster/config"
	"copytaster/fetch/guard"
)

func initCommand() *cobra.Command {
	return &cobra.Command{
		Use: "init [FILE]", Short: "Write a commented example configuration",
		Long:    "Init writes an example configuration, every key explained, to FILE (copytaster.yaml). It never overwrites a file.",
		Example: "  copytaster init\n  copytaster init news.yaml",
		Args:    atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := cmd.Flags().GetString("config")
			if err != nil {
				return err
			}
			if len(args) == 1 {
				name = args[0]
			}
			f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("%s exists and is left as it is (name another file)", name)
			}
			if err != nil {
				return err
			}
			_, err = f.Write(config.Example)
			if err := errors.Join(err, f.Close()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %s; name your feeds in it, then: copytaster check, copytaster run\n", name)
			return err
		},
	}
}

func checkCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "Check the configuration and report every mistake",
		Example: "  copytaster check\n  copytaster check --config news.yaml",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			enabled := 0
			for _, f := range cfg.Feeds {
				if !f.Disabled {
					enabled++
				}
			}
			for _, f := range cfg.Feeds {
				if !f.Disabled && guard.Refuses(f.URL, cfg.Fetch.AllowPrivate) {
					fmt.Fprintf(cmd.ErrOrStderr(), "%s is not on the public Internet: it is not asked as long as fetch.allow_private does not name its network\n", f.URL)
				}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "no mistakes: %d feeds, %d of them enabled, %d exports\n", len(cfg.Feeds), enabled, len(cfg.Exports))
			return err
		},
	}
}

// loadConfig reads the file that --config names.
func loadConfig(cmd *cobra.Command) (*config.Config, error) {
	name, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	return config.Load(name)
}
