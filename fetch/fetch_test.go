package fetch

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"copytaster"
)

// origin answers requests from functions; no network.
type origin func(*http.Request) *http.Response

func (o origin) RoundTrip(r *http.Request) (*http.Response, error) {
	if resp := o(r); resp != nil {
		resp.Request = r
		return resp, r.Context().Err()
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// reply makes a response; headers are "Name: value".
func reply(status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h[name] = append(h[name], value)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// rss is a feed of items with the given numbers; each has a text that is long enough for a story.
func rss(head string, items ...int) string { return bulletin(head, 20, items) }

// bulletin is a feed of items of so many sentences.
func bulletin(head string, sentences int, items []int) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Harbour News</title><link>http://harbour.example/</link>` + head)
	for _, n := range items {
		id := strconv.Itoa(n)
		b.WriteString(`<item><title>Ferry ` + id + ` sails</title><guid isPermaLink="false">f` + id + `</guid><link>http://harbour.example/` + id +
			`</link><description>` + strings.Repeat("The ferry number "+id+" left the pier at noon. ", sentences) + `</description></item>`)
	}
	return b.String() + `</channel></rss>`
}

const harbour = "http://harbour.example/feed"

// monday is a time at which nothing special is.
var monday = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

func options(o origin) Options {
	return Options{Version: "1.2", Contact: "mailto:desk@example.org", Transport: o, Floor: 15 * time.Minute, FullText: copytaster.FullTextNever}
}

// polls runs n polls of the feed, each at its due time, and gives the deliveries.
func polls(t *testing.T, o Options, f copytaster.Feed, n int) (all []Delivery) {
	t.Helper()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	o.Now = func() time.Time { return now }
	c := New(o)
	var s State
	for range n {
		d, err := c.Poll(t.Context(), f, s)
		if err != nil {
			t.Fatal(err)
		}
		all, s = append(all, d), d.State
		now = s.Next
	}
	return all
}

func TestPollDeliversEachItemOnce(t *testing.T) {
	bodies := []string{rss("", 1, 2), rss("<!-- later -->", 1, 2), rss("", 1, 2, 3), rss("", 1, 2, 3)}
	i := -1
	all := polls(t, options(func(*http.Request) *http.Response { i++; return reply(200, bodies[i], `Etag: "a"`) }), copytaster.Feed{URL: harbour}, 4)
	for k, want := range []struct {
		outcome Outcome
		items   int
	}{{Fresh, 2}, {Unchanged, 0}, {Fresh, 1}, {Unchanged, 0}} {
		if d := all[k]; d.Outcome != want.outcome || len(d.Items) != want.items {
			t.Errorf("poll %d: got %s with %d items, want %s with %d", k, d.Outcome, len(d.Items), want.outcome, want.items)
		}
	}
}
