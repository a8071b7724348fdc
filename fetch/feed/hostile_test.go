package feed

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
)

// hostile are bodies made to keep a parser busy. None may take more than 2 s and 256 MiB.
func hostile() map[string]func() []byte {
	rss := func(inside string) []byte {
		return []byte(`<rss version="2.0" xmlns:x="urn:x"><channel><title>t</title>` + inside + `</channel></rss>`)
	}
	item := func(inside string) []byte {
		return rss(`<item><title>one</title><guid>1</guid>` + inside + `</item>`)
	}
	repeat := func(of string, bytes int) string { return strings.Repeat(of, bytes/len(of)) }
	const mb = 1 << 20
	return map[string]func() []byte{
		"deep nesting":        func() []byte { return item(repeat("<a>", 4*mb)) },
		"deep extension":      func() []byte { return item(repeat("<x:a>", 4*mb)) },
		"deep and closed":     func() []byte { return item(repeat("<x:a>", 4*mb) + repeat("</x:a>", 4*mb)) },
		"deep html":           func() []byte { return item("<description>" + repeat("&lt;b>", 4*mb) + "</description>") },
		"nested namespaces":   func() []byte { return item(nestedSpaces(40_000)) },
		"namespaces at once":  func() []byte { return []byte("<rss" + spaces(200_000) + "><channel><item/></channel></rss>") },
		"spaces and children": func() []byte { return []byte("<rss" + spaces(64) + "><channel>" + repeat("<x:a/>", 12*mb)) },
		"attributes":          func() []byte { return item("<x:a" + attributes(500_000) + "/>") },
		"one long attribute":  func() []byte { return item(`<x:a b="` + repeat("y", 4*mb) + `"/>`) },
		"items": func() []byte {
			return rss(strings.Repeat("<item><guid>1</guid><pubDate>3 Mar 2026</pubDate></item>", 100_000))
		},
		"empty items": func() []byte { return rss(repeat("<item/>", 12*mb)) },
		"entries": func() []byte {
			return []byte(`<feed xmlns="http://www.w3.org/2005/Atom">` + repeat("<entry><id>a</id></entry>", 12*mb))
		},
		"spaces":               func() []byte { return []byte(repeat(" ", 64*mb)) },
		"spaces under the cap": func() []byte { return append(bytes.Repeat([]byte(" "), 12*mb), item("")...) },
		"bomb":                 func() []byte { return bomb(200 * mb) },
		"bomb of bombs":        func() []byte { return compress(bomb(64 * mb)) },
		"laughs":               laughs,
		"pieces":               func() []byte { return item("<x:a>" + repeat("ab<!---->", mb) + "</x:a>") },
		"many pieces":          func() []byte { return item(repeat("<x:a>"+repeat("ab<!---->", 8<<10)+"</x:a>", 4*mb)) },
		"sections":             func() []byte { return item("<x:a>" + repeat("<![CDATA[a]]>", 2*mb) + "</x:a>") },
		"open comments":        func() []byte { return item(repeat("<!--", 4*mb)) },
		"open sections":        func() []byte { return item(repeat("<![CDATA[", 4*mb)) },
		"section in title":     func() []byte { return item(repeat("<title><![CDATA[", 4*mb)) },
		"sections in titles":   func() []byte { return item(repeat("<title><![CDATA[x", 4*mb) + "]]>") },
		"open instructions":    func() []byte { return item(repeat("<?", 4*mb)) },
		"open quotes":          func() []byte { return item(repeat(`<a b="><c d='>`, 4*mb)) },
		"titles":               func() []byte { return item(repeat("<title>", 4*mb)) },
		"titles and links":     func() []byte { return item(repeat("<title><link>", 4*mb)) },
		"authors":              func() []byte { return item(repeat("<author><name>", 4*mb)) },
		"wrong ends":           func() []byte { return item(repeat("<x:a></b>", 4*mb)) },
		"ends only":            func() []byte { return item(repeat("</x>", 4*mb)) },
		"ampersands":           func() []byte { return item("<title>" + repeat("&", 4*mb) + "</title>") },
		"open references":      func() []byte { return item("<title>" + repeat("&#", 4*mb) + "</title>") },
		"brackets":             func() []byte { return item("<title>" + repeat("]]>", 4*mb) + "</title>") },
		"less than":            func() []byte { return item("<description>" + repeat("<", 4*mb) + "</description>") },
		"roots":                func() []byte { return []byte(repeat("<!--<rss>", 4*mb)) },
		"no root":              func() []byte { return []byte(repeat("<p>", 4*mb)) },
		"prolog":               func() []byte { return append([]byte(repeat("<!ENTITY a", 4*mb)), item("")...) },
		"json depth":           func() []byte { return []byte(`{"version":"1","items":[` + repeat("[", 4*mb)) },
		"json items":           func() []byte { return []byte(`{"version":"1","items":[` + repeat(`{"id":"1"},`, 4*mb) + `{}]}`) },
		"wide tables":          func() []byte { return item("<description>" + repeat("&lt;table>&lt;b>", 4*mb) + "</description>") },
		"relative links":       func() []byte { return item("<description>" + repeat("&lt;a href=b>", 4*mb) + "</description>") },
		"equal signs":          func() []byte { return item("<description>&lt;b " + repeat("href = ", 4*mb) + "</description>") },
		"binary":               func() []byte { return bytes.Repeat([]byte{0xfe, 0x3c, 0x00, 0x9c}, 2*mb) },
		"windows bytes":        func() []byte { return item("<title>" + repeat("\xe4\xf6", 4*mb) + "</title>") },
		"orphans":              func() []byte { return item("</item>" + repeat("<title>a</title></item>", 4*mb)) },
		"items that end twice": func() []byte { return rss(repeat("<item><a/></item></item><b/></item>", 4*mb)) },
		"comments over items":  func() []byte { return rss(repeat("<item><!-- </item><a/>", 4*mb) + "-->") },
		"open frames":          func() []byte { return item("<description>" + repeat("&lt;iframe>", 4*mb) + "</description>") },
		"doubled text":         func() []byte { return item("<title>" + repeat("Ã¤", 4*mb) + "</title>") },
	}
}

