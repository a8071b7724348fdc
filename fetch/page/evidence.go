package page

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// evidence is what a page says of itself in its head and in JSON-LD, read before anything is cut.
type evidence struct {
	meta      map[string][]string // content of meta elements by lower-case name or property
	title     string
	canonical string
	language  string
	scripts   []string // JSON-LD
	state     []string // other scripts
	ld        article
}

// article is what JSON-LD says of a page's article (schema.org/NewsArticle).
type article struct {
	headline, description, body, image, publisher, published, modified, language, url string
	authors                                                                           []string
	locked                                                                            bool
}

// keyPattern finds the agencies' own ids: IPTC NewsML names (RFC 3085), dpa's and AP's.
var keyPattern = regexp.MustCompile(`urn:(?:newsml|publicid):[a-z0-9.-]{3,40}:[A-Za-z0-9:._-]{4,80}|\bdpa:[0-9]{6}-[0-9]{1,3}-[0-9]{3,9}(?:/[0-9]{1,3})?`)

// keys finds agency ids in the source, each once, at most eight.
func keys(source string) (found []string) {
	for _, start := range []string{"urn:newsml:", "urn:publicid:", "dpa:"} {
		rest := source
		for range 100 {
			i := strings.Index(rest, start)
			if i < 0 || len(found) >= 8 {
				break
			}
			rest = rest[i:]
			key := strings.TrimRight(keyPattern.FindString(rest[:min(len(rest), 160)]), ".:-_")
			if key != "" && strings.HasPrefix(rest, key) && !slices.Contains(found, key) {
				found = append(found, key)
			}
			rest = rest[len(start):]
		}
	}
	return found
}

// read gathers the evidence of a parsed page.
func read(doc *html.Node) evidence {
	e := evidence{meta: map[string][]string{}}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			e.take(n)
		}
	}
	for _, s := range e.scripts {
		e.ld.merge(s)
	}
	return e
}

func (e *evidence) take(n *html.Node) {
	switch n.DataAtom {
	case atom.Html:
		e.language = attr(n, "lang")
	case atom.Title:
		if e.title == "" && n.FirstChild != nil {
			e.title = squeeze(n.FirstChild.Data)
		}
	case atom.Meta:
		name := strings.ToLower(first(attr(n, "property"), attr(n, "name"), attr(n, "itemprop")))
		if v := squeeze(attr(n, "content")); name != "" && v != "" {
			e.meta[name] = append(e.meta[name], v)
		}
	case atom.Link:
		if e.canonical == "" && strings.EqualFold(attr(n, "rel"), "canonical") {
			e.canonical = strings.TrimSpace(attr(n, "href"))
		}
	case atom.Script:
		switch kind := strings.ToLower(attr(n, "type")); {
		case n.FirstChild == nil:
		case strings.HasPrefix(kind, "application/ld+json"):
			e.scripts = append(e.scripts, n.FirstChild.Data)
		case kind == "application/json" || kind == "" || kind == "text/javascript":
			e.state = append(e.state, n.FirstChild.Data)
		}
	}
}

