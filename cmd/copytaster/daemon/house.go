package daemon

import (
	"context"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"copytaster/cmd/copytaster/ingest"
	"copytaster/fetch"
	"copytaster/fetch/state"
	"copytaster/store"
)

// The database is made smaller when more than half of the file is free and the file is not small anyway. It is copied at 60 to 120 MB/s meanwhile, and
// what wants to write waits that long.
const (
	smallFile = 16 << 20
	nearlyAll = 0.9 // the part of max_size beyond which days are dropped before their time
)

// keepHouse runs the regular jobs: retention and compaction, at first and at twenty past every hour.
func (d *Daemon) keepHouse(ctx context.Context) error {
	if err := d.retain(); err != nil {
		return err
	}
	jobs := cron.New()
	failed := make(chan error, 1)
	_, err := jobs.AddFunc("20 * * * *", func() {
		if err := d.retain(); err != nil {
			select {
			case failed <- err:
			default:
			}
		}
	})
	if err != nil {
		return err
	}
	jobs.Start()
	defer func() { <-jobs.Stop().Done() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// retain drops what is older than the configuration keeps, or, where the database is nearly as long as it may be, the oldest days before their time; but
// nothing that the index may still hold. Then it gives the disk back what is free. No room to do it in is no reason to end.
func (d *Daemon) retain() error {
	now := d.Now()
	floor := now.Add(-d.config().Stories.Window - ingest.Margin)
	cutoff := now.Add(-d.config().Retention)
	if floor.Before(cutoff) {
		cutoff = floor
	}
	err := d.dropBefore(cutoff)
	if err == nil {
		err = d.dropToFit(floor)
	}
	if err == nil {
		err = d.shrink()
	}
	if store.Full(err) {
		d.Log.Error("retention", "err", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	return nil
}

// dropBefore drops the days before the cutoff, one after the other.
func (d *Daemon) dropBefore(cutoff time.Time) error {
	wanted := map[string]bool{}
	for _, f := range d.config().Feeds {
		wanted[f.URL] = true
	}
	for more := true; more; {
		var items, stories []string
		err := d.DB.Update(func(tx *store.Tx) (err error) {
			known := shown(tx)
			items, stories, more, err = tx.Drop(cutoff, func(feed, guid string) bool { return wanted[feed] && known(feed, guid) })
			return err
		})
		if err != nil {
			return err
		}
		if len(items) > 0 {
			d.Log.Info("retention", "items", len(items), "stories", len(stories))
			d.revision.Add(1)
		}
	}
	return d.forget(wanted)
}

// shown says whether a feed showed an item with the guid lately. It reads the states only of feeds that it is asked for.
func shown(tx *store.Tx) func(feed, guid string) bool {
	states := map[string]fetch.State{}
	return func(feed, guid string) bool {
		s, read := states[feed]
		if !read {
			s, _ = state.Decode(tx.State(feed)) // one that cannot be read shows nothing
			states[feed] = s
		}
		return s.Shows(guid)
	}
}

// forget drops the states of feeds that are neither configured nor have an item left.
func (d *Daemon) forget(wanted map[string]bool) error {
	var orphans []string
	err := d.DB.View(func(tx *store.Tx) error {
		counts := tx.Counts()
		for feed := range tx.States() {
			if !wanted[feed] && counts[feed] == 0 {
				orphans = append(orphans, feed)
			}
		}
		return nil
	})
	if err != nil || len(orphans) == 0 {
		return err
	}
	return d.DB.Update(func(tx *store.Tx) error {
		for _, feed := range orphans {
			if err := tx.DropState(feed); err != nil {
				return err
			}
		}
		return nil
	})
}

// dropToFit drops the oldest days until what is stored fits into max_size with something to spare, but none after the floor.
func (d *Daemon) dropToFit(floor time.Time) error {
	for {
		u, err := d.DB.Usage()
		if err != nil || d.config().MaxSize == 0 || float64(u.Size-u.Free) < nearlyAll*float64(d.config().MaxSize) {
			return err
		}
		var oldest time.Time
		if err := d.DB.View(func(tx *store.Tx) error { oldest = tx.OldestDay(); return nil }); err != nil {
			return err
		}
		cutoff := oldest.AddDate(0, 0, 1)
		if oldest.IsZero() || cutoff.After(floor) {
			d.Log.Error("the database is nearly as long as max_size allows, and holds only what stories are still gathered from: give it more room, or fewer feeds",
				"bytes", u.Size-u.Free, "max_size", d.config().MaxSize)
			return nil
		}
		d.Log.Warn("max_size: dropping a day before its time", "day", oldest.Format(time.DateOnly))
		if err := d.dropBefore(cutoff); err != nil {
			return err
		}
	}
}

// shrink compacts the database if more than half of it is free.
func (d *Daemon) shrink() error {
	u, err := d.DB.Usage()
	if err != nil || u.Size < smallFile || u.Free*2 <= u.Size {
		return err
	}
	if err := d.DB.Compact(); err != nil {
		return err
	}
	d.Log.Info("compacted", "before", u.Size, "after", d.DB.Size())
	return nil
}
