package export

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"copytaster"
	"copytaster/export/safe"
)

// body is the entry's text as HTML: the lead's kept text, who is credited, and who else carries it.
func body(c Channel, e entry) string {
	var b strings.Builder
	lead := e.story.Items[0]
	size := 1024 + len(lead.HTML)
	for _, bl := range lead.Blocks {
		size += len(bl.Text)*9/8 + 8
	}
	b.Grow(size)
	if rightToLeft(e.language) {
		b.WriteString("<div dir=\"rtl\">\n")
	}
	if len(lead.Blocks) > 0 {
		writeBlocks(&b, lead.Blocks)
	} else {
		b.WriteString(safe.HTML(lead.HTML))
	}
	if rightToLeft(e.language) {
		b.WriteString("</div>\n")
	}
	writeCredit(&b, e)
	writeAlso(&b, c, e)
	return b.String()
}

// rightToLeft reports whether the language is written so. Readers lay text out from the left unless the text itself says otherwise.
func rightToLeft(language string) bool {
	base, _, _ := strings.Cut(language, "-")
	return slices.Contains([]string{"ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}, base)
}

// writeBlocks writes the kept blocks as paragraphs, neighbouring quotations in one blockquote.
func writeBlocks(b *strings.Builder, blocks []copytaster.Block) {
	quoted := false
	for _, bl := range blocks {
		text := safe.OneLine(bl.Text)
		if !bl.Kept || text == "" {
			continue
		}
		if bl.Quote != quoted {
			b.WriteString(map[bool]string{true: "<blockquote>\n", false: "</blockquote>\n"}[bl.Quote])
			quoted = bl.Quote
		}
		b.WriteString("<p>")
		b.WriteString(html.EscapeString(text))
		b.WriteString("</p>\n")
	}
	if quoted {
		b.WriteString("</blockquote>\n")
	}
}

// writeCredit writes whose text it is and where it stood.
func writeCredit(b *strings.Builder, e entry) {
	where := anchor(safe.Address(e.story.Items[0].URL), e.outlet)
	if len(e.agencies) == 0 || len(e.agencies) == 1 && strings.EqualFold(e.agencies[0], e.outlet) {
		fmt.Fprintf(b, "<p><small>%s</small></p>\n", where)
		return
	}
	fmt.Fprintf(b, "<p><small>%s, as carried by %s</small></p>\n", html.EscapeString(strings.Join(e.agencies, ", ")), where)
}

// writeAlso lists the other outlets' items, at most maxAlso, and links to the story's page if there is one.
func writeAlso(b *strings.Builder, c Channel, e entry) {
	if len(e.others) == 0 {
		return
	}
	b.WriteString("<h4>Also reported by</h4>\n<ul>\n")
	for _, o := range e.others[:min(len(e.others), maxAlso)] {
		fmt.Fprintf(b, "<li>%s: %s%s</li>\n", html.EscapeString(o.outlet), anchor(o.url, o.title), html.EscapeString(o.carries()))
	}
	b.WriteString("</ul>\n")
	page, words := c.page(e.story.ID), "Compare the versions"
	more := len(e.others) - maxAlso
	if more > 0 {
		words = fmt.Sprintf("and %d more", more)
	}
	if page != "" || more > 0 {
		fmt.Fprintf(b, "<p>%s</p>\n", anchor(page, words))
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
