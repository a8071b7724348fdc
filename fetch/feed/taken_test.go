package feed

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"copytaster/fetch/feed/charset"
	"copytaster/fetch/feed/repair"
)

// whole reads a feed with nothing taken out of it before gofeed.
func whole(body []byte, contentType, base string) (*Document, error) {
	prolog, root, err := split(charset.Decode(body, contentType), base)
	if err != nil || strings.HasPrefix(root, "{") {
		return parse(body, contentType, base)
	}
	d, fixed, err := parseXML(repair.XML(prolog, root, maxItems, newest))
	if err == nil {
		d.settle(fixed, base)
	}
	return d, err
}

// alike fails the test unless a feed reads the same with what is plain taken out of it before gofeed and put back behind it.
func alike(t *testing.T, body []byte, contentType, base string) {
	t.Helper()
	got, err := parse(body, contentType, base)
	want, wantErr := whole(body, contentType, base)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%q:\ngot error %v, want %v", body, err, wantErr)
	}
	if err != nil || reflect.DeepEqual(got, want) {
		return
	}
	if !reflect.DeepEqual(got.Feed, want.Feed) {
		t.Errorf("%q: got feed %+v, want %+v", body, got.Feed, want.Feed)
	}
	for i := range want.Entries {
		if i >= len(got.Entries) || !reflect.DeepEqual(got.Entries[i], want.Entries[i]) {
			t.Fatalf("%q: got entry %d of\n%+v\nwant\n%+v", body, i, got.Entries, want.Entries[i])
		}
	}
	t.Fatalf("%q: got %+v, want %+v", body, got, want)
}

func TestTaken(t *testing.T) {
	names, _ := filepath.Glob("testdata/cases/*")
	for _, name := range names {
		c := readCase(t, name)
		alike(t, c.body, c.contentType, c.base)
	}
	for _, body := range plainFeeds {
		alike(t, []byte(body), "", "https://outlet.example/feed")
		for kind := range 4 {
			for place := 0; place < 1500; place += 7 {
				alike(t, []byte(damage(body, kind, place)), "", "https://outlet.example/feed")
			}
		}
	}
	if dir := os.Getenv("COPYTASTER_FEEDS"); dir != "" {
		filepath.Walk(dir, func(name string, info os.FileInfo, err error) error {
			if err == nil && info.Mode().IsRegular() {
				if body, err := os.ReadFile(name); err == nil {
					if body, err = inflate(body); err == nil {
						t.Run(name, func(t *testing.T) { alike(t, body, "", "https://outlet.example/feed") })
					}
				}
			}
			return nil
		})
	}
}

// FuzzTaken: whatever a feed holds, it reads the same as gofeed alone would have it read.
func FuzzTaken(f *testing.F) {
	for _, body := range plainFeeds {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) { alike(t, body, "", "https://outlet.example/feed") })
}

