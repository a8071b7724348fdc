package daemon

import (
	"net/http"
	"slices"
	"time"

	"copytaster"
	"copytaster/config"
	"copytaster/export"
	"copytaster/store"
	"copytaster/web"
	"copytaster/web/view"
)

// serveSite answers as the configuration in force wants it.
// Hubs have a door of their own: they know neither password nor the name under which readers come.
func (d *Daemon) serveSite(w http.ResponseWriter, r *http.Request) {
	if d.config().Fetch.Callback != "" && d.hubs.Wants(r) {
		d.hubs.ServeHTTP(w, r)
		return
	}
	(*d.site.Load()).ServeHTTP(w, r)
}

// build makes the site anew, from the configuration in force.
func (d *Daemon) build() {
	h := d.handler(d.config())
	d.site.Store(&h)
}

// handler is the web's, fed from the database.
func (d *Daemon) handler(cfg *config.Config) http.Handler {
	p, err := d.place(cfg)
	if err != nil {
		d.Log.Error("domain of ids", "err", err)
	}
	o := web.Options{Base: p.Home, Host: p.IDs, Hosts: hostNames(cfg), Log: d.Log,
		User: cfg.Auth.User, Password: cfg.Auth.Password, Token: cfg.Auth.Token}
	if d.Metrics != nil {
		o.Metrics = d.Metrics.Handler()
	}
	return web.New(web.Source{
		Stories:  d.Live().Page,
		Brief:    d.Live().Brief,
		Story:    d.Reader().Story,
		Export:   d.exportFor,
		Exports:  d.exports,
		Feeds:    d.feedStatus,
		Learned:  d.learned.of(d.DB, d.Now),
		Folds:    d.Live().Folds,
		Image:    d.images(cfg),
		Revision: d.version,
		Health:   d.alive,
		Ready:    d.ready,
		Version:  d.Version,
	}, o)
}

// exportFor gives an export, or the archive of one of its days, as the web shows it.
func (d *Daemon) exportFor(name, format string, day time.Time) (c export.Channel, stories []copytaster.Story, found bool, err error) {
	cfg := d.config()
	i := slices.IndexFunc(cfg.Exports, func(e config.Export) bool { return e.Name == name })
	if i < 0 || !slices.Contains(cfg.Exports[i].Formats, format) {
		return c, nil, false, nil
	}
	e := cfg.Exports[i]
	p, err := Place(cfg, d.DB)
	if err != nil {
		return c, nil, true, err
	}
	if day.IsZero() {
		stories, err = d.Live().Export(e)
		return p.Channel(e, format, stories), stories, true, err
	}
	stories, older, newer, err := d.Live().Archive(e, day)
	return p.Archive(e, format, day, older, newer), stories, len(stories) > 0, err
}

// changed is a number that is another after every change of the stories, by whatever part of the program, and of the configuration.
func (d *Daemon) changed() uint64 {
	n := d.revision.Load()
	err := d.DB.View(func(tx *store.Tx) error {
		n += tx.Revision()
		return nil
	})
	if err != nil {
		d.Log.Error("revision", "err", err)
	}
	return n
}

// version is a number that is another after every change of what the pages show, so that an error stays one.
func (d *Daemon) version() uint64 {
	v, err := d.Live().Version()
	if err != nil {
		d.Log.Error("catalogue", "err", err)
		return d.changed()
	}
	return v
}

func (d *Daemon) exports() (list []web.ExportEntry) {
	for _, e := range d.config().Exports {
		list = append(list, web.ExportEntry{Name: e.Name, Title: e.Title, Formats: e.Formats})
	}
	return list
}

func (d *Daemon) feedStatus() (list []view.Feed) {
	cfg := d.config()
	feeds, err := ReadHealth(d.DB, cfg.Feeds, d.Now())
	if err != nil {
		d.Log.Error("status", "err", err)
		return nil
	}
	for i, h := range feeds {
		f := cfg.Feeds[i]
		list = append(list, view.Feed{URL: h.URL, Outlet: h.Outlet, Words: h.Words, OK: h.Well, Disabled: f.Disabled,
			LastSuccess: h.Success, NextPoll: h.Next, Items: h.Items, Tags: f.Tags, Language: f.Language})
	}
	return list
}
