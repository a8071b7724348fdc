package config

import (
	"net/url"
	"regexp"
	"strings"
)

type rawNATS struct {
	URL     string `yaml:"url"`
	Creds   string `yaml:"creds"`
	TLS     rawTLS `yaml:"tls"`
	Stream  string `yaml:"stream"`
	MaxSize string `yaml:"max_size"`
}

type rawTLS struct {
	CA   string `yaml:"ca"`
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

var streamName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// nats reads where NATS is. Without an address nothing else of it means anything.
func (d *document) nats(r rawNATS) NATS {
	n := NATS{URL: r.URL, Creds: r.Creds, CA: r.TLS.CA, Cert: r.TLS.Cert, Key: r.TLS.Key, Stream: orElse(r.Stream, "copytaster"),
		MaxSize: d.size("nats.max_size", r.MaxSize, 1<<30, 16<<20, 1<<40)}
	for address := range strings.SplitSeq(r.URL, ",") {
		if u, err := url.Parse(strings.TrimSpace(address)); r.URL != "" && (err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls") {
			d.fail("nats.url", "%q is no address of a NATS server; write nats://127.0.0.1:4222, several with commas between", address)
		}
	}
	if !streamName.MatchString(n.Stream) {
		d.fail("nats.stream", "%q is part of names in NATS; use letters, digits, - and _", n.Stream)
	}
	if (n.Cert == "") != (n.Key == "") {
		d.fail("nats.tls", "cert and key belong together")
	}
	if n.URL == "" {
		return NATS{}
	}
	return n
}
