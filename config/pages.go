package config

import (
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// minSecret is the length of a password or token in bytes. The pages answer ten guesses a second at most: 8 of them stand for ages.
const minSecret = 8

// auth checks who is let in.
func (d *document) auth(r rawAuth) Auth {
	if r.User == "" && r.Password != "" {
		d.fail("auth.user", "missing beside a password")
	}
	if strings.Contains(r.User, ":") {
		d.fail("auth.user", "%q: a name with a colon cannot be sent by any browser", r.User)
	}
	if r.User != "" && r.Password == "" {
		d.fail("auth.password", "missing beside a user")
	}
	d.secret("auth.password", r.Password)
	d.secret("auth.token", r.Token)
	return Auth(r)
}

func (d *document) secret(path, s string) {
	if s != "" && len(s) < minSecret {
		d.fail(path, "%d characters are guessed soon; take %d at least", len(s), minSecret)
	}
}

// open refuses pages that everyone in a network could read without its being said that they shall.
func (d *document) open(c *Config, public bool) {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil || public || c.Auth != (Auth{}) || isLoopback(host) {
		return
	}
	d.fail("listen", "%s is open to the network; set auth, or listen_public: true if everyone there may read the pages", c.Listen)
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}

var domain = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$`)

// ids wants a domain name, by which ids are told from those of others (RFC 4151).
func (d *document) ids(s string) string {
	if s != "" && !domain.MatchString(s) {
		d.fail("ids", "%q is no domain name; write one that is yours, such as example.org", s)
	}
	return s
}

// hub wants the address of a WebSub hub. It is told where our feeds are, so that must be known.
func (d *document) hub(r raw) string {
	if r.Hub == "" {
		return ""
	}
	d.note("hub", checkURL(r.Hub))
	if r.Address == "" {
		d.fail("hub", "needs address, where the hub finds the feeds")
	}
	return r.Hub
}

func (d *document) updated(path, s string) string {
	known := []string{UpdatedText, UpdatedOutlets, UpdatedAny}
	if s == "" {
		return UpdatedText
	}
	if !slices.Contains(known, s) {
		d.fail(path, "%q is neither text nor outlets nor any", s)
	}
	return s
}

// images wants to know whether pictures are passed on.
func (d *document) images(s string) bool {
	if s != "" && s != "links" && s != "proxy" {
		d.fail("images", "%q is neither links nor proxy", s)
	}
	return s == "proxy"
}
