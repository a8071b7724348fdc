package web

import (
	"bytes"
	"cmp"
	"embed"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"copytaster"
)

//go:embed assets
var files embed.FS

// perPage is how many stories a page of the front page holds: 100 KB at most with 11 outlets named a story.
const perPage = 40

// asset is an embedded file served under a name that changes with its content, so that browsers may keep it for ever.
type asset struct {
	name string
	out  *rendered
}

func newAsset(name string) asset {
	body, err := files.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // built in: cannot be missing in a program that compiles
	}
	r := newRendered(body, mime.TypeByExtension(path.Ext(name)))
	r.keep = "public, max-age=31536000, immutable"
	return asset{name, r}
}

func (a asset) path() string { return "/assets/" + a.out.etag + "/" + a.name }

func (a asset) serve(w http.ResponseWriter, r *http.Request) { a.out.serve(w, r) }

// pages are the parsed templates by name.
type pages map[string]*template.Template

func (s *site) parsePages() pages {
	funcs := template.FuncMap{"when": s.when, "day": s.day, "clock": s.clock, "stamp": stamp, "reason": reasons()}
	p := pages{}
	for _, name := range []string{"front", "story", "outlets", "status", "feeds", "message"} {
		p[name] = template.Must(template.New("base.html").Funcs(funcs).ParseFS(files, "assets/base.html", "assets/"+name+".html"))
	}
	return p
}

// page is what every page's frame shows; Body is the page's own.
type page struct {
	Title, Site, Version string
	At                   string // path of the place in the navigation
	Style, Icon          string
	Feeds                []alternate
	Body                 any
}

// alternate is a feed that belongs to a page.
type alternate struct{ Title, Type, Address string }

// alternates are the exports' feeds.
func (s *site) alternates() (list []alternate) {
	for _, e := range s.exports() {
		for _, ending := range e.Formats {
			if f, ok := formatOf(ending); ok {
				list = append(list, alternate{cmp.Or(e.Title, e.Name) + " (" + ending + ")", f.mediaType, "/feeds/" + e.Name + "." + ending})
			}
		}
	}
	return list
}

// show answers with a page, or with 304 if the reader has it as it is.
func (s *site) show(w http.ResponseWriter, r *http.Request, name, at, title string, body any) {
	doc, err := s.draw(name, at, title, body)
	if err != nil {
		s.Log.Error("page", "name", name, "err", err)
		http.Error(w, "this page could not be made; the log says why", http.StatusInternalServerError)
		return
	}
	out := newRendered(doc, "text/html; charset=utf-8")
	out.keep = "no-cache"
	out.serve(w, r)
}

// draw renders a page whole.
func (s *site) draw(name, at, title string, body any) ([]byte, error) {
	p := page{Title: title, Site: s.Title, Version: s.Version, At: at, Style: s.style.path(), Icon: s.icon.path(), Feeds: s.alternates(), Body: body}
	if f, ok := body.(frontPage); ok {
		p.Feeds = append(f.Feeds, p.Feeds...)
	}
	var b bytes.Buffer
	err := s.pages[name].ExecuteTemplate(&b, "base.html", p)
	return b.Bytes(), err
}

func (s *site) exports() []ExportEntry {
	if s.Exports == nil {
		return nil
	}
	return s.Exports()
}

func (s *site) feedStatus() []FeedStatus {
	if s.Feeds == nil {
		return nil
	}
	return s.Feeds()
}

// message is the body of a page that only says something.
type message struct{ Head, Text string }

func (s *site) fail(w http.ResponseWriter, status int, text string) {
	head := http.StatusText(status)
	doc, err := s.draw("message", "", head, message{head, text})
	if err != nil {
		doc = []byte(text)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(doc) // the reader has gone: nothing to be done
}

func (s *site) notFound(w http.ResponseWriter, text string) { s.fail(w, http.StatusNotFound, text) }

// internal answers for a fault of ours; the reader sees that, the log what.
func (s *site) internal(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.Error("request", "path", r.URL.Path, "err", err)
	s.fail(w, http.StatusInternalServerError, "The fault is on our side; the log says more.")
}

// other answers what no page is at, and refuses what is neither GET nor HEAD.
func (s *site) other(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		s.fail(w, http.StatusMethodNotAllowed, "Pages here can only be read.")
		return
	}
	s.notFound(w, "There is no page at this address.")
}

