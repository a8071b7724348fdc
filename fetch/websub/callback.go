package websub

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Notice is what a hub tells: one of a lease, a refusal, or content.
type Notice struct {
	Callback string        // of the subscription
	Lease    time.Duration // the subscription is verified for so long
	Denied   string        // the hub will not push, and why; never empty then
	Body     []byte        // content, its signature checked
	Type     string        // its Content-Type
}

// Callback answers hubs. It is safe for use by several goroutines; a nil one knows no subscription.
type Callback struct {
	max  int64
	tell func(ctx context.Context, feed string, n Notice) error

	mu    sync.RWMutex      // guards all below
	base  string            // address at which hubs reach this handler; empty: no subscriptions
	known map[string]known  // by the last part of the callback
	ids   map[string]string // these parts, by feed
}

// known is a subscription and the feed that it belongs to.
type known struct {
	feed string
	sub  *Subscription
}

// NewCallback makes a handler that takes bodies of up to max bytes and tells what it learns. An error of tell has the hub try again. With a nil tell
// it stands for one elsewhere: it holds what that does, and asks for nothing.
func NewCallback(limit int64, tell func(ctx context.Context, feed string, n Notice) error) *Callback {
	return &Callback{max: limit, tell: tell, known: map[string]known{}, ids: map[string]string{}}
}

// Move sets the address at which hubs reach the handler. Subscriptions with callbacks elsewhere are held no more. Empty: none are.
func (c *Callback) Move(base string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base = base
}

// Holds reports whether the subscription's hub reaches this handler; false for nil.
func (c *Callback) Holds(s *Subscription) bool {
	return c != nil && s != nil && c.below(s.Callback)
}

func (c *Callback) below(callback string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.base != "" && strings.HasPrefix(callback, c.base+folder)
}

// Renew is the subscription that the topic's hub is to be asked for now, made anew if there is none yet; nil if there is nothing to ask.
func (c *Callback) Renew(s *Subscription, hub, topic string, now time.Time) *Subscription {
	if c.tell == nil {
		return nil
	}
	if c.Holds(s) && s.Hub == hub && s.Topic == topic {
		if s.Renewal().After(now) {
			return nil
		}
		return s
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.base == "" {
		return nil
	}
	return New(c.base, hub, topic)
}

// Add has the handler know a feed's subscription, in the place of any other that the feed has.
func (c *Callback) Add(feed string, s *Subscription) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := path.Base(s.Callback)
	delete(c.known, c.ids[feed])
	c.known[id], c.ids[feed] = known{feed, s}, id
}

// Drop has the handler forget the feed's subscription: its hub is told so when it next delivers.
func (c *Callback) Drop(feed string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, c.ids[feed])
	delete(c.ids, feed)
}

// Wants reports whether a request is for this handler.
func (c *Callback) Wants(r *http.Request) bool { return strings.Contains(r.URL.Path, folder) }

// ServeHTTP answers a hub.
func (c *Callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.RLock()
	k, ok := c.known[path.Base(r.URL.Path)]
	c.mu.RUnlock()
	ok = ok && c.Holds(k.sub)
	switch {
	case r.Method == http.MethodPost && !ok:
		http.Error(w, "not subscribed", http.StatusGone)
	case r.Method == http.MethodPost:
		c.content(w, r, k)
	case !ok || r.Method != http.MethodGet:
		http.Error(w, "not subscribed", http.StatusNotFound)
	default:
		c.verify(w, r, k)
	}
}

// verify answers the hub's verification of intent, and its refusal (section 5.2 and 5.3).
func (c *Callback) verify(w http.ResponseWriter, r *http.Request, k known) {
	q := r.URL.Query()
	n, challenge := Notice{Callback: k.sub.Callback}, q.Get("hub.challenge")
	switch mode := q.Get("hub.mode"); {
	case q.Get("hub.topic") != k.sub.Topic:
		http.Error(w, "another topic was asked for", http.StatusNotFound)
		return
	case mode == "denied":
		n.Denied = strings.TrimSpace(q.Get("hub.reason"))
		if n.Denied == "" {
			n.Denied = "no reason given"
		}
	case mode == "subscribe" && challenge != "":
		n.Lease = lease(q.Get("hub.lease_seconds"))
	default:
		http.Error(w, "that was not asked for", http.StatusNotFound)
		return
	}
	if c.tell(r.Context(), k.feed, n) != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	io.WriteString(w, challenge)
}

// lease is the time that the hub gives; what it does not say is what was asked for.
func lease(text string) time.Duration {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return asked
	}
	return time.Duration(min(n, int64(longest/time.Second))) * time.Second
}

// content takes what the hub delivers (section 7). What is not signed with the secret is dropped without a word, as section 8 wants it.
func (c *Callback) content(w http.ResponseWriter, r *http.Request, k known) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, c.max))
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, "cut off", http.StatusBadRequest)
		return
	}
	if signed(r.Header.Get("X-Hub-Signature"), k.sub.Secret, body) {
		n := Notice{Callback: k.sub.Callback, Body: body, Type: r.Header.Get("Content-Type")}
		if c.tell(r.Context(), k.feed, n) != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
	}
	w.WriteHeader(http.StatusAccepted)
}

// signed reports whether the signature, method=hexadecimal, is the HMAC of the body (section 8).
func signed(signature, secret string, body []byte) bool {
	method, text, _ := strings.Cut(signature, "=")
	var with func() hash.Hash
	switch method {
	case "sha1":
		with = sha1.New
	case "sha256":
		with = sha256.New
	case "sha384":
		with = sha512.New384
	case "sha512":
		with = sha512.New
	default:
		return false
	}
	mac, err := hex.DecodeString(text)
	if err != nil {
		return false
	}
	h := hmac.New(with, []byte(secret))
	h.Write(body)
	return hmac.Equal(mac, h.Sum(nil))
}
