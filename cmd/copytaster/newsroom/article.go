package newsroom

import (
	"html"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// article is an item as its outlet publishes it in the present edition.
type article struct {
	Outlet    *outlet
	Base      string // scheme and host of the server
	Slug      string
	Title     string
	Author    string
	Body      []paragraph
	Photo     *photo
	Published time.Time
	Updated   time.Time // Published unless the article was corrected
}

// Path is where the page is served.
func (a article) Path() string { return a.Outlet.path("a/" + a.Slug + ".html") }

// URL is the page's full address.
func (a article) URL() string { return a.Base + a.Path() }

// Lead is the first paragraph.
func (a article) Lead() string { return a.Body[0].Text }

// HTML is the text as markup.
func (a article) HTML() string {
	list := make([]string, len(a.Body))
	for i, p := range a.Body {
		tag := "p"
		if p.Heading {
			tag = "h3"
		}
		list[i] = "<" + tag + ">" + html.EscapeString(p.Text) + "</" + tag + ">"
	}
	return strings.Join(list, "\n")
}

// articles gives what the outlet has published so far, the newest first.
func (r *Room) articles(o *outlet, base string) (list []article) {
	edition := int(r.edition.Load())
	for _, it := range o.Items {
		if it.Edition <= edition {
			list = append(list, r.article(o, it, edition, base))
		}
	}
	slices.SortStableFunc(list, func(a, b article) int { return b.Published.Compare(a.Published) })
	return list
}

func (r *Room) article(o *outlet, it item, edition int, base string) article {
	published := r.epoch.Add(-time.Duration(it.Hours * float64(time.Hour))).Truncate(time.Second)
	a := article{Outlet: o, Base: base, Slug: path.Base(it.Story), Photo: it.Photo, Published: published, Updated: published}
	if it.Corrected != "" && edition > 1 {
		it.Story, a.Updated = it.Corrected, r.epoch
	}
	t := r.texts[it.Story]
	a.Title, a.Author = t.title, t.author
	if it.Title != "" {
		a.Title = it.Title
	}
	a.Body = r.made(it, t.body)
	if t.agency != "" {
		a.credit(t, it.As == "extended")
	}
	if it.Endnote != "" {
		a.Body = append(a.Body, paragraph{Text: it.Endnote})
	}
	return a
}

// made is what the outlet made of the text. The text itself stays as it is.
func (r *Room) made(it item, body []paragraph) []paragraph {
	switch it.As {
	case "cut":
		return cut(body)
	case "extended":
		return slices.Insert(slices.Clone(body), len(body)/2, r.texts[it.With].body...)
	case "requoted":
		return swap(body, it.Swap)
	case "roundup":
		return r.roundup(body, it.Of)
	}
	return slices.Clone(body)
}

// cut keeps whole paragraphs up to about a third of the text, at least one.
func cut(body []paragraph) []paragraph {
	size := func(ps []paragraph) (n int) {
		for _, p := range ps {
			n += utf8.RuneCountInString(p.Text)
		}
		return n
	}
	n := 1
	for n < len(body) && size(body[:n+1])*20 <= size(body)*9 {
		n++
	}
	return slices.Clone(body[:n])
}

// swap replaces words, quotations mostly.
func swap(body []paragraph, words map[string]string) []paragraph {
	var pairs []string
	for before, after := range words {
		pairs = append(pairs, before, after)
	}
	body = slices.Clone(body)
	replace := strings.NewReplacer(pairs...)
	for i := range body {
		body[i].Text = replace.Replace(body[i].Text)
	}
	return body
}

// roundup puts the headline and two paragraphs of every story between the first and the last paragraph of the own text.
func (r *Room) roundup(own []paragraph, of []string) []paragraph {
	body := slices.Clone(own[:1])
	for _, name := range of {
		t := r.texts[name]
		body = append(body, paragraph{t.title, true})
		body = append(body, t.body[:2]...)
	}
	return append(body, own[len(own)-1])
}

// credit names the agency in the outlet's way.
func (a *article) credit(t text, extended bool) {
	fill := strings.NewReplacer("{agency}", t.name, "{Place}", t.place, "{PLACE}", strings.ToUpper(t.place), "{date}", a.Published.Format("Jan 2")).Replace
	o := a.Outlet
	footer := o.Footer
	if extended {
		footer = o.Partial
	} else {
		a.Author = fill(o.Byline)
		a.Body[0].Text = fill(o.Dateline) + a.Body[0].Text
	}
	if footer != "" {
		a.Body = append(a.Body, paragraph{Text: fill(footer)})
	}
}
