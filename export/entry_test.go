package export

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/export/safe"
)

// TestNeighbours shows that an entry's bytes do not hang on what else is in the feed: a new story never touches the old ones.
func TestNeighbours(t *testing.T) {
	all := stories(t, "hostile.json")
	entryRE := regexp.MustCompile(`(?s)<(?:item|entry)[ >].*?</(?:item|entry)>`)
	for _, ext := range []string{"rss", "atom"} {
		f := formats()[ext]
		together := entryRE.FindAll(render(t, f, channel(), all), -1)
		i := 0
		seen := map[string]bool{}
		for _, s := range all {
			if len(s.Items) == 0 || seen[s.ID] {
				continue
			}
			seen[s.ID] = true
			alone := entryRE.FindAll(render(t, f, channel(), []copytaster.Story{s}), -1)
			if len(alone) != 1 || !bytes.Equal(alone[0], together[i]) {
				t.Errorf("%s: story %q alone differs from what it is among others", ext, s.ID)
			}
			i++
		}
		if i != len(together) {
			t.Errorf("%s: got %d entries, want %d", ext, len(together), i)
		}
	}
}

// TestStampsDiffer shows that stories that changed in one second never share a time, as they would in a first poll.
func TestStampsDiffer(t *testing.T) {
	when := time.Date(2026, 3, 4, 5, 6, 7, 891, time.UTC)
	seen := map[time.Time]string{}
	for i := range 10_000 {
		id := copytaster.ItemID("https://a.example/feed", fmt.Sprint(i))
		e := entry{story: copytaster.Story{ID: id}, updated: when}
		got := e.stamp()
		if got.Truncate(time.Second) != when.Truncate(time.Second) || seen[got] != "" {
			t.Errorf("story %s: got %v, as for %q", id, got, seen[got])
		}
		seen[got] = id
	}
}

func TestTimes(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 3, 4, hour, 0, 0, 0, time.UTC) }
	for _, c := range []struct{ published, updated, item, wantPublished, wantUpdated time.Time }{
		{at(5), at(6), at(1), at(5), at(6)},
		{at(5), at(4), at(1), at(5), at(5)},
		{at(5), time.Time{}, at(1), at(5), at(5)},
		{time.Time{}, at(6), at(1), at(1), at(6)},
		{time.Time{}, time.Time{}, time.Time{}, unknown, unknown},
		{time.Unix(0, 0), time.Unix(1<<40, 0), at(1), at(1), at(1)},
		{at(5).Add(999 * time.Millisecond), at(5).Add(time.Millisecond), at(1), at(5), at(5)},
		{at(5).In(time.FixedZone("", 7200)), at(6), at(1), at(5), at(6)},
	} {
		s := copytaster.Story{Published: c.published, Updated: c.updated, Items: []copytaster.Item{{Published: c.item}}}
		published, updated := times(s, "")
		if published != c.wantPublished || updated != c.wantUpdated {
			t.Errorf("%v, %v, item %v: got %v, %v", c.published, c.updated, c.item, published, updated)
		}
	}
}

func TestOutlet(t *testing.T) {
	for _, c := range []struct {
		it   copytaster.Item
		want string
	}{
		{copytaster.Item{Outlet: " The  Gull ", URL: "https://a.example/"}, "The Gull"},
		{copytaster.Item{URL: "https://a.example/x", Feed: "https://b.example/"}, "a.example"},
		{copytaster.Item{URL: ":", Feed: "https://b.example:8080/"}, "b.example"},
		{copytaster.Item{}, "unknown outlet"},
		{copytaster.Item{Outlet: "\x00"}, "unknown outlet"},
	} {
		if got := outlet(c.it); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.it, got, c.want)
		}
	}
}

