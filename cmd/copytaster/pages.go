package main

import (
	"net/http"
	"slices"

	"copytaster"
	"copytaster/cmd/copytaster/edition"
	"copytaster/config"
	"copytaster/export"
	"copytaster/web"
)

// handler is the web's, fed from the database.
func (d *daemon) handler() http.Handler {
	return web.New(web.Source{
		Stories:  d.reader().Page,
		Story:    d.reader().Story,
		Export:   d.exportFor,
		Exports:  d.exports,
		Feeds:    d.feedStatus,
		Revision: d.revision.Load,
		Version:  version(),
	}, web.Options{Base: home(d.cfg), Hosts: hostNames(d.cfg), Log: d.log})
}

// exportFor gives an export as the web shows it, with addresses of its own.
func (d *daemon) exportFor(name string) (export.Channel, []copytaster.Story, bool) {
	i := slices.IndexFunc(d.cfg.Exports, func(e config.Export) bool { return e.Name == name })
	if i < 0 {
		return export.Channel{}, nil, false
	}
	e := d.cfg.Exports[i]
	stories, err := d.reader().Export(e)
	if err != nil {
		d.log.Error("export", "name", name, "err", err)
		return export.Channel{}, nil, false
	}
	return edition.Channel(e, home(d.cfg)), stories, true
}

func (d *daemon) exports() (list []web.ExportEntry) {
	for _, e := range d.cfg.Exports {
		list = append(list, web.ExportEntry{Name: e.Name, Title: e.Title, Formats: e.Formats})
	}
	return list
}

func (d *daemon) feedStatus() (list []web.FeedStatus) {
	feeds, err := healthOf(d.db, d.cfg.Feeds, d.now())
	if err != nil {
		d.log.Error("status", "err", err)
		return nil
	}
	for i, h := range feeds {
		f := d.cfg.Feeds[i]
		list = append(list, web.FeedStatus{URL: h.URL, Outlet: h.Outlet, Words: h.Words, OK: h.Well, Disabled: f.Disabled,
			LastSuccess: h.Success, NextPoll: h.Next, Items: h.Items, Tags: f.Tags, Language: f.Language})
	}
	return list
}
