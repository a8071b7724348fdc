package fetch

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"copytaster"
	"copytaster/fetch/guard"
	"copytaster/fetch/state"
	"copytaster/fetch/websub"
)

const (
	maxMail = 16              // notices of one feed that wait; what comes beyond is found by the next poll
	hubWait = 5 * time.Second // for the hub's turn, a request a second; else the next poll asks
)

// subscribe asks the feed's hub to push what is new, where the time for that has come.
func (c *Client) subscribe(ctx context.Context, d *Delivery, r response) {
	if c.opt.Push == nil || r.Trouble != "" || d.State.Hub == "" {
		return
	}
	sub := c.opt.Push.Renew(d.State.Push, d.State.Hub, d.State.Topic, d.At)
	if sub == nil || !c.soon(sub.Hub) || c.pace(ctx, sub.Hub, 0) != nil {
		return
	}
	c.opt.Push.Add(d.Feed, sub) // before the hub is asked: it may verify at once
	a := c.guard.Get(ctx, guard.Request{URL: sub.Hub, Form: sub.Form(), Accept: "*/*", Max: 64 << 10})
	c.obey(a)
	trouble := ""
	switch {
	case a.Err != nil:
		trouble = "its hub cannot be asked: " + guard.Explain(a.Err)
	case a.Status < 200 || a.Status > 299:
		trouble = "its hub refuses: " + status(a.Status)
	}
	d.State.Push = sub.AskedFor(d.At, state.Line(trouble, 500))
}

// elsewhere has the feed polled by another program. Its hub is asked from here, where it delivers.
func (c *Client) elsewhere(ctx context.Context, f copytaster.Feed, s State, deliver func(Delivery) error) (State, error) {
	address := cmp.Or(s.Address, f.URL)
	s, err := c.opt.Elsewhere(ctx, f, s, c.heldUntil(address))
	c.Rest(address, s.Hold)
	if err != nil || s.Failures > 0 || s.Stopped() {
		return s, err
	}
	d := Delivery{Feed: f.URL, At: c.opt.Now(), State: s, Outcome: Verified}
	if c.subscribe(ctx, &d, response{}); d.State.Push != s.Push {
		err = deliver(d)
	}
	return d.State, err
}

// soon reports whether the host may be asked now or in a moment.
func (c *Client) soon(address string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.at(address)
	return !h.hold.After(c.opt.Now()) && time.Until(h.page) < hubWait
}

// Receive takes what the feed's hub told, as Poll takes an answer: the items that were not known, with their pages. It does not ask for the feed.
func (c *Client) Receive(ctx context.Context, f copytaster.Feed, s State, mail []websub.Notice) (Delivery, error) {
	start := time.Now()
	f = c.defaults(f)
	d := Delivery{Feed: f.URL, At: c.opt.Now(), State: s, Outcome: Verified}
	var items []copytaster.Item
	for _, n := range mail {
		if d.State.Push == nil || d.State.Push.Callback != n.Callback {
			continue // of a subscription that was
		}
		if n.Denied != "" {
			n.Denied = cmp.Or(state.Line(n.Denied, 300), "no reason given")
		}
		d.State.Push = d.State.Push.After(n, d.At)
		if n.Body != nil {
			items = append(items, c.content(ctx, f, &d, n)...)
		}
	}
	c.complete(ctx, f, &d, items)
	if ctx.Err() != nil {
		return Delivery{Feed: f.URL, At: d.At, State: s, Outcome: Held}, ctx.Err()
	}
	d.Took = time.Since(start)
	return d, nil
}

// content reads what a hub delivered: the whole feed or a part of it. It is taken for a part, as a 226 is.
func (c *Client) content(ctx context.Context, f copytaster.Feed, d *Delivery, n websub.Notice) []copytaster.Item {
	s := &d.State
	before := *s
	before.Hash = 0
	a := guard.Answer{Status: http.StatusIMUsed, Header: http.Header{"Content-Type": {n.Type}}, Body: n.Body, Final: cmp.Or(s.Address, f.URL)}
	r, items := c.read(ctx, f, before, a, d.At)
	d.Outcome, d.Status, d.Entries = Pushed, a.Status, d.Entries+len(r.Known)
	d.Wire, d.Body = d.Wire+int64(len(n.Body)), d.Body+int64(len(n.Body))
	if r.Trouble != "" {
		push := *s.Push
		push.Trouble = state.Line("what its hub pushes cannot be read: "+r.Trouble, 500)
		s.Push = &push
		return nil
	}
	s.Known, s.Spans = s.Known.Follow(r.Known, true), r.Spans
	if r.outcome == Fresh {
		s.Changed = d.At
	}
	return items
}
