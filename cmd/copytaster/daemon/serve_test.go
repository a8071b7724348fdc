package daemon

import (
	"slices"
	"testing"

	"copytaster/config"
)

func TestHomeIsAnAddressThatReadersCanUse(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8765": "http://127.0.0.1:8765", "news.example:80": "http://news.example:80", "[::1]:8765": "http://[::1]:8765",
		"0.0.0.0:8765": "", "[::]:8765": "", ":8765": "",
	} {
		public := &config.Config{Listen: listen, Address: "https://news.example.org/press"}
		if got, names := Home(public), hostNames(public); got != public.Address || !slices.Equal(names, []string{"news.example.org"}) {
			t.Errorf("%s, with an address: got %q, host names %q", listen, got, names)
		}
		cfg := &config.Config{Listen: listen}
		if got := Home(cfg); got != want {
			t.Errorf("%s: got %q, want %q", listen, got, want)
		}
		if got := hostNames(cfg); slices.Contains(got, "") || (len(got) == 1) != (want != "") {
			t.Errorf("%s: got host names %q", listen, got)
		}
	}
}
