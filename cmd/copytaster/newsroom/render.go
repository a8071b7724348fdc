package newsroom

import (
	"bytes"
	"encoding/json"
	htmltemplate "html/template"
	"net/http"
	"text/template"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// layouts are the templates of feeds and pages.
type layouts struct {
	feeds *template.Template
	pages *htmltemplate.Template
}

func parseLayouts() layouts {
	return layouts{
		feeds: template.Must(template.ParseFS(files, "layout/*.xml")),
		pages: htmltemplate.Must(htmltemplate.ParseFS(files, "layout/*.html")),
	}
}

// sheet is what a feed's or front page's layout is filled with.
type sheet struct {
	Outlet   *outlet
	Base     string
	Articles []article // the newest first
}

// Updated is when anything on the sheet last changed.
func (s sheet) Updated() (at time.Time) {
	for _, a := range s.Articles {
		if a.Updated.After(at) {
			at = a.Updated
		}
	}
	return at
}

// Home and Self are the full addresses of the outlet and of its feed.
func (s sheet) Home() string { return s.Base + s.Outlet.path("") }

// Self is the full address of the feed.
func (s sheet) Self() string { return s.Base + s.Outlet.feedPath() }

// base is the address under which the client sees the server.
func base(req *http.Request) string { return "http://" + req.Host }

// feedDocument renders the outlet's feed, with the faults that lie in its bytes.
func (r *Room) feedDocument(o *outlet, req *http.Request) document {
	s := sheet{o, base(req), r.articles(o, base(req))}
	d := document{modified: s.Updated()}
	if o.Feed == "json" {
		d.contentType, d.body = "application/feed+json", jsonFeed(s)
		return d
	}
	var b bytes.Buffer
	must(r.layouts.feeds.ExecuteTemplate(&b, "feed-"+o.Feed+".xml", s))
	d.contentType = map[string]string{"rss": "application/rss+xml", "rss1": "application/rdf+xml", "atom": "application/atom+xml"}[o.Feed] + "; charset=utf-8"
	d.body = damage(o.Fault, b.Bytes())
	return d
}

// damage spoils the bytes of a feed.
func damage(fault string, body []byte) []byte {
	switch fault {
	case faultCharset:
		body, err := charmap.Windows1252.NewEncoder().Bytes(body)
		must(err)
		return body
	case faultCut:
		last := bytes.LastIndex(body, []byte("<item>"))
		return body[:last+(len(body)-last)/2]
	}
	return body
}

// jsonFeed writes JSON Feed 1.1 (jsonfeed.org).
func jsonFeed(s sheet) []byte {
	type author struct {
		Name string `json:"name"`
	}
	type entry struct {
		ID        string    `json:"id"`
		URL       string    `json:"url"`
		Title     string    `json:"title"`
		HTML      string    `json:"content_html"`
		Published time.Time `json:"date_published"`
		Modified  time.Time `json:"date_modified"`
		Authors   []author  `json:"authors,omitempty"`
	}
	entries := []entry{}
	for _, a := range s.Articles {
		e := entry{ID: a.URL(), URL: a.URL(), Title: a.Title, HTML: a.HTML(), Published: a.Published, Modified: a.Updated}
		if a.Author != "" {
			e.Authors = []author{{a.Author}}
		}
		entries = append(entries, e)
	}
	body, err := json.Marshal(map[string]any{"version": "https://jsonfeed.org/version/1.1", "title": s.Outlet.Name, "language": s.Outlet.Language,
		"home_page_url": s.Home(), "feed_url": s.Self(), "items": entries})
	must(err)
	return body
}

// view is what a page's layout is filled with.
type view struct {
	article
	Others []article // what else the outlet has, for the sidebar
	Year   int
}

// page renders the i-th article's page; the others stand beside it.
func (r *Room) page(articles []article, i int) document {
	a := articles[i]
	others := append(append([]article{}, articles[:i]...), articles[i+1:]...)
	return r.html("page-"+a.Outlet.Page+".html", view{a, others[:min(4, len(others))], a.Published.Year()}, a.Updated)
}

// front renders the outlet's front page.
func (r *Room) front(o *outlet, req *http.Request) document {
	s := sheet{o, base(req), r.articles(o, base(req))}
	return r.html("front.html", s, s.Updated())
}

// index renders the list of the outlets.
func (r *Room) index() document { return r.html("index.html", r.outlets, r.epoch) }

func (r *Room) html(layout string, filling any, modified time.Time) document {
	var b bytes.Buffer
	must(r.layouts.pages.ExecuteTemplate(&b, layout, filling))
	return document{"text/html; charset=utf-8", b.Bytes(), modified}
}
