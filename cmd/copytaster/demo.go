package main

import (
	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/demo"
)

func demoCommand() *cobra.Command {
	var once bool
	var dir, addr string
	cmd := &cobra.Command{
		Use: "demo", Short: "Show the whole way on a made-up newsroom",
		Long: `Demo serves a made-up newsroom on loopback, fourteen outlets in three languages that share, cut, extend and re-headline agency
copy, and runs the real thing over it. Without --once it stays up: the pages can be browsed, and a second edition comes after a few seconds.`,
		Example: "  copytaster demo --once\n  copytaster demo --listen 127.0.0.1:9000 --dir /tmp/demo",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return demo.Run(cmd.Context(), cmd.OutOrStdout(), demo.Options{Dir: dir, Listen: addr, Once: once, Version: version()})
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "print what was found and end")
	cmd.Flags().StringVar(&dir, "dir", "", "`DIR` for the database and the merged feeds (a new temporary folder)")
	cmd.Flags().StringVar(&addr, "listen", "127.0.0.1:8765", "`ADDR` of the pages")
	return cmd
}
