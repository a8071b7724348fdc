package feed

import (
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/fetch/feed/markup"
)

// items parses a feed and gives its items.
func items(t *testing.T, body string, f copytaster.Feed) []copytaster.Item {
	t.Helper()
	d, err := Parse([]byte(body), "", "https://outlet.example/feeds/all.xml")
	if err != nil {
		t.Fatal(err)
	}
	return d.Items(f, seen)
}

func rssItem(inside string) string {
	return `<rss><channel><title>Harbour Post</title><language>en</language><managingEditor>desk@outlet.example (News desk)</managingEditor>` + inside + `</channel></rss>`
}

func TestTheSameGUIDOnSeveral(t *testing.T) {
	body := rssItem(`<item><guid>x</guid><link>https://outlet.example/1</link></item><item><guid>x</guid><link>https://outlet.example/2</link></item>` +
		`<item><guid>x</guid><title>a</title></item><item><guid>x</guid><title>a</title></item><item><title>b</title></item><item><title>b</title></item>`)
	first := items(t, body, feedOf("f"))
	guids := map[string]bool{}
	for _, it := range first {
		guids[it.GUID] = true
	}
	if len(guids) != 6 || first[0].GUID != "x https://outlet.example/1" || first[1].GUID != "x https://outlet.example/2" {
		t.Errorf("got %v", guids)
	}
	for i, it := range items(t, body, feedOf("f")) {
		if it.ID != first[i].ID {
			t.Errorf("item %d: another id the second time: %s, %s", i, first[i].ID, it.ID)
		}
	}
	shifted := items(t, rssItem(`<item><guid>x</guid><link>https://outlet.example/0</link></item><item><guid>x</guid><link>https://outlet.example/1</link></item>`), feedOf("f"))
	if shifted[1].ID != first[0].ID {
		t.Errorf("one place further down: got %s, want the same id", shifted[1].GUID)
	}
}

func TestOutletAndLanguage(t *testing.T) {
	one := rssItem("<item><title>a</title></item>")
	for _, c := range []struct {
		body             string
		feed             copytaster.Feed
		outlet, language string
	}{
		{one, copytaster.Feed{URL: "https://www.outlet.example/feed"}, "Harbour Post", "en"},
		{one, copytaster.Feed{URL: "https://www.outlet.example/feed", Outlet: "HP", Language: "en-IE"}, "HP", "en-IE"},
		{"<rss><channel><item><title>a</title></item></channel></rss>", copytaster.Feed{URL: "https://www.outlet.example/feed"}, "outlet.example", ""},
	} {
		it := items(t, c.body, c.feed)[0]
		if it.Outlet != c.outlet || it.Language != c.language {
			t.Errorf("%+v: got %q, %q", c.feed, it.Outlet, it.Language)
		}
	}
}

func TestDates(t *testing.T) {
	got := items(t, rssItem(`<item><title>a</title></item><item><title>b</title><pubDate>Tue, 03 Mar 2026 00:00:00 GMT</pubDate></item>`+
		`<item><title>c</title><pubDate>Sun, 01 Mar 2026 00:00:00 GMT</pubDate></item>`), feedOf("f"))
	want := []time.Time{{}, seen, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	for i, it := range got {
		if !it.Published.Equal(want[i]) || it.Seen != seen {
			t.Errorf("%d: got %v, want %v", i, it.Published, want[i])
		}
	}
}

func TestHeadlines(t *testing.T) {
	long := strings.Repeat("harbour ", 30)
	got := items(t, rssItem(`<item><title>Dun &amp;amp; Son&lt;br&gt;&lt;b&gt;sold&lt;/b&gt;</title></item><item><title>1 &lt; 2 &lt;canvas&gt; &lt;harbour&gt;</title></item>`+
		`<item><description>&lt;p&gt;`+long+`&lt;/p&gt;</description></item>`), feedOf("f"))
	for i, want := range []string{"Dun & Son sold", "1 < 2 <harbour>", strings.TrimSpace(long[:79]) + " …"} {
		if got[i].Title != want {
			t.Errorf("got %q, want %q", got[i].Title, want)
		}
	}
	atom := `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>The &lt;b&gt; element</title></entry><entry><id>2</id><title type="html">The &lt;b&gt;bold&lt;/b&gt; one</title></entry></feed>`
	got = items(t, atom, feedOf("f"))
	if got[0].Title != "The <b> element" || got[1].Title != "The bold one" {
		t.Errorf("got %q and %q", got[0].Title, got[1].Title)
	}
}

func TestWhatElse(t *testing.T) {
	it := items(t, rssItem(`<item><title>a</title><link>http://www.outlet.example/a/?utm_source=feed&amp;id=4</link><source url="https://agency.example/feed">Agency</source>`+
		`<category>Sea &amp;amp; land</category><enclosure url="/a.mp3" length="x" type="audio/mpeg"/>`+
		`<description>&lt;iframe src="https://ads.example"&gt;&lt;p onclick="x()"&gt;Text &lt;img src="b.png"&gt; on&lt;/p&gt;</description></item>`), copytaster.Feed{URL: "f", Tags: []string{"coast"}})[0]
	if it.URL != "https://outlet.example/a?id=4" || it.Publisher != "Agency" || it.Categories[0] != "Sea & land" || it.Tags[0] != "coast" || it.Authors[0] != "News desk" {
		t.Errorf("got %+v", it)
	}
	if it.Image != "https://outlet.example/feeds/b.png" || it.Enclosures[0] != (copytaster.Enclosure{URL: "https://outlet.example/a.mp3", Type: "audio/mpeg"}) {
		t.Errorf("got %q, %+v", it.Image, it.Enclosures)
	}
	if want, got := `<p>Text <img src="https://outlet.example/feeds/b.png"> on</p>`, markup.Sanitise(it.HTML); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestPolling holds what polling takes from a feed.
func TestPolling(t *testing.T) {
	d, err := Parse([]byte(`<rss xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><ttl>45</ttl>
<skipHours><hour>1</hour><hour>24</hour><hour>x</hour></skipHours><skipDays><day>Sunday</day></skipDays><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
<atom:link rel="self" href="/feed"/><atom:link rel="hub" href="https://hub.example/"/><atom:link rel="prev-archive" href="/feed?page=2"/></channel></rss>`), "", "https://outlet.example/x")
	if err != nil {
		t.Fatal(err)
	}
	if d.TTL != 45*time.Minute || d.Period != 6*time.Hour || len(d.SkipHour) != 2 || d.SkipHour[1] != 0 || d.SkipDay[0] != time.Sunday {
		t.Errorf("got %+v", d)
	}
	if d.Self != "https://outlet.example/feed" || d.Hub != "https://hub.example/" || d.Previous != "https://outlet.example/feed?page=2" {
		t.Errorf("got %q, %q, %q", d.Self, d.Hub, d.Previous)
	}
}
