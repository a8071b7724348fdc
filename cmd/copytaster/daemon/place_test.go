package daemon

import (
	"path/filepath"
	"testing"

	"copytaster/config"
	"copytaster/store"
)

// TestPlace shows that the domain in ids is fixed with the first feed.
func TestPlace(t *testing.T) {
	db, err := store.Open(filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	step := func(cfg config.Config, want string) {
		t.Helper()
		d := &Daemon{Config: &cfg, DB: db}
		if p, err := d.place(&cfg); err != nil || p.IDs != want {
			t.Errorf("%+v: got ids of %q, %v, want %q", cfg.Address, p.IDs, err, want)
		}
	}
	step(config.Config{Address: "https://News.example.org/press"}, "news.example.org")
	step(config.Config{Address: "https://other.example"}, "news.example.org")
	step(config.Config{}, "news.example.org")
	step(config.Config{IDs: "mine.example"}, "mine.example")
	step(config.Config{Address: "https://other.example"}, "mine.example")
	for address, want := range map[string]string{"http://192.0.2.1:80": "", "http://[::1]": "", "http://desk": "", "": "", "https://a.example:8443/x": "a.example"} {
		if got := publicName(address); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}
