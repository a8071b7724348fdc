package feed

import (
	"errors"
	"strings"
	"testing"
)

// TestSame: nothing is read where only dates around the entries changed, and the feed is read where anything else did.
func TestSame(t *testing.T) {
	const dated = "<lastBuildDate>Mon, 02 Mar 2026 08:30:00 GMT</lastBuildDate>"
	body := strings.Replace(voyage, "<channel>", "<channel><ttl>60</ttl>"+dated, 1)
	first, err := Parse([]byte(body), "", "")
	if err != nil {
		t.Fatal(err)
	}
	from, to := strings.Index(body, "<item>"), strings.LastIndex(body, "<item>")
	for _, c := range []struct {
		what, body string
		same       bool
	}{
		{"nothing", body, true},
		{"the date", strings.Replace(body, "08:30:00 GMT</last", "09:45:00 GMT</last", 1), true},
		{"the date goes", strings.Replace(body, dated, "", 1), false},
		{"the ttl", strings.Replace(body, "<ttl>60", "<ttl>90", 1), false},
		{"the title", strings.Replace(body, "Voyages", "Ferries", 1), false},
		{"an entry", strings.Replace(body, "Fog", "Rain", 1), false},
		{"the date of an entry", strings.Replace(body, "2026 08:30:00 GMT</pub", "2026 09:45:00 GMT</pub", 1), false},
		{"an entry goes", body[:from] + body[strings.Index(body, "</item>")+len("</item>\n"):], false},
		{"the order", body[:from] + body[to:strings.LastIndex(body, "</channel>")] + body[from:to] + "</channel>\n</rss>\n", false},
	} {
		_, err := ParseNews([]byte(c.body), "", "", Last{Spans: first.Spans, Head: first.Head})
		if errors.Is(err, ErrSame) != c.same || !c.same && err != nil {
			t.Errorf("%s: got %v", c.what, err)
		}
	}
	if _, err := ParseNews([]byte("<rss><channel><title>a</title></channel></rss>"), "", "", Last{}); err != nil {
		t.Errorf("no entries: got %v", err)
	}
}
