package page

import (
	"strings"
	"testing"
	"time"
)

// TestHostile gives pages that were built to be slow: each must end in a result or an error within a second. They took up to
// 600 ms on a busy machine when this was written; the race detector and a busy machine get five seconds.
func TestHostile(t *testing.T) {
	const n = 50000
	cases := map[string]string{
		"nested elements":   strings.Repeat("<div>", n) + "Some words in the depth of it all." + strings.Repeat("</div>", n),
		"nested spans":      "<p>" + strings.Repeat("<span>", n) + "Deep words.",
		"nested quotes":     strings.Repeat("<blockquote>", n) + "Deep words.",
		"nested tables":     strings.Repeat("<table><tr><td>", n) + "Deep words.",
		"open formatting":   strings.Repeat("<b><i><a href=x>", n/10) + "Words in bold.",
		"paragraphs":        strings.Repeat("<p>The lake rose by a metre, said the harbour master on Tuesday, and will rise again.</p>", n),
		"short paragraphs":  strings.Repeat("<p>a</p>", n),
		"one long line":     "<p>" + strings.Repeat("word ", 1<<20) + "</p>",
		"one long word":     "<p>" + strings.Repeat("w", 5<<20) + "</p>",
		"links":             strings.Repeat("<a href='/x'>A headline of some length</a> ", n),
		"list entries":      "<ul>" + strings.Repeat("<li>An entry of a list", n),
		"breaks":            strings.Repeat("text<br>", n),
		"attributes":        "<p " + strings.Repeat("a=1 ", n) + ">Words.</p>",
		"classes":           "<div class='" + strings.Repeat("related ", n) + "'><p>Words.</p></div>",
		"unclosed tag":      "<p>Words" + strings.Repeat("<", n),
		"comments":          strings.Repeat("<!-- x -->", n) + "<p>Words.</p>",
		"unclosed script":   "<script>" + strings.Repeat("x", 1<<20),
		"json-ld nested":    `<script type="application/ld+json">` + strings.Repeat(`{"@graph":[`, n) + "</script><p>Words.</p>",
		"json with quotes":  `<script type="application/json">` + strings.Repeat(`"`, 1<<20) + "</script><p>Words.</p>",
		"json of escapes":   `<script type="application/json">"` + strings.Repeat(`\`, 1<<20) + "</script><p>Words.</p>",
		"keys":              strings.Repeat("urn:newsml:", n) + strings.Repeat("dpa:", n),
		"charset not known": "<meta charset=nonsense><p>\xff\xfe words",
		"siblings of depth": strings.Repeat(strings.Repeat("<div>", 100)+"x"+strings.Repeat("</div>", 100), 500),
		"inline depth":      strings.Repeat(strings.Repeat("<span>", 400)+"x"+strings.Repeat("</span>", 400), 100),
		"empty":             "",
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			var took, limit time.Duration
			for range 3 { // the machine may be busy with others' tests
				limit = time.Duration(5 * slowness() * float64(time.Second))
				if took = timeToExtract(t, body); took <= limit {
					return
				}
			}
			t.Errorf("took %v, want at most %v", took, limit)
		})
	}
}

func timeToExtract(t *testing.T, body string) time.Duration {
	t.Helper()
	begin := time.Now()
	a, err := Extract([]byte(body), "text/html", "https://herald.example/a", Hint{})
	took := time.Since(begin)
	t.Logf("%v, %d blocks, engine %q, err %v", took.Round(time.Millisecond), len(a.Blocks), a.Engine, err)
	return took
}

// slowness is how many times longer than on the machine of the five seconds, when it was quiet, a good page of 450 KB takes here and now, 1 at
// least: ratios in one run count, absolute times do not.
func slowness() float64 {
	const quiet = 35 * time.Millisecond
	begin := time.Now()
	Extract([]byte("<article>"+strings.Repeat("<p>The lake rose by a metre, said the harbour master on Tuesday, and will rise again.</p>", 5000)), "text/html", "https://herald.example/a", Hint{})
	return max(1, float64(time.Since(begin))/float64(quiet))
}