func TestHeadline(t *testing.T) {
	text := []copytaster.Block{{Text: "Stripped", Kept: false}, {Text: "The first\nsentence.", Kept: true}}
	for _, c := range []struct {
		it   copytaster.Item
		want string
	}{
		{copytaster.Item{Title: " A <b>title</b> "}, "A <b>title</b>"},
		{copytaster.Item{Title: "\x00", Blocks: text}, "The first sentence."},
		{copytaster.Item{HTML: "<p>From <i>markup</i><p>alone"}, "From markup alone"},
		{copytaster.Item{Outlet: "The Gull"}, "From The Gull"},
	} {
		if got := headline(c.it); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.it, got, c.want)
		}
	}
}

func TestEnclosures(t *testing.T) {
	it := copytaster.Item{Enclosures: []copytaster.Enclosure{
		{URL: "https://m.example/a.mp3", Type: "audio/mpeg", Length: 5},
		{URL: "https://m.example/ä.mp3", Type: "no type", Length: -5},
		{URL: "http://localhost/x", Type: "audio/mpeg"},
		{URL: "javascript:alert(1)", Type: "audio/mpeg"},
		{URL: "https://m_edia.example/x", Type: "audio/mpeg"},
	}}
	want := []copytaster.Enclosure{{URL: "https://m.example/a.mp3", Type: "audio/mpeg", Length: 5}, {URL: "https://m.example/%C3%A4.mp3", Type: "application/octet-stream"}}
	if got := enclosures(it); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCarries(t *testing.T) {
	for want, share := range map[string]*copytaster.Share{
		"":                                   nil,
		" (100 % of this text)":              {Kept: 1, Added: .001},
		" (50 % of this text, 25 % its own)": {Kept: .5, Added: .25},
		" (0 % of this text, 100 % its own)": {Kept: math.NaN(), Added: math.Inf(1)},
	} {
		if got := (other{share: share}).carries(); got != want {
			t.Errorf("%+v: got %q, want %q", share, got, want)
		}
	}
}

func TestMintUUID(t *testing.T) {
	uuid := regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for i := range 1_000 {
		for _, kind := range []string{"story", "feed"} {
			id := mint("", unknown, kind, fmt.Sprint(i))
			if !uuid.MatchString(id) || !safe.IsTag(id) || seen[id] {
				t.Errorf("%s %d: got %s", kind, i, id)
			}
			seen[id] = true
		}
	}
	for name, want := range map[string]string{"5d1f": "tag:a.example,2000:story/5d1f", "": "", "a b": "", "</id>": "", strings.Repeat("x", 81): ""} {
		got := mint("A.example", unknown, "story", name)
		if want != "" && got != want || !safe.IsTag(got) {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}

func TestRightToLeft(t *testing.T) {
	s := stories(t, "front.json")[0]
	for lang, want := range map[string]bool{"ar": true, "he-IL": true, "fa": true, "en": false, "": false, "arn": false} {
		s.Items[0].Language = lang
		got := newEntry(channel(), s).body
		if strings.HasPrefix(got, "<div dir=\"rtl\">\n<p>") != want || strings.Count(got, "<div") != strings.Count(got, "</div>") {
			t.Errorf("%q: got %.80q", lang, got)
		}
		checkMarkup(t, lang, got)
	}
}

func TestStoryPageLink(t *testing.T) {
	s := stories(t, "front.json")[0]
	c := channel()
	if got := newEntry(c, s).body; !strings.Contains(got, `<p><a href="http://127.0.0.1:7777/story/5d1f0c8a9b3e7742">Compare the versions</a></p>`) {
		t.Errorf("got %s", got)
	}
	s.Items[0].URL = ""
	if got := newEntry(c, s); got.url != "http://127.0.0.1:7777/story/5d1f0c8a9b3e7742" || !strings.Contains(got.body, "carried by Harbour Courier<") {
		t.Errorf("a lead without an address: got link %q and %s", got.url, got.body)
	}
	c.Stories = ""
	if got := newEntry(c, s).body; strings.Contains(got, "Compare") {
		t.Errorf("without pages: got %s", got)
	}
}

// ExampleOPML lists two sources.
func ExampleOPML() {
	err := OPML(os.Stdout, "Sources", []copytaster.Feed{
		{URL: "https://gull.example/feed", Outlet: "The Gull", Tags: []string{"coast"}, Language: "en"},
		{URL: "https://molo.example/rss", Outlet: "Il Molo", Disabled: true},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <opml version="2.0">
	//   <head>
	//     <title>Sources</title>
	//   </head>
	//   <body>
	//     <outline type="rss" text="The Gull" title="The Gull" xmlUrl="https://gull.example/feed" language="en" category="coast"></outline>
	//     <outline type="rss" text="Il Molo" title="Il Molo" xmlUrl="https://molo.example/rss" isComment="true"></outline>
	//   </body>
	// </opml>
}

// TestRenew shows what moves an entry's time of change, by what the channel counts as one.
func TestRenew(t *testing.T) {
	at := func(minutes int) time.Time {
		return time.Date(2026, 3, 4, 6, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
	}
	item := func(outlet string, minutes int) copytaster.Item {
		return copytaster.Item{ID: outlet, Outlet: outlet, Published: at(minutes), Seen: at(minutes)}
	}
	story := func(lead copytaster.Item, others ...copytaster.Item) copytaster.Story {
		return copytaster.Story{ID: "s", Published: at(0), Updated: at(1000), Items: append([]copytaster.Item{lead}, others...)}
	}
	corrected, soon, ahead := item("A", 0), item("A", 0), item("A", 0)
	corrected.Updated, soon.Updated, ahead.Updated = at(90), at(9), at(5000)
	for name, c := range map[string]struct {
		story         copytaster.Story
		text, outlets int // minutes
	}{
		"alone":                  {story(item("A", 0)), 0, 0},
		"one joins":              {story(item("A", 0), item("B", 30)), 0, 30},
		"between two steps":      {story(item("A", 0), item("B", 30), item("C", 40), item("D", 50)), 0, 40},
		"two items of an outlet": {story(item("A", 0), item("B", 30), item("B", 60), item("A", 70)), 0, 30},
		"another leads":          {story(item("B", 30), item("A", 0)), 30, 30},
		"the outlet corrects":    {story(corrected, item("B", 30)), 90, 90},
		"a slip of the pen":      {story(soon), 0, 0},
		"an outlet ahead of us":  {story(ahead), 0, 0},
	} {
		for renew, want := range map[string]int{"": 1000, RenewText: c.text, RenewOutlets: c.outlets} {
			published, updated := times(c.story, renew)
			if !published.Equal(at(0)) || !updated.Equal(at(want)) {
				t.Errorf("%s, %q: got %v to %v, want %v", name, renew, published, updated, at(want))
			}
		}
	}
}

func TestItemTime(t *testing.T) {
	seen := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for in, want := range map[time.Time]time.Time{
		{}:                                seen,
		time.Unix(0, 0):                   seen,
		seen.Add(-time.Hour):              seen.Add(-time.Hour),
		seen.Add(time.Hour):               seen.Add(time.Hour),
		seen.Add(1000 * time.Hour):        seen,
		time.Unix(1<<40, 0):               seen,
		seen.AddDate(-10000, 0, 0):        seen,
		seen.AddDate(-30, 0, 0):           seen.AddDate(-30, 0, 0),
		seen.AddDate(-36, -4, 0):          seen,
		seen.In(time.FixedZone("", 3600)): seen,
	} {
		if got := itemTime(copytaster.Item{Published: in, Seen: seen}); !got.Equal(want) {
			t.Errorf("published %v: got %v, want %v", in, got, want)
		}
	}
	if got := itemTime(copytaster.Item{}); !got.Equal(unknown) {
		t.Errorf("no times at all: got %v", got)
	}
}
