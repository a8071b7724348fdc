package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Limits of one request beside Options.Timeout and Options.MaxBody.
const (
	headerLimit = 20 * time.Second // until the header is there: name, connection, TLS and the server's own time
	slowWindow  = 20 * time.Second // in which a body must bring
	slowBytes   = 20 << 10         // this much: 1 KiB a second
	maxHops     = 10               // redirects, RFC 9110 section 15.4 asks for a limit
)

// What is asked for.
const (
	feedTypes = "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, application/json;q=0.8, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
	pageTypes = "text/html, application/xhtml+xml, */*;q=0.1"
)

// request is one thing to be asked for.
type request struct {
	url, accept    string
	etag, modified string // validators, byte for byte as the server gave them
	from           string // the address that gave them: they are sent to no other
	max            int64  // bytes of the body, inflated
}

// answer is what came. If err is not nil there is no body, but there may be a status and a header.
type answer struct {
	status    int
	header    http.Header
	body      []byte
	wire      int64  // bytes of the body as they came
	final     string // address of the last hop
	permanent string // where the unbroken run of permanent redirects at the start led; empty: nowhere
	err       error
}

// get asks and follows redirects. It keeps no cookies and sends no Referer.
func (c *Client) get(ctx context.Context, q request) answer {
	ctx, cancel := context.WithTimeoutCause(ctx, c.opt.Timeout, fmt.Errorf("not ready after %v", c.opt.Timeout))
	defer cancel()
	at, permanent, unbroken := q.url, "", true
	seen := map[string]bool{}
	for range maxHops + 1 {
		seen[at] = true
		a := c.ask(ctx, at, q)
		a.final, a.permanent = at, permanent
		if a.err != nil || !isRedirect(a.status) {
			return a
		}
		to, err := redirect(at, a.header.Get("Location"))
		if err == nil && seen[to] {
			err = fmt.Errorf("its redirects go in a circle, back to %s", to)
		}
		if err != nil {
			a.err = err
			return a
		}
		unbroken = unbroken && (a.status == http.StatusMovedPermanently || a.status == http.StatusPermanentRedirect)
		if unbroken {
			permanent = to
		}
		at = to
	}
	return answer{final: at, err: fmt.Errorf("more than %d redirects", maxHops)}
}

// isRedirect reports whether the status sends elsewhere (RFC 9110 section 15.4).
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirect is where the Location leads from the address. It refuses to leave https for http.
func redirect(from, location string) (string, error) {
	if location == "" {
		return "", errors.New("a redirect without a Location")
	}
	base, err := url.Parse(from)
	if err != nil {
		return "", err
	}
	to, err := base.Parse(location)
	if err != nil {
		return "", fmt.Errorf("redirect: %w", err)
	}
	if base.Scheme == "https" && to.Scheme == "http" {
		return "", fmt.Errorf("it redirects from https to the unprotected %s, which is refused", to.Redacted())
	}
	u, err := checkURL(to.String())
	if err != nil {
		return "", fmt.Errorf("redirect: %w", err)
	}
	return u.String(), nil
}

// ask makes one request, without following redirects.
func (c *Client) ask(ctx context.Context, address string, q request) (a answer) {
	u, err := checkURL(address)
	if err != nil {
		return answer{err: err}
	}
	w, ctx := watch(ctx)
	defer w.stop()
	req := (&http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: c.header(address, q)}).WithContext(ctx)
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return answer{err: cause(ctx, err)}
	}
	defer resp.Body.Close()
	a.status, a.header = resp.StatusCode, resp.Header
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusIMUsed {
		io.CopyN(io.Discard, resp.Body, 4<<10) // a short body read to its end leaves the connection for the next request
		return a
	}
	w.body()
	counted := &counter{r: resp.Body, w: w}
	a.body, err = inflate(counted, resp.Header.Get("Content-Encoding"), q.max)
	a.wire = counted.n
	if err != nil {
		a.body, a.err = nil, cause(ctx, err)
	}
	return a
}

// header is what is sent: the validators only to the address that gave them.
func (c *Client) header(address string, q request) http.Header {
	h := http.Header{
		"User-Agent":      {c.agent},
		"Accept":          {q.accept},
		"Accept-Encoding": {"gzip, br, zstd"},
	}
	if q.from != address {
		return h
	}
	if q.etag != "" {
		h.Set("If-None-Match", q.etag)
		h.Set("A-IM", "feed") // RFC 3229 with the "feed" instance manipulation
	}
	if q.modified != "" {
		h.Set("If-Modified-Since", q.modified)
	}
	return h
}

// cause is the reason for which the context was ended, if it was, else the error itself.
func cause(ctx context.Context, err error) error {
	if why := context.Cause(ctx); why != nil {
		return why
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the answer was cut off")
	}
	return err
}
