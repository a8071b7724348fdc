package feed

import (
	"strings"
	"testing"

	"github.com/mmcdole/gofeed"
)

// good is a sound feed of 100 items and 240 KB, as outlets send them.
func good() string {
	paragraph := "<p>The <a href=\"https://outlet.example/harbour\">harbour</a> stays closed until Friday, the council said, since the wreck blocks the channel.</p>\n"
	item := `<item><title>Harbour stays closed &#8211; again</title><link>https://outlet.example/harbour-stays-closed?page=1&amp;from=feed</link>
<guid isPermaLink="false">https://outlet.example/?p=4711</guid><dc:creator><![CDATA[Ada Quill]]></dc:creator><pubDate>Mon, 02 Mar 2026 08:30:00 +0000</pubDate>
<category><![CDATA[Harbour]]></category><category><![CDATA[Council]]></category>
<description><![CDATA[` + paragraph + `]]></description><content:encoded><![CDATA[` + strings.Repeat(paragraph, 12) + `]]></content:encoded></item>
`
	return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Harbour Post</title><link>https://outlet.example/</link>` + strings.Repeat(item, 100) + `</channel></rss>`
}

// BenchmarkParse stands beside BenchmarkGofeed: what mending and mapping cost over gofeed alone.
func BenchmarkParse(b *testing.B) {
	body := []byte(good())
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := Parse(body, "application/rss+xml", "https://outlet.example/feed"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGofeed(b *testing.B) {
	body := good()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := gofeed.NewParser().ParseString(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkItems(b *testing.B) {
	body := []byte(good())
	d, err := Parse(body, "", "https://outlet.example/feed")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		d.Items(feedOf("https://outlet.example/feed"), seen)
	}
}
