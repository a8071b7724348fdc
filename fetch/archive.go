package fetch

import (
	"context"
	"net/http"

	"copytaster"
	"copytaster/fetch/feed"
	"copytaster/fetch/guard"
	"copytaster/fetch/state"
)

// backfill reads the archives of a feed that was never read before: the documents before it, as RFC 5005 links them (prev-archive, or next
// where it is paged), Options.Backfill of them at most. It stays on the feed's host and asks as for article pages, one a second. What the
// archives hold beside the items is added to them; an archive that cannot be had ends it, and nothing is lost but what it would have given.
func (c *Client) backfill(ctx context.Context, f copytaster.Feed, d *Delivery, r response, items []copytaster.Item) []copytaster.Item {
	if c.opt.Backfill == 0 || r.Doc == nil {
		return items
	}
	ctx, cancel := context.WithTimeout(ctx, pagesTime)
	defer cancel()
	asked, have := map[string]bool{r.Final: true, f.URL: true}, map[uint64]bool{}
	for _, m := range r.Known {
		have[m.GUID] = true
	}
	host, at := guard.Host(r.Final), plain(r.Doc.Previous)
	if at == "" || c.pace(ctx, r.Final, 0) != nil { // the feed itself was one request of the host's
		return items
	}
	for d.Archives < c.opt.Backfill && at != "" && !asked[at] && guard.Host(at) == host {
		asked[at] = true
		doc, final := c.archive(ctx, at)
		if doc == nil || guard.Host(final) != host {
			break
		}
		d.Archives++
		items = append(items, older(doc, have, f, d)...)
		at = plain(doc.Previous)
	}
	return items
}

// plain is an address as it is asked; empty for none, and for what is never asked.
func plain(address string) string {
	if u, err := guard.CheckURL(address); err == nil {
		return u.String()
	}
	return ""
}

// archive asks for one document; nil if it cannot be had.
func (c *Client) archive(ctx context.Context, address string) (doc *feed.Document, final string) {
	if c.heldUntil(address).After(c.opt.Now()) || c.pace(ctx, address, 0) != nil {
		return nil, ""
	}
	a := c.guard.Get(ctx, guard.Request{URL: address, Accept: feedTypes, Max: c.opt.MaxBody})
	c.obey(a)
	if a.Err != nil || a.Status != http.StatusOK {
		return nil, ""
	}
	err := caught(func() (err error) {
		doc, err = feed.Parse(a.Body, a.Header.Get("Content-Type"), a.Final)
		return err
	})
	if err != nil {
		return nil, ""
	}
	return doc, a.Final
}

// older are the items of an archive that no newer document had.
func older(doc *feed.Document, have map[uint64]bool, f copytaster.Feed, d *Delivery) []copytaster.Item {
	var places []int
	for i, m := range state.Marks(doc) {
		if !have[m.GUID] {
			have[m.GUID] = true
			places = append(places, i)
		}
	}
	var items []copytaster.Item
	if caught(func() error { items = fresh(doc, places, f, d.At); return nil }) != nil {
		return nil
	}
	return items
}
