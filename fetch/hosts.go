package fetch

import (
	"context"
	"maps"
	"time"

	"copytaster/fetch/guard"
)

// pageGap is the time between two article pages of one public host.
const pageGap = time.Second

// maxHosts is the number of hosts beyond which the client forgets those that want nothing.
const maxHosts = 20_000

// host is what the client learned of a host since it was made.
type host struct {
	hold time.Time // asked for a rest until then
	page time.Time // the next article page may be asked for then
}

// at is the host of an address, made on first use. The caller holds c.mu.
func (c *Client) at(address string) *host {
	name := guard.Host(address)
	h := c.hosts[name]
	if h == nil {
		c.forget()
		h = &host{}
		c.hosts[name] = h
	}
	return h
}

// forget drops what has no meaning any more once there is much of it. The caller holds c.mu.
func (c *Client) forget() {
	if len(c.hosts)+len(c.rules) < maxHosts {
		return
	}
	now := time.Now()
	maps.DeleteFunc(c.hosts, func(_ string, h *host) bool { return !h.hold.After(c.opt.Now()) && !h.page.After(now) })
	maps.DeleteFunc(c.rules, func(_ string, r robots) bool { return !r.until.After(now) || len(c.rules) > maxHosts/2 })
}

// heldUntil is the time until which the host of the address wants a rest; zero if it does not.
func (c *Client) heldUntil(address string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.hosts[guard.Host(address)]; h != nil {
		return h.hold
	}
	return time.Time{}
}

// Rest has the client leave the host of the address alone until then.
func (c *Client) Rest(address string, until time.Time) {
	if until.After(c.opt.Now()) {
		c.hold(address, until)
	}
}

// hold leaves the host alone until then.
func (c *Client) hold(address string, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.at(address)
	h.hold = later(h.hold, until)
}

// pace waits until the next article page of the host may be asked for; each takes the place of one.
func (c *Client) pace(ctx context.Context, address string, delay time.Duration) error {
	if guard.Local(address) {
		return ctx.Err()
	}
	now := time.Now()
	c.mu.Lock()
	h := c.at(address)
	start := later(h.page, now)
	h.page = start.Add(max(pageGap, delay))
	c.mu.Unlock()
	return sleep(ctx, start.Sub(now))
}

// sleep waits, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
