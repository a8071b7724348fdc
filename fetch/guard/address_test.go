package guard

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// errReached is what a connection ends with in these tests once the guard has let it through: nothing is ever connected to.
var errReached = errors.New("let through")

// addresses reads testdata/addresses.txt: those to be refused and those to be allowed.
func addresses(t *testing.T) (refuse, allow []string) {
	t.Helper()
	f, err := os.Open("testdata/addresses.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		word, rest, _ := strings.Cut(sc.Text(), " ")
		address, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		switch word {
		case "refuse":
			refuse = append(refuse, address)
		case "allow":
			allow = append(allow, address)
		}
	}
	if len(refuse) < 48 || len(allow) < 10 {
		t.Fatalf("testdata/addresses.txt holds %d addresses to refuse and %d to allow", len(refuse), len(allow))
	}
	return refuse, allow
}

// names is a resolver that answers every name with the address, over DNS messages in memory. An IPv4 address in IPv6 form can only come
// as a number in the URL, since Go takes it apart.
func names(address string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go serveDNS(ours, address)
		return theirs, nil
	}}
}

// serveDNS answers questions on a stream connection, each with its length before it (RFC 1035 section 4.2.2).
func serveDNS(conn net.Conn, address string) {
	defer conn.Close()
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		query := make([]byte, int(length[0])<<8|int(length[1]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		answer, err := dnsAnswer(query, address)
		if err != nil {
			return
		}
		if _, err := conn.Write(append([]byte{byte(len(answer) >> 8), byte(len(answer))}, answer...)); err != nil {
			return
		}
	}
}

func dnsAnswer(query []byte, address string) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil {
		return nil, err
	}
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	q := m.Questions[0]
	head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		ip = netip.MustParseAddr("127.0.0.1") // what the C library makes of 127.1 and its kin
	}
	switch {
	case ip.Is4() && q.Type == dnsmessage.TypeA:
		m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}}}
	case ip.Is6() && q.Type == dnsmessage.TypeAAAA:
		m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}}}
	}
	return m.Pack()
}

// dialling is a Client whose names all lead to the address and whose connections stop short behind the guard.
func dialling(address string, allow ...netip.Prefix) Client {
	return Client{Timeout: time.Minute, Transport: Transport(allow, 2, &net.Dialer{Resolver: names(address),
		Control: func(string, string, syscall.RawConn) error { return errReached }})}
}

// reached asks for the URL and reports whether the guard let a connection through.
func reached(t *testing.T, c Client, url string) (bool, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	a := c.Get(ctx, Request{URL: url, Max: 1 << 20})
	return errors.Is(a.Err, errReached), a.Err
}

func TestGuardRefuses(t *testing.T) {
	refuse, _ := addresses(t)
	for _, address := range refuse {
		literal := "http://" + address + "/feed"
		if strings.Contains(address, ":") {
			literal = "http://[" + address + "]/feed"
		}
		for _, url := range []string{literal, strings.Replace(literal, "http:", "https:", 1), "http://news.example/feed"} {
			if through, err := reached(t, dialling(address), url); through || err == nil {
				t.Errorf("%s with names leading to %s: got a connection, want it refused", url, address)
			}
		}
	}
}

func TestGuardAllows(t *testing.T) {
	_, allow := addresses(t)
	for _, address := range allow {
		literal := "http://" + address + "/feed"
		if strings.Contains(address, ":") {
			literal = "http://[" + address + "]/feed"
		}
		for _, url := range []string{literal, "https://news.example/feed"} {
			if through, err := reached(t, dialling(address), url); !through {
				t.Errorf("%s with names leading to %s: got %v, want it let through", url, address, err)
			}
		}
	}
}

// A redirect to each address meets the same guard: the first hop comes from a table, every other from the guarded transport.
func TestGuardOnRedirects(t *testing.T) {
	refuse, allow := addresses(t)
	ask := func(address string) (bool, error) {
		if strings.Contains(address, ":") {
			address = "[" + address + "]"
		}
		c := dialling("127.0.0.1")
		guarded := c.Transport
		c.Transport = origins(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "outlet.example" {
				return reply(302, "", "Location: http://"+address+"/latest/meta-data"), nil
			}
			return guarded.RoundTrip(r)
		})
		return reached(t, c, "http://outlet.example/feed")
	}
	for _, address := range refuse {
		if through, err := ask(address); through || err == nil {
			t.Errorf("redirect to %s: got a connection, want it refused", address)
		}
	}
	for _, address := range allow {
		if through, err := ask(address); !through {
			t.Errorf("redirect to %s: got %v, want it let through", address, err)
		}
	}
}

