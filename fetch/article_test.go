package fetch

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"copytaster"
)

// teasers is a feed of items with a sentence each.
func teasers(items ...int) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Harbour News</title><link>http://harbour.example/</link>`)
	for _, n := range items {
		fmt.Fprintf(&b, `<item><title>Ferry %d sails</title><guid isPermaLink="false">f%d</guid><link>http://harbour.example/%d</link><description>It sails.</description></item>`, n, n, n)
	}
	return b.String() + `</channel></rss>`
}

// story is an article page.
func story(path string) string {
	var b strings.Builder
	for i := range 8 {
		fmt.Fprintf(&b, "<p>Paragraph %d of the story at %s tells at some length how the ferry left the pier, who stood on deck, what the captain said and why the gulls did not follow.</p>\n", i, path)
	}
	return `<!doctype html><html lang="en"><head><title>A ferry sails</title><link rel="canonical" href="http://harbour.example` + path + `-long"></head>
<body><nav><a href="/">Home</a></nav><article><h1>A ferry sails</h1>` + b.String() + `</article><footer>All rights reserved</footer></body></html>`
}

// outlet is an origin with a feed and pages; pages[path] is a status, 200 if missing.
type outlet struct {
	feed   func() string
	pages  map[string]int
	robots string
	asked  []string
	at     []time.Time
}

func (o *outlet) RoundTrip(r *http.Request) (*http.Response, error) {
	o.asked, o.at = append(o.asked, r.URL.Path), append(o.at, time.Now())
	switch status := o.pages[r.URL.Path]; {
	case status != 0:
		return reply(status, ""), nil
	case r.URL.Path == "/feed":
		return reply(200, o.feed(), `Etag: "`+fmt.Sprint(len(o.asked))+`"`), nil
	case r.URL.Path == "/robots.txt":
		return reply(200, o.robots), nil
	}
	return reply(200, story(r.URL.Path), "Content-Type: text/html"), nil
}

// reading polls the outlet n times in virtual time.
func reading(t *testing.T, o *outlet, full copytaster.FullText, n int) (all []Delivery) {
	t.Helper()
	opt := options(nil)
	opt.Transport, opt.FullText = o, full
	c, s := New(opt), State{}
	for range n {
		d, err := c.Poll(t.Context(), copytaster.Feed{URL: harbour}, s)
		if err != nil {
			t.Fatal(err)
		}
		all, s = append(all, d), d.State
		time.Sleep(time.Until(s.Next))
	}
	return all
}

func (o *outlet) count(path string) (n int) {
	for _, a := range o.asked {
		if a == path {
			n++
		}
	}
	return n
}

func TestFullText(t *testing.T) {
	for _, c := range []struct {
		mode  copytaster.FullText
		feed  string
		pages int
	}{
		{copytaster.FullTextAuto, teasers(1, 2), 2},
		{copytaster.FullTextAuto, rss("", 1, 2), 0},
		{copytaster.FullTextAuto, strings.ReplaceAll(rss("", 1, 2), "</description>", "The end is near […]</description>"), 2},
		{copytaster.FullTextAlways, rss("", 1, 2), 2},
		{copytaster.FullTextNever, teasers(1, 2), 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := &outlet{feed: func() string { return c.feed }}
			all := reading(t, o, c.mode, 2)
			if got := o.count("/1") + o.count("/2"); got != c.pages || all[0].Pages != c.pages {
				t.Errorf("%s: got %d pages (%v), want %d, each once", c.mode, got, o.asked, c.pages)
			}
			if len(all[0].Items) != 2 || len(all[1].Items) != 0 {
				t.Errorf("%s: got %d and %d items, want 2 and none", c.mode, len(all[0].Items), len(all[1].Items))
			}
		})
	}
}

func TestPageCompletesItem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outlet{feed: func() string { return teasers(1) }}
		it := reading(t, o, copytaster.FullTextAuto, 1)[0].Items[0]
		if words(it.Blocks) < enough || it.Title != "Ferry 1 sails" || it.URL != copytaster.CanonicalURL("http://harbour.example/1-long") || it.Language == "" {
			t.Errorf("got %d words, title %q, address %s, language %q", words(it.Blocks), it.Title, it.URL, it.Language)
		}
	})
}

