package daemon

import (
	"context"
	"net/netip"
	"net/url"
	"strings"

	"copytaster/cmd/copytaster/daemon/hub"
	"copytaster/cmd/copytaster/edition"
	"copytaster/config"
	"copytaster/store"
)

// Place is where the configuration's feeds and pages are. The domain in the ids of stories is the one that is configured, else the one that
// the database has fixed, else that of the address, if it is a name that can be asked for anywhere.
func Place(cfg *config.Config, db *store.DB) (edition.Place, error) {
	p := edition.Place{Home: Home(cfg), IDs: cfg.IDs, Hub: cfg.Hub}
	if p.IDs != "" {
		return p, nil
	}
	err := db.View(func(tx *store.Tx) error {
		host, fixed := tx.Host()
		if !fixed {
			host = publicName(cfg.Address)
		}
		p.IDs = host
		return nil
	})
	return p, err
}

// place is where feeds and pages are, and makes the domain that the first feeds have in their ids stay, whatever address the configuration
// has later.
func (d *Daemon) place(cfg *config.Config) (edition.Place, error) {
	p, err := Place(cfg, d.DB)
	if err != nil {
		return p, err
	}
	fixed := false
	err = d.DB.View(func(tx *store.Tx) error {
		host, ok := tx.Host()
		fixed = ok && host == p.IDs
		return nil
	})
	if err != nil || fixed {
		return p, err
	}
	return p, d.DB.Update(func(tx *store.Tx) error { return tx.SetHost(p.IDs) })
}

// announce tells the hub, if there is one, of the exports that have changed. Of several daemons the leader does.
func (d *Daemon) announce(ctx context.Context, to *hub.Announcer) error {
	cfg := d.config()
	p, err := d.place(cfg)
	if err != nil || cfg.NATS.URL != "" && d.part.Leader() == nil {
		return err
	}
	return to.Announce(ctx, p, cfg.Exports, d.Live().Export)
}

// publicName is the host of an address that is a domain name of two parts or more, else empty.
func publicName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	name := strings.ToLower(u.Hostname())
	if _, err := netip.ParseAddr(name); err == nil || !strings.Contains(name, ".") {
		return ""
	}
	return name
}
