package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"copytaster/config"
	"copytaster/web"
)

// Listen opens the configured address, and notes in the configuration which port it got if any would do (port 0).
func Listen(cfg *config.Config) (net.Listener, error) {
	l, err := net.Listen("tcp", cfg.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen: %s is taken (by another copytaster? give another address)", cfg.Listen)
	}
	if err == nil && strings.HasSuffix(cfg.Listen, ":0") {
		cfg.Listen = l.Addr().String()
	}
	return l, err
}

// Serve answers on the listener until ctx ends, then lets running answers finish for two seconds.
func (d *Daemon) Serve(l net.Listener) func(context.Context) error {
	d.build()
	s := web.Server(http.HandlerFunc(d.serveSite))
	return func(ctx context.Context) error { return serveUntil(ctx, l, s) }
}

func serveUntil(ctx context.Context, l net.Listener, s *http.Server) error {
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := s.Shutdown(patience); err != nil {
		return s.Close()
	}
	return nil
}

// Home is where the configuration's pages are, without a slash at the end; empty where they answer on every address of the machine,
// none of which is known to be the one that readers use.
func Home(cfg *config.Config) string {
	if cfg.Address != "" {
		return cfg.Address
	}
	host, _, err := net.SplitHostPort(cfg.Listen)
	if ip, e := netip.ParseAddr(host); err != nil || host == "" || e == nil && ip.IsUnspecified() {
		return ""
	}
	return "http://" + cfg.Listen
}