func TestPageThatFailsIsAskedOnceMore(t *testing.T) {
	for _, status := range []int{404, 500} {
		synctest.Test(t, func(t *testing.T) {
			o := &outlet{feed: func() string { return teasers(1, 2) }, pages: map[string]int{"/1": status}}
			all := reading(t, o, copytaster.FullTextAuto, 4)
			if got := o.count("/1"); got != 2 {
				t.Errorf("status %d: asked %d times, want 2", status, got)
			}
			if d := all[0]; len(d.Items) != 2 || d.Missed != 1 || !strings.Contains(d.State.PageTrouble, "harbour.example/1: ") || len(d.Items[0].Blocks) == 0 {
				t.Errorf("status %d: got %d items, %d missed, %q; want both with a text and a reason", status, len(d.Items), d.Missed, d.State.PageTrouble)
			}
		})
	}
}

func TestPageThatComesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outlet{feed: func() string { return teasers(1) }, pages: map[string]int{"/1": 500}}
		opt := options(nil)
		opt.Transport, opt.FullText = o, copytaster.FullTextAuto
		c := New(opt)
		first, _ := c.Poll(t.Context(), copytaster.Feed{URL: harbour}, State{})
		o.pages = map[string]int{"/feed": 304}
		second, err := c.Poll(t.Context(), copytaster.Feed{URL: harbour}, first.State)
		if err != nil || len(second.Items) != 1 || words(second.Items[0].Blocks) < enough || second.Outcome != NotModified {
			t.Fatalf("got %d items with a 304, %v; want the one whose page now came", len(second.Items), err)
		}
		if second.Items[0].ID != first.Items[0].ID || len(second.State.Pending) != 0 {
			t.Errorf("got item %s, %d still pending; want %s and none", second.Items[0].ID, len(second.State.Pending), first.Items[0].ID)
		}
	})
}

func TestPagesBeyondTheLimitWait(t *testing.T) {
	var many []int
	for n := range 130 {
		many = append(many, n+1)
	}
	synctest.Test(t, func(t *testing.T) {
		o := &outlet{feed: func() string { return teasers(many...) }}
		all := reading(t, o, copytaster.FullTextAuto, 2)
		if len(all[0].Items) != 130 || all[0].Pages != maxPages || len(all[1].Items) != 30 || all[1].Pages != 30 {
			t.Errorf("got %d items with %d pages, then %d with %d; want 130, 100, 30, 30", len(all[0].Items), all[0].Pages, len(all[1].Items), all[1].Pages)
		}
	})
}

func TestPagesAreAskedForOneASecond(t *testing.T) {
	for robots, gap := range map[string]time.Duration{"": pageGap, "User-agent: *\nCrawl-delay: 7": 7 * time.Second,
		"User-agent: copytaster\nCrawl-delay: 3\n\nUser-agent: *\nCrawl-delay: 20": 3 * time.Second, "User-agent: *\nCrawl-delay: 86400": maxDelay} {
		synctest.Test(t, func(t *testing.T) {
			o := &outlet{feed: func() string { return teasers(1, 2, 3) }, robots: robots}
			reading(t, o, copytaster.FullTextAuto, 1)
			for i := 3; i < len(o.at); i++ {
				if got := o.at[i].Sub(o.at[i-1]); got < gap || got > gap+time.Second {
					t.Errorf("%q: %s came %v after %s, want %v", robots, o.asked[i], got, o.asked[i-1], gap)
				}
			}
			if len(o.asked) != 5 {
				t.Errorf("%q: asked %v, want the feed, robots.txt once and three pages", robots, o.asked)
			}
		})
	}
}

