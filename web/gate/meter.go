package gate

import (
	"net/http"
	"net/netip"
	"sync"

	"golang.org/x/time/rate"
)

// A client may ask so often: a page is two or three requests, a reader with a dozen of our feeds asks for all of them at once.
const (
	perSecond = 10
	burst     = 100
)

// maxClients bounds what is remembered. When so many have asked, all are forgotten and begin again with a full burst.
const maxClients = 10_000

// meter counts the requests of each client that is not on this machine: a proxy here brings everybody's.
type meter struct {
	mu      sync.Mutex // guards clients
	clients map[netip.Prefix]*rate.Limiter
}

func newMeter() *meter { return &meter{clients: map[netip.Prefix]*rate.Limiter{}} }

// limit answers 429 to who asks too often.
func (m *meter) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !m.allows(r.RemoteAddr) {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too many requests from your address; ask again in a second", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (m *meter) allows(remote string) bool {
	at, err := netip.ParseAddrPort(remote)
	if err != nil || at.Addr().Unmap().IsLoopback() {
		return true
	}
	client := network(at.Addr())
	m.mu.Lock()
	l := m.clients[client]
	if l == nil {
		if len(m.clients) >= maxClients {
			clear(m.clients)
		}
		l = rate.NewLimiter(perSecond, burst)
		m.clients[client] = l
	}
	m.mu.Unlock()
	return l.Allow()
}

// network is what counts as one client: an IPv4 address, or the /64 of an IPv6 one, which one household has whole.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // never out of range for these
	return p
}