func nestedSpaces(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<x:a xmlns:n%d="urn:%d">`, i, i)
	}
	return b.String()
}

func spaces(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` xmlns:n%d="urn:%d"`, i, i)
	}
	return b.String()
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` a%d=""`, i)
	}
	return b.String()
}

func bomb(n int) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	block := bytes.Repeat([]byte("<item>"), 1<<17)
	for range n / len(block) {
		w.Write(block)
	}
	w.Close()
	return b.Bytes()
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(body)
	w.Close()
	return b.Bytes()
}

func laughs() []byte {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE rss [<!ENTITY l0 "ha">`)
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&b, `<!ENTITY l%d "%s">`, i, strings.Repeat(fmt.Sprintf("&l%d;", i-1), 10))
	}
	b.WriteString(`]><rss><channel><item><title>` + strings.Repeat("&l39;", 100_000) + `</title></item></channel></rss>`)
	return []byte(b.String())
}

func TestHostile(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("measures time and memory for 20 s")
	}
	for name, body := range hostile() {
		t.Run(name, func(t *testing.T) {
			in := body()
			runtime.GC()
			var took, limit time.Duration
			for range 3 { // the machine may be busy with others' tests
				limit = time.Duration(2 * slowness(t) * float64(time.Second))
				peak := watch(t)
				took = timeToRead(in)
				if got := peak(); got > 256<<20 {
					t.Errorf("%d bytes: %d MiB", len(in), got>>20)
				}
				if took <= limit {
					return
				}
			}
			t.Errorf("%d bytes: %v, want at most %v", len(in), took, limit)
		})
	}
}

func timeToRead(body []byte) time.Duration {
	start := time.Now()
	if d, err := Parse(body, "", "https://outlet.example/feed"); err == nil {
		d.Items(feedOf("https://outlet.example/feed"), start)
	}
	return time.Since(start)
}

// slowness is how many times longer than on the machine of the two seconds, when it was quiet, a good feed of 1.6 MB takes here and now, 1 at
// least: ratios in one run count, absolute times do not.
func slowness(t *testing.T) float64 {
	t.Helper()
	const quiet = 22 * time.Millisecond
	item := "<item><title>The lock is open again</title><guid>%d</guid><description>" + strings.Repeat("Forty barges were waiting upstream by noon. ", 17) + "</description></item>"
	var b strings.Builder
	b.WriteString("<rss><channel><title>Harbour Post</title>")
	for i := range 1900 {
		fmt.Fprintf(&b, item, i)
	}
	b.WriteString("</channel></rss>")
	return max(1, float64(timeToRead([]byte(b.String())))/float64(quiet))
}

// watch starts to sample how much the heap grows; what it returns stops that and gives the highest growth in bytes.
func watch(t *testing.T) func() uint64 {
	t.Helper()
	read := func() uint64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	before := read()
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		highest := before
		for {
			select {
			case <-tick.C:
				highest = max(highest, read())
			case <-stop:
				done <- max(highest, read()) - before
				return
			}
		}
	}()
	return func() uint64 { close(stop); return <-done }
}
