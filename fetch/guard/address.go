package guard

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// special holds the networks inside the unicast space that the public Internet does not route to a host: the IANA IPv4 and IPv6
// Special-Purpose Address Registries (RFC 6890 and its followers). What lies outside 2000::/3 needs no entry.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network, RFC 791
	netip.MustParsePrefix("10.0.0.0/8"),      // private use, RFC 1918
	netip.MustParsePrefix("100.64.0.0/10"),   // shared by carriers, RFC 6598
	netip.MustParsePrefix("127.0.0.0/8"),     // loopback, RFC 1122
	netip.MustParsePrefix("169.254.0.0/16"),  // link local and cloud metadata, RFC 3927
	netip.MustParsePrefix("172.16.0.0/12"),   // private use, RFC 1918
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments, RFC 6890
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation, RFC 5737
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays, RFC 7526
	netip.MustParsePrefix("192.168.0.0/16"),  // private use, RFC 1918
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarking, RFC 2544
	netip.MustParsePrefix("198.51.100.0/24"), // documentation, RFC 5737
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation, RFC 5737
	netip.MustParsePrefix("224.0.0.0/4"),     // multicast, RFC 1112
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved and broadcast, RFC 1112, RFC 8190
	netip.MustParsePrefix("2001::/23"),       // protocol assignments: Teredo, ORCHID, benchmarking, RFC 2928
	netip.MustParsePrefix("2001:db8::/32"),   // documentation, RFC 3849
	netip.MustParsePrefix("3fff::/20"),       // documentation, RFC 9637
}

var (
	global6 = netip.MustParsePrefix("2000::/3")     // all the unicast space that is given out, RFC 4291
	nat64   = netip.MustParsePrefix("64:ff9b::/96") // an IPv4 address behind a translator, RFC 6052
	sixTo4  = netip.MustParsePrefix("2002::/16")    // an IPv4 address in bits 16 to 47, RFC 3056
	teredo  = netip.MustParsePrefix("2001::/32")    // an inverted IPv4 address in the last 32 bits, RFC 4380
	compat  = netip.MustParsePrefix("::/96")        // an IPv4 address in the last 32 bits, RFC 4291
	errPort = errors.New("only the ports 80, 443 and those from 1024 up are asked")
)

// wall decides which addresses may be connected to.
type wall struct{ allow []netip.Prefix }

// control is a net.Dialer's ControlContext: it sees the address that is really connected to, after DNS, so that neither a redirect
// nor a name that changes its answer gets past it. What it lets through goes on to next, if there is one.
func (w wall) control(next func(network, address string, c syscall.RawConn) error) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, network, address string, c syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("address %q: %w", address, err)
		}
		if err := w.check(to); err != nil || next == nil {
			return err
		}
		return next(network, address, c)
	}
}

// ErrPrivate is wrapped by the error of a request that the guard stopped before it connected.
var ErrPrivate = errors.New("is not on the public Internet")

// check says why the address may not be connected to; nil if it may.
func (w wall) check(to netip.AddrPort) error {
	addr := embedded(to.Addr())
	if slices.ContainsFunc(w.allow, func(p netip.Prefix) bool { return p.Contains(addr) || p.Contains(to.Addr().Unmap()) }) {
		return nil
	}
	if !Public(addr) || addr != to.Addr().Unmap() && !nat64.Contains(to.Addr()) && !sixTo4.Contains(to.Addr()) {
		return fmt.Errorf("the address %s %w; if you trust it, add it to fetch.allow_private", to.Addr(), ErrPrivate)
	}
	if p := to.Port(); p < 1024 && p != 80 && p != 443 {
		return errPort
	}
	return nil
}

// embedded is the IPv4 address that an IPv6 address carries, else the address itself.
func embedded(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a
	}
	b := a.As16()
	switch {
	case nat64.Contains(a), compat.Contains(a) && binary.BigEndian.Uint32(b[12:]) > 1:
		return netip.AddrFrom4([4]byte(b[12:]))
	case sixTo4.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:]))
	case teredo.Contains(a):
		return netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]})
	}
	return a
}

// Public reports whether the address is one that the public Internet routes to a single host.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Is6() && !global6.Contains(a) {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// CheckURL parses an address and refuses what is never asked: other schemes than http and https, a password, no host.
func CheckURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("not an address: %w", err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%q: only http and https are fetched", address)
	case u.User != nil:
		return nil, fmt.Errorf("%s: an address with a user name or password is not fetched", u.Redacted())
	case u.Hostname() == "":
		return nil, fmt.Errorf("%q names no host", address)
	}
	if _, err := strconv.ParseUint(u.Port(), 10, 16); u.Port() != "" && err != nil {
		return nil, fmt.Errorf("%q: the port is out of range", address)
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// Host is the name of an address's host, in lower case and without the port; of what is no address, all of it.
func Host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.ToLower(u.Hostname())
}

// Local reports whether the address names a host outside the public Internet: localhost or a number. Other names count as public.
func Local(address string) bool { return Refuses(address, nil) }

// Refuses reports whether the address names, as localhost or a number, a host that is neither on the public Internet nor in the allowed networks. What
// another name leads to is seen only when it is asked.
func Refuses(address string, allow []netip.Prefix) bool {
	name := strings.TrimSuffix(Host(address), ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		name = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && errors.Is(wall{allow}.check(netip.AddrPortFrom(ip, 443)), ErrPrivate)
}
