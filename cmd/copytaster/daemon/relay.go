package daemon

import (
	"context"

	"copytaster/cmd/copytaster/daemon/part"
	"copytaster/cmd/copytaster/ingest"
	"copytaster/cmd/copytaster/relay"
	"copytaster/fetch"
)

// relayed is work where others poll.
func (d *Daemon) relayed(ctx context.Context, done func(ingest.Result)) error {
	return d.part.Run(ctx, part.Options{NATS: d.Config.NATS, Lease: d.Lease, DB: d.DB, Log: d.Log, Polled: d.logPoll, Lead: d.lead,
		Ingest: func(ctx context.Context, in <-chan ingest.Delivery, stored func()) error {
			return d.ingest(ctx, in, func(r ingest.Result) {
				stored()
				done(r)
			})
		}})
}

// lead schedules until ctx ends. A Reload before it takes the lock gave it the configuration, one after tells the polling side.
func (d *Daemon) lead(ctx context.Context, l *relay.Leader) error {
	d.reloading.Lock()
	cfg := d.config()
	opt := d.fetching(cfg)
	client := d.client.With(opt)
	d.client = client
	d.reloading.Unlock()
	if err := l.Settle(ctx, relay.SettingsOf(opt, cfg.Fetch.Callback)); err != nil {
		return err
	}
	states, err := states(d.DB)
	if err != nil {
		return err
	}
	return client.Run(ctx, cfg.Feeds, states, d.changes, func(v fetch.Delivery) error { return l.Deliver(ctx, v) })
}
