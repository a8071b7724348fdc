package fetch

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"copytaster"
)

// TestARefusedAddressIsAskedOnceItIsAllowed: nobody was asked, so there is nobody to be spared.
func TestARefusedAddressIsAskedOnceItIsAllowed(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(`<rss version="2.0"><channel><title>T</title><item><title>a</title><link>http://a.example/1</link></item></channel></rss>`))
	}))
	defer server.Close()
	f := copytaster.Feed{URL: server.URL}
	once := func(o Options, s State) (d Delivery) {
		err := New(o).Round(t.Context(), []copytaster.Feed{f}, map[string]State{f.URL: s}, func(v Delivery) error { d = v; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := once(Options{}, State{})
	if !d.State.Refused || !strings.Contains(d.State.Trouble, "fetch.allow_private") {
		t.Fatalf("not allowed: got %+v, want a refusal that names the key", d.State)
	}
	d = once(Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, d.State)
	if len(d.Items) != 1 || d.State.Refused || d.State.Failures != 0 {
		t.Errorf("allowed, right after: got %d items, %+v; want it polled", len(d.Items), d.State)
	}
}