// plainFeeds have much that can be taken out, and much beside it that must not be.
var plainFeeds = []string{voyage,
	`<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<title>Ferry &amp; Tide</title><link>https://outlet.example/</link>
<item xml:base="https://outlet.example/a/">
<title> Tide &#8211; table &lt;b&gt;out&lt;/b&gt; </title>
<link>one?x=1&amp;copy=2</link>
<comments>https://outlet.example/1#respond</comments>
<dc:creator> <![CDATA[ Ada & Co ]]> </dc:creator>
<dc:creator>Bo &amp; Sons</dc:creator>
<pubDate>Mon, 02 Mar 2026 08:30:00 +0000</pubDate>
<category domain="x"><![CDATA[Sea]]></category>
<category/>
<category>Tide</category>
<guid isPermaLink="false">p1</guid>
<description>plain <![CDATA[and <i>not</i> &amp; ]]> more &amp;amp; <![CDATA[x]]></description>
<content:encoded><![CDATA[<p>Long <a href="b">text</a> &nbsp; here</p>]]></content:encoded>
<wfw:commentRss>https://outlet.example/1/feed</wfw:commentRss>
<slash:comments>7</slash:comments>
<media:content url="https://outlet.example/1.jpg" medium="image"><media:title type="html">At sea</media:title></media:content>
<media:description>From the pier</media:description>
<atom:link rel="replies" href="r"/>
</item>
<item>
<title></title>
<title>Second title</title>
<link>https://outlet.example/2</link>
<description></description>
<media:description>Only here</media:description>
<content:encoded xmlns:content="urn:other">no content</content:encoded>
<guid>https://outlet.example/2</guid>
</item>
<item>
<title>tags <b>inside</b></title>
<title>after it</title>
<description><p>loose</p></description>
<guid isPermaLink="true" x="y">three</guid>
</item>
<item>
<category>one</category>
<category>two <!-- c --></category>
<category>three</category>
<link href="https://outlet.example/4"/>
<link>https://outlet.example/4b</link>
</item>
</channel>
</rss>
`,
	`<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:base="https://outlet.example/b/">
<title>Tides</title>
<id>tag:outlet.example,2026:all</id>
<updated>2026-03-01T08:30:00Z</updated>
<entry xml:lang="de">
<title type="html">Ebbe &amp;amp; Flut</title>
<link href="one"/>
<id>tag:outlet.example,2026:1</id>
<published>2026-03-01T08:30:00Z</published>
<updated>2026-03-01T08:30:00+02:00</updated>
<summary type="text">kurz &lt; lang</summary>
<content type="html" xml:base="https://outlet.example/c/">&lt;p&gt;Das &lt;a href="x"&gt;Meer&lt;/a&gt;&lt;/p&gt;</content>
<category term="Meer"/>
<author><name>Ada Quill</name></author>
</entry>
<entry>
<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Ebbe <b>jetzt</b></div></title>
<id>two</id>
<content type="text/plain">a &amp;amp; b</content>
<content type="html"><![CDATA[<p>last</p>]]></content>
<summary mode="escaped">&lt;b&gt;old&lt;/b&gt;</summary>
<summary>new</summary>
<title>Zwei</title>
</entry>
<entry>
<content type="application/octet-stream">dGVzdA==</content>
<content src="https://outlet.example/3.html" type="text/html"/>
<published>yesterday</published>
</entry>
</feed>
`,
	`<rss version="2.0" xmlns:m="http://search.yahoo.com/mrss" xmlns:media="https://search.yahoo.com/mrss/" xmlns:o="urn:other"><channel><title>Pictures</title>
<item><title>One</title><m:group> <m:content fileSize="12" type="image/jpeg" url=" https://outlet.example/1.jpg?a=1&amp;b=2 "/>
<!-- small --><m:thumbnail url='https://outlet.example/"1".jpg'></m:thumbnail><m:title> At &#8211; sea <![CDATA[ & <b>ashore</b> ]]> &lt;i&gt; </m:title></m:group>
<m:description type="html">a <o:b x="y">nested</o:b> one &#150;</m:description><m:credit role="photographer">Bo</m:credit><m:credit role="author" scheme="urn:x">Ada</m:credit></item>
<item><title>Two</title><media:thumbnail url="https://outlet.example/2.jpg"/><m:thumbnail url="https://outlet.example/2b.jpg"/></item>
<item><title>Three</title><m:thumbnail url="https://outlet.example/3.jpg"/><thumbnail xmlns="http://search.yahoo.com/mrss/" url="https://outlet.example/3b.jpg"/><m:keywords/></item>
<item><m:content url="https://outlet.example/4.jpg" xml:lang="de" medium="image"/><m:content url="https://outlet.example/5.jpg" medium="image"/><m:title>Four</m:title></item>
<item><M:content url="https://outlet.example/6.jpg" medium="image"/><m:Content url="https://outlet.example/7.jpg" medium="image"/><m:title>Six` + "\r\n" + `and seven</m:title></item>
</channel></rss>
`,
	`<feed xmlns="http://www.w3.org/2005/Atom"><title>Pictures</title>
<entry><id>1</id><media:group><media:title>One</media:title><media:thumbnail url="https://outlet.example/1.jpg" width="1"/><media:description>Of one</media:description></media:group></entry>
<entry><id>2</id><media:content url="https://outlet.example/2.mp4" medium="video"><media:category label="Sea">s</media:category></media:content></entry>
</feed>
`}
