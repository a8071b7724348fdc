package gate

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// hosts refuses requests for a host that is not ours (DNS rebinding).
func hosts(names []string, next http.Handler) http.Handler {
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
