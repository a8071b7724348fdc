package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// headers sets what every answer carries. The policy lets a page load our style sheet and pictures and send its form to us, and
// nothing else: no script, no frame, no third party.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		next.ServeHTTP(w, r)
	})
}

// atOnce is how many requests are worked on at one time; a front page takes about 1 MB while it is made.
const atOnce = 128

// inTurn lets n requests through at a time; the others wait as long as their clients do.
func inTurn(n int, next http.Handler) http.Handler {
	turn := make(chan struct{}, n)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}

// guard refuses requests for a host that is not ours (DNS rebinding).
func (s *site) guard(next http.Handler) http.Handler {
	names := slices.Clone(s.Hosts)
	if u, err := url.Parse(s.Base); err == nil && u.Hostname() != "" {
		names = append(names, u.Hostname())
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if !hostAllowed(r.Host, names, local) {
			http.Error(w, "this address is not one that copytaster answers to; set address: in the configuration", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostAllowed reports whether a Host header names this machine's loopback, the address that the connection came in at, or one of names.
// An address in figures other than these is refused too: a name costs the attacker nothing, an address of ours is not his.
func hostAllowed(host string, names []string, local net.Addr) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, host) }) {
		return true
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	if addr.IsLoopback() {
		return true
	}
	tcp, ok := local.(*net.TCPAddr)
	return ok && addr.Unmap() == tcp.AddrPort().Addr().Unmap()
}
