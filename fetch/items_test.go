package fetch

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/fetch/guard"
)

// TestReadingNewsOnly plays a feed whose items come, change, go, share a guid or have none, now and then damaged: a client that knows the
// spans of the last answer finds the same items as one that reads every answer whole.
func TestReadingNewsOnly(t *testing.T) {
	c := New(Options{FullText: copytaster.FullTextNever})
	r := rand.New(rand.NewPCG(8, 8))
	f := copytaster.Feed{URL: harbour}
	for _, write := range []func([]notice) string{asRSS, asAtom, asRDF} {
		var known, unknown State
		var shown []notice
		left := 0
		for round := range 150 {
			shown = change(r, shown, round)
			body := write(shown)
			if r.IntN(10) == 0 {
				body = body[:len(body)-r.IntN(len(body)/3)]
			}
			answer := guard.Answer{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/xml"}}, Body: []byte(body), Final: harbour}
			now := monday.Add(time.Duration(round) * time.Hour)
			got, news := c.read(t.Context(), f, known, answer, now)
			want, all := c.read(t.Context(), f, unknown, answer, now)
			if got.Trouble != want.Trouble || !reflect.DeepEqual(got.Known, want.Known) || !reflect.DeepEqual(news, all) {
				t.Fatalf("round %d of %s: got %d items, %q, want %d, %q\n%+v\n%+v", round, body[:20], len(news), got.Trouble, len(all), want.Trouble, news, all)
			}
			if got.Doc == nil {
				continue
			}
			for _, known := range got.Doc.Known {
				if known {
					left++
				}
			}
			known.Known, known.Spans = known.Known.Follow(got.Known, false), got.Spans
			unknown.Known = unknown.Known.Follow(want.Known, false)
		}
		if left < 300 {
			t.Errorf("%d entries were left out in 150 rounds, want most", left)
		}
	}
}

// notice is an item of the feed.
type notice struct{ guid, title, text string }

// change adds, alters and drops entries.
func change(r *rand.Rand, list []notice, round int) []notice {
	for i := range 1 + r.IntN(3) {
		e := notice{fmt.Sprintf("https://news.example.org/%d-%d", round, i), fmt.Sprint("Ferry ", r.IntN(1000), " sails"), fmt.Sprint("The ferry sails at ", r.IntN(1000), " &lt;b&gt;sharp&lt;/b&gt;.")}
		switch {
		case r.IntN(12) == 0:
			e.guid = ""
		case r.IntN(12) == 0 && len(list) > 0:
			e.guid = list[r.IntN(len(list))].guid
		}
		list = append([]notice{e}, list...)
	}
	if r.IntN(3) == 0 {
		list[r.IntN(len(list))].text = fmt.Sprint("Changed to ", r.IntN(1000), ".")
	}
	if r.IntN(4) == 0 {
		at := r.IntN(len(list))
		list = append(list[:at:at], list[at+1:]...)
	}
	return list[:min(len(list), 20)]
}

func asRSS(list []notice) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Harbour Post</title>`)
	for _, e := range list {
		fmt.Fprintf(&b, "<item><title>%s</title>\n<guid>%s</guid><description>%s</description></item>\n", e.title, e.guid, e.text)
	}
	return b.String() + "<link>https://news.example.org/</link></channel></rss>"
}

func asAtom(list []notice) string {
	var b strings.Builder
	b.WriteString(`<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour Post</title>`)
	for _, e := range list {
		fmt.Fprintf(&b, "<entry><title>%s</title><id>%s</id><summary type=\"html\">%s</summary></entry>", e.title, e.guid, e.text)
	}
	return b.String() + "</feed>"
}

func asRDF(list []notice) string {
	var b strings.Builder
	b.WriteString(`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>Harbour Post</title></channel>`)
	for _, e := range list {
		fmt.Fprintf(&b, "<item rdf:about=\"%s\"><title>%s</title><link>%s</link><description>%s</description></item>", e.guid, e.title, e.guid, e.text)
	}
	return b.String() + "</rdf:RDF>"
}

// TestDeliveredHTML: what is delivered as HTML is sanitised, and nothing where there is text.
func TestDeliveredHTML(t *testing.T) {
	c := New(Options{FullText: copytaster.FullTextNever})
	body := asRSS([]notice{{"a", "A picture", "&lt;img src=\"https://news.example.org/a.png\" onerror=\"x()\"&gt;&lt;script&gt;x()&lt;/script&gt;"}, {"b", "A text", "&lt;p&gt;The ferry sails.&lt;/p&gt;"}})
	f := c.defaults(copytaster.Feed{URL: harbour})
	_, items := c.read(t.Context(), f, State{}, guard.Answer{Status: http.StatusOK, Header: http.Header{}, Body: []byte(body), Final: harbour}, monday)
	var d Delivery
	c.complete(t.Context(), f, &d, items)
	if len(d.Items) != 2 || d.Items[0].HTML != `<img src="https://news.example.org/a.png">` || d.Items[1].HTML != "" || d.Items[1].Blocks[0].Text != "The ferry sails." {
		t.Errorf("got %+v", d.Items)
	}
}

// An outlet whose servers take turns with two editions brings each item once.
func TestTwoServersTakingTurns(t *testing.T) {
	n := 0
	o := options(nil)
	o.Transport = origin(func(*http.Request) *http.Response {
		n++
		if n%2 == 0 {
			return reply(200, rss("", 3, 2, 1))
		}
		return reply(200, rss("", 4, 3, 2))
	})
	total := 0
	for _, d := range polls(t, o, copytaster.Feed{URL: harbour}, 8) {
		total += len(d.Items)
	}
	if total != 4 {
		t.Errorf("got %d items in all, want 4", total)
	}
}
