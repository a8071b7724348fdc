// Package guard asks for one address at a time and lets nothing bad through: no host outside the public Internet that was not allowed,
// no redirect out of https, no circle, no body that is too long, too slow or blown up. It knows nothing of feeds and keeps nothing.
package guard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Limits of one request beside Client.Timeout and Request.Max.
const (
	headerLimit = 20 * time.Second // until the header is there: name, connection, TLS and the server's own time
	slowWindow  = 20 * time.Second // in which a body must bring
	slowBytes   = 20 << 10         // this much: 1 KiB a second
	maxHops     = 10               // redirects, RFC 9110 section 15.4 asks for a limit
)

// Client asks for addresses. Its fields are set before use; it is safe for use by several goroutines.
type Client struct {
	Transport http.RoundTripper // see Transport
	Agent     string            // User-Agent
	Timeout   time.Duration     // for one request with its redirects and its body
	Spare     *Spare            // nil: nothing is kept for the next request
}

// Request is one thing to be asked for.
type Request struct {
	URL, Accept    string
	ETag, Modified string     // validators, byte for byte as the server gave them; empty: none
	From           string     // the address that gave them: they are sent to no other
	Sum            uint64     // of a body that the caller has, as Answer.Sum: if the same comes again it is not inflated; 0: none
	Max            int64      // bytes of the body, as it comes and inflated
	Form           url.Values // is sent with POST; nil: GET
	Kind           string     // a word that the Content-Type must hold, if the answer has one; empty: any will do
}

// Answer is what came. If Err is not nil there is no body, but there may be a status and a header.
type Answer struct {
	Status    int
	Header    http.Header
	Body      []byte // inflated; only of status 200 and 226; until Done
	Wire      int64  // bytes of the body as they came
	Sum       uint64 // a hash of these
	Same      bool   // the sum is the request's: there is no body
	Final     string // address of the last hop
	Permanent string // where the unbroken run of permanent redirects at the start led; empty: nowhere
	Err       error

	body *bytes.Buffer // holds Body
}

// Transport makes connections that the guard watches: to the public Internet and the allowed networks only, by no proxy, so many to a host. d
// may be nil; else its Control comes after the guard.
func Transport(allow []netip.Prefix, perHost int, d *net.Dialer) *http.Transport {
	own := net.Dialer{Timeout: 10 * time.Second, KeepAlive: -1} // a request has its own end, and an idle connection is closed soon: probes are five system calls for nothing
	if d != nil {
		own = *d
	}
	own.ControlContext = wall{allow}.control(own.Control)
	return &http.Transport{
		DialContext:            own.DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxConnsPerHost:        perHost,
		MaxIdleConnsPerHost:    1,
		MaxIdleConns:           96,
		IdleConnTimeout:        20 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // inflate does it, within bounds
		ForceAttemptHTTP2:      true,
	}
}

// Get asks and follows redirects. It keeps no cookies and sends no Referer.
func (c Client) Get(ctx context.Context, q Request) Answer {
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("not ready after %v", c.Timeout))
	defer cancel()
	at, permanent, unbroken := q.URL, "", true
	seen := map[string]bool{}
	for range maxHops + 1 {
		seen[at] = true
		a := c.ask(ctx, at, q)
		a.Final, a.Permanent = at, permanent
		if a.Err != nil || !isRedirect(a.Status) {
			return a
		}
		to, err := redirect(at, a.Header.Get("Location"))
		if q.Form != nil && a.Status != http.StatusTemporaryRedirect && a.Status != http.StatusPermanentRedirect {
			err = fmt.Errorf("a redirect (%d) that would lose what is sent", a.Status)
		}
		if err == nil && seen[to] {
			err = fmt.Errorf("its redirects go in a circle, back to %s", to)
		}
		if err != nil {
			a.Err = err
			return a
		}
		unbroken = unbroken && (a.Status == http.StatusMovedPermanently || a.Status == http.StatusPermanentRedirect)
		if unbroken {
			permanent = to
		}
		at = to
	}
	return Answer{Final: at, Err: fmt.Errorf("more than %d redirects", maxHops)}
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
	u, err := CheckURL(to.String())
	if err != nil {
		return "", fmt.Errorf("redirect: %w", err)
	}
	return u.String(), nil
}

// ask makes one request, without following redirects.
func (c Client) ask(ctx context.Context, address string, q Request) (a Answer) {
	u, err := CheckURL(address)
	if err != nil {
		return Answer{Err: err}
	}
	w, ctx := watch(ctx)
	defer w.stop()
	req := (&http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: c.header(address, q)}).WithContext(ctx)
	if q.Form != nil {
		form := q.Form.Encode()
		req.Method, req.Body, req.ContentLength = http.MethodPost, io.NopCloser(strings.NewReader(form)), int64(len(form))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := c.Transport.RoundTrip(req)
	if err != nil {
		return Answer{Err: cause(ctx, err)}
	}
	defer resp.Body.Close()
	a.Status, a.Header = resp.StatusCode, resp.Header
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusIMUsed {
		io.CopyN(io.Discard, resp.Body, 4<<10) // a short body read to its end leaves the connection for the next request
		return a
	}
	if kind := resp.Header.Get("Content-Type"); kind != "" && !strings.Contains(strings.ToLower(kind), q.Kind) {
		a.Err = fmt.Errorf("it is %q, not %s", kind, q.Kind)
		return a
	}
	w.body()
	counted := &counter{r: resp.Body, w: w}
	a.body, err = c.body(&a, q, counted)
	if a.Wire = counted.n; err != nil {
		a.Err = cause(ctx, err)
	} else if a.body != nil {
		a.Body = a.body.Bytes()
	}
	return a
}

// body reads a body. One that is small enough is known by its sum before it is inflated.
func (c Client) body(a *Answer, q Request, r io.Reader) (*bytes.Buffer, error) {
	head, err := c.read(io.LimitReader(r, small), small, small)
	if err != nil {
		return nil, err
	}
	if head.Len() < small {
		r = nil
		if a.Sum = xxhash.Sum64(head.Bytes()); a.Sum == q.Sum && q.Sum != 0 {
			a.Same = true
			c.Spare.give(head)
			return nil, nil
		}
	}
	return c.inflate(head, r, a.Header.Get("Content-Encoding"), q.Max)
}

// header is what is sent: the validators only to the address that gave them.
func (c Client) header(address string, q Request) http.Header {
	h := http.Header{
		"User-Agent":      {c.Agent},
		"Accept":          {q.Accept},
		"Accept-Encoding": {"gzip, br, zstd"},
	}
	if q.From != address {
		return h
	}
	if q.ETag != "" {
		h.Set("If-None-Match", q.ETag)
		h.Set("A-IM", "feed") // RFC 3229 with the "feed" instance manipulation
	}
	if q.Modified != "" {
		h.Set("If-Modified-Since", q.Modified)
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
