package daemon

import (
	"context"
	"fmt"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// statusEvery is how often systemctl status is told how the feeds are.
const statusEvery = time.Minute

// Notify is a side of Run that tells systemd, where it is there and asked for it (Type=notify), that the daemon is ready, how its feeds are and when it stops, and
// keeps its watchdog quiet as long as the database answers.
func (d *Daemon) Notify(ctx context.Context) error {
	if ok, err := daemon.SdNotify(false, daemon.SdNotifyReady); err != nil || !ok {
		if err != nil {
			d.Log.Warn("systemd", "err", err)
		}
		return nil
	}
	defer daemon.SdNotify(false, daemon.SdNotifyStopping)
	every := statusEvery
	if patience, err := daemon.SdWatchdogEnabled(false); err == nil && patience > 0 {
		every = min(every, patience/2)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	var told time.Time
	for {
		if d.alive() == nil {
			daemon.SdNotify(false, daemon.SdNotifyWatchdog)
		}
		if time.Since(told) >= statusEvery {
			told = time.Now()
			daemon.SdNotify(false, "STATUS="+d.words())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// words say how the daemon does, in a line.
func (d *Daemon) words() string {
	if words := d.Trouble(); words != "" {
		return "nothing can be stored: " + words
	}
	p, err := d.Present()
	if err != nil {
		return err.Error()
	}
	troubled := 0
	for _, f := range p.Feeds {
		if f.Health != "well" && f.Health != "disabled" {
			troubled++
		}
	}
	return fmt.Sprintf("%d feeds, %d of them in trouble; %d items", len(p.Feeds), troubled, p.Items)
}
