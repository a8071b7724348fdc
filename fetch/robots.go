package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/temoto/robotstxt"

	"copytaster/fetch/guard"
)

// How long robots.txt is believed: a day (RFC 9309 section 2.4), or a while if it could not be had.
const (
	robotsGood  = 24 * time.Hour
	robotsRetry = 10 * time.Minute
	maxRobots   = 500 << 10        // bytes, RFC 9309 section 2.5
	maxDelay    = 30 * time.Second // a longer Crawl-delay is cut: at a page in 30 s an outlet's day still comes through
)

// errForbidden is returned for a page that robots.txt keeps programs from.
var errForbidden = errors.New("robots.txt asks programs to stay away from this page")

// robots is the robots.txt of a scheme, host and port as the client last had it.
type robots struct {
	group *robotstxt.Group // nil with err nil: not asked yet
	err   error
	until time.Time
}

// allowed says whether the page may be asked for and with which delay after the last.
func (c *Client) allowed(ctx context.Context, address string) (time.Duration, error) {
	u, err := guard.CheckURL(address)
	if err != nil {
		return 0, err
	}
	root := url.URL{Scheme: u.Scheme, Host: u.Host}
	r := c.robots(ctx, root.String())
	if r.err != nil {
		return 0, r.err
	}
	if !r.group.Test(u.RequestURI()) {
		return 0, errForbidden
	}
	return min(r.group.CrawlDelay, maxDelay), nil
}

// robots is the robots.txt of a scheme and host, asked for if it is not known.
func (c *Client) robots(ctx context.Context, root string) robots {
	now := time.Now()
	c.mu.Lock()
	r := c.rules[root]
	c.mu.Unlock()
	if r.until.After(now) {
		return r
	}
	r = c.askRobots(ctx, root)
	if ctx.Err() != nil {
		return r
	}
	r.until = now.Add(robotsGood)
	if r.err != nil {
		r.until = now.Add(robotsRetry)
	}
	c.mu.Lock()
	c.rules[root] = r
	c.mu.Unlock()
	return r
}

// askRobots reads robots.txt by the rules of RFC 9309 section 2.3.1: none (4xx) allows all, an error of the server nothing.
func (c *Client) askRobots(ctx context.Context, root string) robots {
	a := c.guard.Get(ctx, guard.Request{URL: root + "/robots.txt", Accept: "text/plain, */*;q=0.1", Max: maxRobots})
	switch {
	case a.Err != nil:
		return robots{err: fmt.Errorf("robots.txt cannot be read: %s", guard.Explain(a.Err))}
	case a.Status >= 500 || a.Status == http.StatusTooManyRequests:
		return robots{err: fmt.Errorf("robots.txt cannot be read: %s", status(a.Status))}
	case a.Status != http.StatusOK:
		return robots{group: &robotstxt.Group{}}
	}
	data, err := robotstxt.FromString(tidy(string(a.Body)))
	if err != nil {
		return robots{group: &robotstxt.Group{}}
	}
	return robots{group: data.FindGroup("copytaster")}
}

// tidy keeps the lines of a robots.txt that say something about pages, and writes a Disallow without a path as the Allow of everything
// that it means: the parser would take the group of the next user agent for the same.
func tidy(text string) string {
	var b strings.Builder
	agent := false
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		field, value, _ := strings.Cut(line, ":")
		field, value = strings.ToLower(strings.TrimSpace(field)), strings.TrimSpace(value)
		switch field {
		case "user-agent":
			agent = agent || value != ""
		case "disallow":
			if value == "" {
				field, value = "allow", "/"
			}
		case "allow":
		case "crawl-delay":
			if s, err := strconv.ParseFloat(value, 64); err != nil || !(s >= 0 && s < 1e6) {
				continue
			}
		default:
			continue
		}
		if agent && value != "" {
			fmt.Fprintf(&b, "%s: %s\n", field, value)
		}
	}
	return b.String()
}
