package fetch_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"

	"copytaster"
	"copytaster/fetch"
)

// A round polls what is due; the states that come with the deliveries are what the next round starts from.
func ExampleClient_Round() {
	outlet := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"morning"`)
		if r.Header.Get("If-None-Match") == `"morning"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, `<rss version="2.0"><channel><title>Harbour News</title><item><title>The ferry sails</title><guid>f1</guid></item></channel></rss>`)
	}))
	defer outlet.Close()
	c := fetch.New(fetch.Options{Contact: "desk@example.org", FullText: copytaster.FullTextNever,
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	feeds, states := []copytaster.Feed{{URL: outlet.URL}}, map[string]fetch.State{}
	for range 2 {
		err := c.Round(context.Background(), feeds, states, func(d fetch.Delivery) error {
			d.State.Next = d.At // due again at once, for the example
			states[d.Feed] = d.State
			fmt.Printf("%s: %d new, feed is %s\n", d.Outcome, len(d.Items), d.State.Words(d.At))
			return nil
		})
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// new: 1 new, feed is well
	// not modified: 0 new, feed is well
}
