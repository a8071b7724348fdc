package daemon

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"copytaster/config"
)

// TestImagesGoThroughTheGuard fetches a picture from a private address only where the configuration allows it, and never too large a one.
func TestImagesGoThroughTheGuard(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Content-Type", "image/png")
		switch r.URL.Path {
		case "/large":
			_, _ = w.Write(bytes.Repeat([]byte("x"), maxImage+1))
		case "/gone":
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = w.Write([]byte("a picture"))
		}
	}))
	defer srv.Close()
	cfg := &config.Config{Images: true}
	d := &Daemon{Config: cfg}
	if _, err := d.images(cfg)(t.Context(), srv.URL+"/a"); err == nil || asked != 0 {
		t.Errorf("a private address: got %v, asked %d times", err, asked)
	}
	cfg.Fetch.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	get := d.images(cfg)
	if body, err := get(t.Context(), srv.URL+"/a"); err != nil || string(body) != "a picture" {
		t.Errorf("an allowed one: got %q, %v", body, err)
	}
	for _, path := range []string{"/large", "/gone"} {
		if _, err := get(t.Context(), srv.URL+path); err == nil {
			t.Errorf("%s: got no error", path)
		}
	}
	if cfg.Images = false; d.images(cfg) != nil {
		t.Error("pages that only link: got a proxy")
	}
}
