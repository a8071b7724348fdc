package export

import (
	"fmt"
	"html"
	"math"
	"strings"

	"copytaster"
)

// body is the entry's text as HTML: the lead's kept text, who is credited, and who else carries it.
func body(c Channel, e entry) string {
	var b strings.Builder
	lead := e.story.Items[0]
	if len(lead.Blocks) > 0 {
		writeBlocks(&b, lead.Blocks)
	} else {
		b.WriteString(HTML(lead.HTML))
	}
	writeCredit(&b, e)
	writeAlso(&b, c, e)
	return b.String()
}

// writeBlocks writes the kept blocks as paragraphs, neighbouring quotations in one blockquote.
func writeBlocks(b *strings.Builder, blocks []copytaster.Block) {
	quoted := false
	for _, bl := range blocks {
		text := oneLine(bl.Text)
		if !bl.Kept || text == "" {
			continue
		}
		if bl.Quote != quoted {
			b.WriteString(map[bool]string{true: "<blockquote>\n", false: "</blockquote>\n"}[bl.Quote])
			quoted = bl.Quote
		}
		b.WriteString("<p>" + html.EscapeString(text) + "</p>\n")
	}
	if quoted {
		b.WriteString("</blockquote>\n")
	}
}

// writeCredit writes whose text it is and where it stood.
func writeCredit(b *strings.Builder, e entry) {
	where := anchor(e.url, e.outlet)
	if len(e.agencies) == 0 || len(e.agencies) == 1 && strings.EqualFold(e.agencies[0], e.outlet) {
		fmt.Fprintf(b, "<p><small>%s</small></p>\n", where)
		return
	}
	fmt.Fprintf(b, "<p><small>%s, as carried by %s</small></p>\n", html.EscapeString(strings.Join(e.agencies, ", ")), where)
}

// writeAlso lists the other outlets' items, at most maxAlso.
func writeAlso(b *strings.Builder, c Channel, e entry) {
	if len(e.others) == 0 {
		return
	}
	b.WriteString("<h4>Also reported by</h4>\n<ul>\n")
	for _, o := range e.others[:min(len(e.others), maxAlso)] {
		fmt.Fprintf(b, "<li>%s: %s%s</li>\n", html.EscapeString(o.outlet), anchor(o.url, o.title), html.EscapeString(o.carries()))
	}
	b.WriteString("</ul>\n")
	if more := len(e.others) - maxAlso; more > 0 {
		page := ""
		if c.Stories != "" {
			page = address(c.Stories + tagSpecific(e.story.ID))
		}
		fmt.Fprintf(b, "<p>%s</p>\n", anchor(page, fmt.Sprintf("and %d more", more)))
	}
}

// carries says how much of the story an item carries and adds, in words; empty if that was not measured.
func (o other) carries() string {
	if o.share == nil {
		return ""
	}
	s := " (" + percent(o.share.Kept) + " of this text"
	if o.share.Added >= .005 {
		s += ", " + percent(o.share.Added) + " its own"
	}
	return s + ")"
}

// percent writes a part of 1 in whole per cent; what is not a number counts as nothing.
func percent(x float64) string {
	if math.IsNaN(x) {
		x = 0
	}
	return fmt.Sprintf("%.0f %%", 100*min(max(x, 0), 1))
}

// anchor is a link to the address, or only the text if there is none.
func anchor(url, text string) string {
	if url == "" {
		return html.EscapeString(text)
	}
	return `<a href="` + html.EscapeString(url) + `">` + html.EscapeString(text) + "</a>"
}
