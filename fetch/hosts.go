package fetch

import (
	"context"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// pageGap is the time between two article pages of one public host.
const pageGap = time.Second

// host is what the client learned of a host since it was made.
type host struct {
	hold time.Time // asked for a rest until then
	page time.Time // the next article page may be asked for then
}

// at is the host of an address, made on first use. The caller holds c.mu.
func (c *Client) at(address string) *host {
	name := hostOf(address)
	h := c.hosts[name]
	if h == nil {
		h = &host{}
		c.hosts[name] = h
	}
	return h
}

// heldUntil is the time until which the host of the address wants a rest.
func (c *Client) heldUntil(address string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at(address).hold
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
	if isLocal(address) {
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

// hostOf is the name of an address's host, in lower case and without the port.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.ToLower(u.Hostname())
}

// isLocal reports whether the address names a host outside the public Internet: localhost or a number. Other names count as public.
func isLocal(address string) bool {
	name := strings.TrimSuffix(hostOf(address), ".")
	if ip, err := netip.ParseAddr(name); err == nil {
		return !public(embedded(ip))
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}
