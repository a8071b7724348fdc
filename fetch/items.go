package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"copytaster"
	"copytaster/fetch/feed"
	"copytaster/fetch/guard"
	"copytaster/fetch/page"
	"copytaster/fetch/state"
)

// response is an answer as the rules see it, and how the poll ends.
type response struct {
	state.Response
	outcome Outcome
}

// read turns an answer into a response and the items in it that are new or changed.
func (c *Client) read(ctx context.Context, f copytaster.Feed, s State, a guard.Answer, now time.Time) (response, []copytaster.Item) {
	r := response{outcome: Failed, Response: state.Response{Status: a.Status, Header: a.Header, Floor: c.opt.Floor, Pushed: c.opt.Push.Holds(s.Push),
		Final: a.Final, Moved: a.Permanent, Local: guard.Local(a.Final)}}
	r.Unasked = guard.Unasked(a.Err)
	r.Refused = errors.Is(a.Err, guard.ErrPrivate) && a.Final == cmp.Or(s.Address, f.URL)
	if r.Trouble = trouble(a, s); r.Trouble != "" {
		return r, nil
	}
	if a.Status == http.StatusNotModified {
		r.outcome = NotModified
		return r, nil
	}
	if r.Same, r.outcome = a.Same, Unchanged; r.Same {
		return r, nil
	}
	r.Size, r.Hash, r.Wire = len(a.Body), xxhash.Sum64(a.Body), a.Sum
	if r.Hash == s.Hash {
		return r, nil
	}
	var news []copytaster.Item
	err := c.atDesk(ctx, func() (err error) {
		if err = r.parse(a, s); err == nil {
			news = fresh(r.Doc, r.entries(s.Known.Missing(r.Known)), f, now)
		}
		return err
	})
	if errors.Is(err, feed.ErrSame) {
		return r, nil
	}
	if err != nil {
		r.Trouble, r.outcome = err.Error(), Failed
		return r, nil
	}
	if len(news) > 0 {
		r.outcome, r.Fresh = Fresh, true
	}
	for _, it := range news {
		r.Newest = later(r.Newest, it.Published)
	}
	return r, news
}

// parse reads what the feed did not show the last time, or all of it if a new item has the guid of one that it did: guids of one body are
// told apart together.
func (r *response) parse(a guard.Answer, s State) (err error) {
	seen := s.Seen()
	last := feed.Last{Spans: s.Spans, Head: s.Head}
	if len(seen) > 0 {
		last.Known = func(span uint64) bool { _, ok := seen[span]; return ok }
	}
	if r.Doc, err = feed.ParseNews(a.Body, a.Header.Get("Content-Type"), a.Final, last); err != nil {
		return err
	}
	if !r.mark(seen) {
		if r.Doc, err = feed.Parse(a.Body, a.Header.Get("Content-Type"), a.Final); err != nil {
			return err
		}
		r.mark(nil)
	}
	return nil
}

// mark takes the marks of all items of the body, of those that were left out the ones seen before. It reports false if a new item has the guid
// of one of those.
func (r *response) mark(seen map[uint64]state.Mark) bool {
	entries := state.Marks(r.Doc)
	if r.Spans = r.Doc.Spans; r.Spans == nil {
		r.Known = entries
		return true
	}
	fresh := entries
	r.Known = make(state.Known, len(r.Spans))
	old := map[uint64]bool{}
	for i, span := range r.Spans {
		if r.Doc.Known[i] {
			r.Known[i] = seen[span]
			old[r.Known[i].GUID] = true
			continue
		}
		r.Known[i], fresh = fresh[0], fresh[1:]
	}
	return !slices.ContainsFunc(entries, func(m state.Mark) bool { return old[m.GUID] })
}

// entries are the places among the document's entries of items at the places in the body. What was left out is none.
func (r *response) entries(places []int) (at []int) {
	if r.Spans == nil {
		return places
	}
	entry := make([]int, len(r.Spans))
	n := 0
	for i, known := range r.Doc.Known {
		if entry[i] = n; !known {
			n++
		}
	}
	for _, p := range places {
		if !r.Doc.Known[p] {
			at = append(at, entry[p])
		}
	}
	return at
}

// atDesk reads a body when a core is free for it. If ctx ends before, it gives its cause.
func (c *Client) atDesk(ctx context.Context, read func() error) error {
	select {
	case c.desks <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-c.desks }()
	return caught(read)
}

// caught turns a panic into an error. Feeds and pages are read by four libraries, and one of them that stumbles over one outlet must not end
// the daemon for all.
func caught(read func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it makes this program stumble: %v", p)
		}
	}()
	return read()
}

// fresh are the items of the entries at the places.
func fresh(doc *feed.Document, places []int, f copytaster.Feed, now time.Time) []copytaster.Item {
	if len(places) == 0 {
		return nil
	}
	all := doc.Items(f, now)
	items := make([]copytaster.Item, len(places))
	for i, place := range places {
		items[i] = all[place]
		items[i].Blocks = page.Blocks(items[i].HTML)
	}
	return items
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