// value is the content of the first of the meta elements that is there.
func (e evidence) value(names ...string) string {
	for _, n := range names {
		if v := e.meta[n]; len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

// article puts the evidence into the page's article; the text is not its business.
func (e evidence) article() Article {
	return Article{
		Title:       first(e.value("og:title", "twitter:title"), e.ld.headline, e.title),
		Canonical:   first(e.canonical, e.value("og:url"), e.ld.url),
		Image:       first(e.value("og:image", "twitter:image"), e.ld.image),
		Language:    first(e.language, e.ld.language, e.value("og:locale", "language")),
		Publisher:   first(e.ld.publisher, e.value("og:site_name")),
		Description: first(e.value("og:description", "description"), e.ld.description),
		Authors:     e.authors(),
		Published:   when(first(e.ld.published, e.value("article:published_time", "datepublished", "date", "dc.date", "pubdate"))),
		Updated:     when(first(e.ld.modified, e.value("article:modified_time", "og:updated_time", "datemodified", "last-modified"))),
		Paywalled:   e.ld.locked || slices.Contains([]string{"locked", "metered", "paid", "premium"}, strings.ToLower(e.value("article:content_tier"))),
	}
}

// authors gathers the names of JSON-LD and meta, without addresses, each once.
func (e evidence) authors() (names []string) {
	all := slices.Clone(e.ld.authors)
	for _, k := range []string{"author", "article:author", "dc.creator", "dc:creator", "sailthru.author", "parsely-author", "byl", "dc.source"} {
		all = append(all, e.meta[k]...)
	}
	for _, n := range all {
		n = squeeze(n)
		if n != "" && len(n) < 200 && !strings.Contains(n, "://") && !slices.ContainsFunc(names, func(s string) bool { return strings.EqualFold(s, n) }) {
			names = append(names, n)
		}
	}
	return names
}

// merge takes the article out of one JSON-LD script; what earlier scripts said stays. Broken JSON is no error: it says nothing.
func (a *article) merge(script string) {
	var v any
	if json.Unmarshal([]byte(strings.TrimSpace(script)), &v) != nil {
		if json.Unmarshal([]byte(unbreak(script)), &v) != nil {
			return
		}
	}
	a.walk(v, 0)
}

// unbreak blanks the raw line breaks and tabs that some outlets leave inside strings, and comment marks around the script.
func unbreak(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s)
	i, j := strings.IndexAny(s, "{["), strings.LastIndexAny(s, "}]")
	if i < 0 || j < i {
		return ""
	}
	return s[i : j+1]
}

// walk looks for an article in nested objects and lists, six levels deep.
func (a *article) walk(v any, depth int) {
	if depth > 6 {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			a.walk(x, depth+1)
		}
	case map[string]any:
		if isArticle(v["@type"]) {
			a.fill(v)
			return
		}
		for _, k := range []string{"@graph", "mainEntity", "mainEntityOfPage"} {
			a.walk(v[k], depth+1)
		}
	}
}

// isArticle reports whether a schema.org type, or one of a list of them, is an article's.
func isArticle(t any) bool {
	switch t := t.(type) {
	case string:
		return strings.HasSuffix(t, "Article") || strings.HasSuffix(t, "BlogPosting") || t == "Report"
	case []any:
		return slices.ContainsFunc(t, isArticle)
	}
	return false
}

func (a *article) fill(v map[string]any) {
	a.headline = first(a.headline, text(v["headline"]), text(v["name"]))
	a.description = first(a.description, text(v["description"]))
	a.body = first(a.body, text(v["articleBody"]))
	a.image = first(a.image, named(v["image"], "url"))
	a.publisher = first(a.publisher, named(v["publisher"], "name"))
	a.published = first(a.published, text(v["datePublished"]))
	a.modified = first(a.modified, text(v["dateModified"]))
	a.language = first(a.language, named(v["inLanguage"], "name"))
	a.url = first(a.url, text(v["url"]), named(v["mainEntityOfPage"], "@id"))
	a.locked = a.locked || strings.EqualFold(text(v["isAccessibleForFree"]), "false")
	for _, k := range []string{"author", "creator", "sourceOrganization"} {
		a.authors = append(a.authors, names(v[k])...)
	}
}

// text is a JSON value as a string; "" for objects and lists.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(html.UnescapeString(v))
	case bool:
		if !v {
			return "false"
		}
		return "true"
	}
	return ""
}

// named is a string, the field of an object, or the first of a list of these.
func named(v any, field string) string {
	switch v := v.(type) {
	case map[string]any:
		return text(v[field])
	case []any:
		if len(v) > 0 {
			return named(v[0], field)
		}
	}
	return text(v)
}

// names lists the names of a person or organisation, or of a list of them.
func names(v any) (list []string) {
	if l, ok := v.([]any); ok {
		for _, x := range l {
			list = append(list, named(x, "name"))
		}
		return list
	}
	return append(list, named(v, "name"))
}

// when reads the forms of time that pages give in meta elements and JSON-LD (ISO 8601 and its usual slips); zero if none fits.
func when(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05.000Z0700", "2006-01-02T15:04Z07:00",
		"2006-01-02T15:04:05", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02", time.RFC1123Z, time.RFC1123} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t
		}
	}
	return time.Time{}
}

// attr is the value of an element's attribute, "" without one.
func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// first is the first string that is not empty.
func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