// origins is a transport of a function that may fail.
type origins func(*http.Request) (*http.Response, error)

func (o origins) RoundTrip(r *http.Request) (*http.Response, error) { return o(r) }

// A name whose answer changes between a check and the connection (rebinding) gains nothing: the check is the connection's.
func TestGuardAfterDNS(t *testing.T) {
	through, err := reached(t, dialling("169.254.169.254"), "http://was-public-a-second-ago.example/")
	if through || err == nil || !strings.Contains(Explain(err), "169.254.169.254 is not on the public Internet") {
		t.Errorf("got %v, %v, want words that name the address", through, err)
	}
}

func TestGuardAllowPrivate(t *testing.T) {
	lan := netip.MustParsePrefix("10.20.0.0/16")
	for address, want := range map[string]bool{"10.20.3.4": true, "::ffff:10.20.3.4": true, "64:ff9b::a14:304": true, "2002:a14:304::1": true,
		"10.21.0.1": false, "127.0.0.1": false, "fd00::1": false} {
		ip := netip.MustParseAddr(address)
		if got := (wall{[]netip.Prefix{lan}}).check(netip.AddrPortFrom(ip, 80)) == nil; got != want {
			t.Errorf("%s with %s allowed: got %v, want %v", address, lan, got, want)
		}
	}
}

func TestGuardPorts(t *testing.T) {
	outlet := netip.MustParseAddr("93.184.215.14")
	for port, want := range map[uint16]bool{80: true, 443: true, 1024: true, 8080: true, 65535: true, 0: false, 22: false, 25: false, 1023: false} {
		if got := (wall{}).check(netip.AddrPortFrom(outlet, port)) == nil; got != want {
			t.Errorf("port %d: got %v, want %v", port, got, want)
		}
	}
}

func TestCheckURL(t *testing.T) {
	for address, good := range map[string]bool{
		"http://news.example/feed": true, "https://news.example:8443/feed?x=1#top": true, "http://[2606:4700::1]/": true,
		"file:///etc/passwd": false, "ftp://news.example/feed": false, "gopher://news.example/": false, "unix:///run/x": false,
		"data:text/xml,<rss/>": false, "javascript:alert(1)": false, "http://user:pw@news.example/": false, "http://me@news.example/": false,
		"http:///feed": false, "/feed": false, "": false, "http://news.example:99999/": false, "http://news.example:x/": false, "http://%zz/": false,
	} {
		u, err := CheckURL(address)
		if (err == nil) != good {
			t.Errorf("%q: got %v, want allowed %v", address, err, good)
		}
		if err == nil && u.Fragment != "" {
			t.Errorf("%q: the fragment %q is sent", address, u.Fragment)
		}
	}
}

// FuzzGuard holds public against a second reading of the same rule: what is private stays so however it is wrapped.
func FuzzGuard(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add([]byte{8, 8, 8, 8})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) != 4 {
			return
		}
		v4 := netip.AddrFrom4([4]byte(b))
		want := (wall{}).check(netip.AddrPortFrom(v4, 80)) == nil
		if want && (v4.IsPrivate() || !v4.IsGlobalUnicast()) {
			t.Fatalf("%s is let through", v4)
		}
		raw := netip.MustParseAddr("64:ff9b::").As16()
		copy(raw[12:], b)
		sixToFour := netip.MustParseAddr("2002::1").As16()
		copy(sixToFour[2:], b)
		for _, a := range []netip.Addr{netip.AddrFrom16(v4.As16()), netip.AddrFrom16(raw), netip.AddrFrom16(sixToFour)} {
			if got := (wall{}).check(netip.AddrPortFrom(a, 80)) == nil; got != want {
				t.Fatalf("%s: got %v, %s: %v", a, got, v4, want)
			}
		}
	})
}

func TestLocal(t *testing.T) {
	for address, want := range map[string]bool{"http://127.0.0.1:8080/f": true, "http://[::1]/": true, "http://localhost/": true, "http://LOCALHOST.:80/": true,
		"http://desk.localhost/": true, "http://10.1.2.3/": true, "http://[fd00::1]/": true, "http://[64:ff9b::a00:1]/": true,
		"http://news.example/": false, "http://8.8.8.8/": false, "http://[2606:4700::1111]/": false, "http://localhost.example/": false, "": false} {
		if got := Local(address); got != want {
			t.Errorf("%q: got %v, want %v", address, got, want)
		}
	}
}

func TestHost(t *testing.T) {
	for address, want := range map[string]string{"http://News.Example:8080/Feed": "news.example", "https://[2606:4700::1]:443/": "2606:4700::1", "http://%zz/": "http://%zz/"} {
		if got := Host(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}
