package keeper

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"copytaster/cmd/copytaster/control"
	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/relay"
	"copytaster/cmd/copytaster/table"
	"copytaster/config"
)

// watchEvery is how often status --watch looks again.
const watchEvery = 5 * time.Second

func statusCommand(load func(*cobra.Command) (*config.Config, error)) *cobra.Command {
	var asJSON, watch bool
	cmd := &cobra.Command{
		Use: "status", Short: "Say how every feed is, in words",
		Long: `Status shows every feed with its health in words: the items that are stored of it and how many come a day, the share of agency copy in what its outlet brought in
the last week, when it last had news, and when it is asked next. A daemon that runs is asked; without one the database is read.`,
		Example: "  copytaster status\n  copytaster status --json\n  copytaster status --watch",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			show := showReport
			if asJSON {
				show = printJSON
			}
			if watch {
				return keepShowing(cmd.Context(), cmd.OutOrStdout(), cfg, show)
			}
			r, err := ask(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			return show(cmd.OutOrStdout(), r)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&watch, "watch", false, "look again every 5 seconds until stopped")
	return cmd
}

// ask asks the daemon how it does, or looks itself where none runs.
func ask(ctx context.Context, cfg *config.Config) (r daemon.Report, err error) {
	if err := there(cfg.Database); err != nil {
		return r, err
	}
	var answer bytes.Buffer
	err = control.Ask(ctx, cfg.Database, "status", nil, &answer)
	if err == nil {
		return r, json.Unmarshal(answer.Bytes(), &r)
	}
	if !errors.Is(err, control.ErrNoDaemon) {
		return r, err
	}
	db, err := openToRead(cfg.Database)
	if err != nil {
		return r, err
	}
	r, err = daemon.ReadReport(db, cfg.Feeds, daemon.Clock())
	return r, errors.Join(err, db.Close())
}

// clear puts the cursor of a terminal to the top left and erases what is below it.
const clear = "\x1b[H\x1b[2J"

func keepShowing(ctx context.Context, out io.Writer, cfg *config.Config, show func(io.Writer, daemon.Report) error) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		r, err := ask(ctx, cfg)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil && table.IsTerminal(out) {
			_, err = io.WriteString(out, clear)
		}
		if err == nil {
			err = show(out, r)
		}
		if err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func printJSON(out io.Writer, r daemon.Report) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

func showReport(out io.Writer, r daemon.Report) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "OUTLET\tITEMS\tA DAY\tWIRE\tNEWS (UTC)\tNEXT POLL (UTC)\tHEALTH\tFEED")
	for _, h := range r.Feeds {
		fmt.Fprintf(w, "%s\t%d\t%.1f\t%d %%\t%s\t%s\t%s\t%s\n", table.Shorten(h.Outlet, 30), h.Items, h.Daily, table.Percent(h.Wire), table.Minute(h.Changed),
			table.Minute(h.Next), h.Words, h.URL)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	troubled := len(slices.DeleteFunc(slices.Clone(r.Feeds), func(h daemon.Health) bool { return h.Well }))
	running := "no daemon runs"
	if r.Running {
		running = "the daemon runs"
	}
	if r.Trouble != "" {
		running += ": " + r.Trouble
	}
	if r.Cluster != nil {
		if err := showCluster(out, *r.Cluster); err != nil {
			return err
		}
	}
	return say(out, "\n%d feeds, %d of them in trouble; %d items in %s (%.1f MiB); %s", len(r.Feeds), troubled, r.Items, r.Database, float64(r.Size)/(1<<20), running)
}

// showCluster says who polls and stores beside this program.
func showCluster(out io.Writer, c relay.Present) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nFETCHER\tWORKERS\tPOLLING\tPOLLED\tSHARE OF THE HOSTS")
	all := 0
	for _, f := range c.Fetchers {
		all += f.Partitions
	}
	for _, f := range c.Fetchers {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d %%\n", f.Name, f.Workers, f.Polls, f.Done, table.Percent(float64(f.Partitions)/float64(max(all, 1))))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, s := range c.Standby {
		if err := say(out, "%s stands by, %d deliveries behind", s.Name, s.Lag); err != nil {
			return err
		}
	}
	leader := c.Leader + " leads"
	switch {
	case c.Leads:
		leader = "this program leads"
	case c.Leader == "":
		leader = "nobody leads"
	}
	if c.Trouble != "" {
		leader += "; NATS does not answer: " + c.Trouble
	}
	return say(out, "stream %s: %s; %d fetchers; %d feeds wait to be polled, %d deliveries to be stored; %.1f MiB of %.0f", c.Stream, leader, len(c.Fetchers), c.Orders, c.Lag,
		float64(c.Bytes)/(1<<20), float64(c.Most)/(1<<20))
}