// front shows the newest or largest stories.
func (s *site) front(w http.ResponseWriter, r *http.Request) {
	f := parseForm(r)
	stories, err := s.Stories(f.query())
	if err != nil {
		s.internal(w, r, err)
		return
	}
	choices, err := s.choices()
	if err != nil {
		s.internal(w, r, err)
		return
	}
	s.show(w, r, "front", "/", "Front page", newFrontPage(f, choices, stories, s.Location))
}

// story shows one story with all its versions.
func (s *site) story(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	st, found, err := s.Story(id)
	switch {
	case err != nil:
		s.internal(w, r, err)
	case !found || len(st.Items) == 0:
		s.notFound(w, "There is no story of that name. It may have been older than what is kept.")
	case st.ID != id:
		http.Redirect(w, r, "/story/"+url.PathEscape(st.ID), http.StatusMovedPermanently)
	default:
		body := newStoryPage(st, r.FormValue("beside"))
		s.show(w, r, "story", "", body.Lead.Title, body)
	}
}

// outlets shows who carries whose copy.
func (s *site) outlets(w http.ResponseWriter, r *http.Request) {
	stories, err := s.Stories(Query{Limit: surveyed})
	if err != nil {
		s.internal(w, r, err)
		return
	}
	s.show(w, r, "outlets", "/outlets", "Outlets", newOutletsPage(stories, s.feedStatus()))
}

// status shows how the feeds are.
func (s *site) status(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, "status", "/status", "Status", newStatusPage(s.feedStatus()))
}

// feedList shows the merged feeds there are.
func (s *site) feedList(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, "feeds", "/feeds", "Feeds", s.exports())
}

// choices are what the front page's filters offer, from the newest stories and the feeds.
func (s *site) choices() (choices, error) {
	return s.offers.get(s.Revision, "", func() (choices, error) {
		stories, err := s.Stories(Query{Limit: surveyed})
		if err != nil {
			return choices{}, err
		}
		return newChoices(stories, s.feedStatus()), nil
	})
}

// form is what the front page was asked for.
type form struct {
	Tag, Outlet, Agency, Language, Words string
	Sort                                 string // "largest", or "" for newest
	Page                                 int    // from 1
}

func parseForm(r *http.Request) form {
	value := func(key string) string {
		v := strings.TrimSpace(r.FormValue(key))
		return v[:min(len(v), 200)]
	}
	f := form{Tag: value("tag"), Outlet: value("outlet"), Agency: value("agency"), Language: value("language"), Words: value("q"), Page: 1}
	if value("sort") == "largest" {
		f.Sort = "largest"
	}
	if n, err := strconv.Atoi(value("page")); err == nil {
		f.Page = min(max(n, 1), 10_000)
	}
	return f
}

// query asks for one story more than a page holds, to know whether there is a next page.
func (f form) query() Query {
	list := func(v string) []string {
		if v == "" {
			return nil
		}
		return []string{v}
	}
	return Query{
		Filter: copytaster.Filter{Tags: list(f.Tag), Outlets: list(f.Outlet), Agencies: list(f.Agency), Languages: list(f.Language), Words: list(f.Words)},
		Offset: (f.Page - 1) * perPage, Limit: perPage + 1, Largest: f.Sort == "largest",
	}
}

// when is a time for people: "Wed 4 Mar, 06:15", breaking only before the time.
func (s *site) when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.In(s.Location).Format("Mon\u00a02\u00a0Jan, 15:04")
}

func (s *site) day(t time.Time) string   { return t.In(s.Location).Format("Monday 2 January 2006") }
func (s *site) clock(t time.Time) string { return t.In(s.Location).Format("15:04") }

// stamp is a time for machines.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