func TestRobots(t *testing.T) {
	for robots, want := range map[string]bool{
		"":                                      true,
		"User-agent: *\nDisallow: /":            false,
		"User-agent: *\nDisallow:":              true,
		"User-agent: *\nDisallow: /1":           false,
		"User-agent: *\nDisallow: /2":           true,
		"User-agent: *\nDisallow: /\nAllow: /1": true,
		"User-agent: Copytaster\nDisallow: /":   false,
		"User-agent: other\nDisallow: /":        true,
		"User-agent: copytaster\nDisallow:\n\nUser-agent: *\nDisallow: /": true,
		"User-agent: *\nDisallow:\n\nUser-agent: other\nDisallow: /":      true, // one group to the parser if it is not helped
		"Disallow: /\nUser-agent: *\nDisallow: /9":                        true, // a rule before any group means nothing
		"User-agent: *\nCrawl-delay: soon\nDisallow: /1":                  false,
		"User-agent: *\r\nDisallow: /*1$ # no ones\r\n":                   false,
		"<!doctype html><title>Not found</title>":                         true,
	} {
		synctest.Test(t, func(t *testing.T) {
			o := &outlet{feed: func() string { return teasers(1) }, robots: robots}
			all := reading(t, o, copytaster.FullTextAuto, 2)
			if got := o.count("/1") == 1; got != want || len(all[0].Items) != 1 {
				t.Errorf("%q: page asked for: %v, want %v (%s)", robots, got, want, all[0].State.PageTrouble)
			}
		})
	}
}

func TestRobotsByStatus(t *testing.T) {
	for status, want := range map[int]bool{404: true, 403: true, 500: false, 503: false, 429: false} {
		synctest.Test(t, func(t *testing.T) {
			o := &outlet{feed: func() string { return teasers(1) }, pages: map[string]int{"/robots.txt": status}}
			reading(t, o, copytaster.FullTextAuto, 1)
			if got := o.count("/1") == 1; got != want {
				t.Errorf("robots.txt with %d: page asked for: %v, want %v", status, got, want)
			}
		})
	}
}

// A host that asks for a rest while its pages are fetched gets it, for its feed too.
func TestPagesAndTheirHostsRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outlet{feed: func() string { return teasers(1, 2, 3) }, pages: map[string]int{"/1": 429}}
		opt := options(nil)
		opt.Transport, opt.FullText = o, copytaster.FullTextAuto
		c := New(opt)
		first, _ := c.Poll(t.Context(), copytaster.Feed{URL: harbour}, State{})
		second, _ := c.Poll(t.Context(), copytaster.Feed{URL: harbour}, first.State)
		if len(o.asked) != 3 || second.Outcome != Held || !second.State.Next.After(time.Now().Add(time.Hour)) {
			t.Errorf("asked %v, then the feed was %s until %v; want nothing asked for an hour after the 429", o.asked, second.Outcome, second.State.Next)
		}
		if len(first.State.Pending) != 3 || len(first.Items) != 3 || len(second.State.Pending) != 3 {
			t.Errorf("got %d items, %d pending, then %d; want 3 of each", len(first.Items), len(first.State.Pending), len(second.State.Pending))
		}
		time.Sleep(time.Until(second.State.Next))
		if third, _ := c.Poll(t.Context(), copytaster.Feed{URL: harbour}, second.State); third.Outcome == Held || o.count("/1") != 2 {
			t.Errorf("after the rest: got %s, asked %v", third.Outcome, o.asked)
		}
	})
}

func TestShort(t *testing.T) {
	long := strings.Repeat("word ", enough)
	for text, want := range map[string]bool{"": true, "A word.": true, long: false, long + "…": true, long + "[...]": true,
		strings.Repeat("語", 2*enough): false, strings.Repeat("語", enough): true} {
		if got := short([]copytaster.Block{{Text: text}}); got != want {
			t.Errorf("%.20q of %d bytes: got %v, want %v", text, len(text), got, want)
		}
	}
}

// FuzzTidy: whatever a robots.txt holds, what is left of it has a group before every rule and is a fixed point.
func FuzzTidy(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /a # b\n\nSitemap: x\nCrawl-delay: 3")
	f.Add("disallow:\nuser-agent:\nallow")
	f.Fuzz(func(t *testing.T, text string) {
		once := tidy(text)
		if once != "" && !strings.HasPrefix(once, "user-agent: ") {
			t.Fatalf("%q: %q begins with no group", text, once)
		}
		if twice := tidy(once); twice != once {
			t.Fatalf("%q: %q becomes %q", text, once, twice)
		}
	})
}
