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
	"time"

	"copytaster"
	"copytaster/web/view"
)

//go:embed assets
var files embed.FS

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
	funcs := template.FuncMap{"when": s.when, "day": s.day, "clock": s.clock, "stamp": stamp, "reason": reasons(), "at": trackAt, "initials": view.Initials, "top": func(height int) int { return 100 - height }, "short": func(t time.Time) string { return t.Format("2\u00a0Jan") }}
	p := pages{}
	for _, name := range []string{"front", "story", "outlets", "outlet", "agencies", "status", "feeds", "message"} {
		p[name] = template.Must(template.New("base.html").Funcs(funcs).ParseFS(files, "assets/base.html", "assets/"+name+".html"))
	}
	return p
}

// page is what every page's frame shows; Body is the page's own.
type page struct {
	Title, Site, Version string
	At                   string // path of the place in the navigation
	Style, Icon          string
	Feeds                []view.Alternate
	Body                 any
}

// alternates are the exports' feeds.
func (s *site) alternates() (list []view.Alternate) {
	for _, e := range s.exports() {
		for _, ending := range e.Formats {
			if f, ok := formatOf(ending); ok {
				list = append(list, view.Alternate{Title: cmp.Or(e.Title, e.Name) + " (" + ending + ")", Type: f.mediaType, Address: "/feeds/" + e.Name + "." + ending})
			}
		}
	}
	return list
}

// viewFeeds are the feeds of what the front page shows with the form.
func (s *site) viewFeeds(f view.Form) (list []view.Alternate) {
	for _, ending := range endings() {
		kind, _ := formatOf(ending)
		list = append(list, view.Alternate{Title: "This page" + f.Title() + " (" + ending + ")", Type: kind.mediaType, Address: f.Feed(ending)})
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
	switch b := body.(type) {
	case view.Front:
		p.Feeds = append(b.Feeds, p.Feeds...)
	case view.Outlet:
		p.Feeds = append(s.viewFeeds(view.Form{Outlet: b.Name, Page: 1}), p.Feeds...)
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

func (s *site) feedStatus() []view.Feed {
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

// sheet is a page to be drawn.
type sheet struct {
	name, at, title string
	body            any
}

// keep answers with a page that depends on the stories only, drawn once a revision.
func (s *site) keep(w http.ResponseWriter, r *http.Request, make func() (sheet, error)) {
	out, err := s.sheets.get(s.Revision, r.URL.RequestURI(), func() (*rendered, error) {
		p, err := make()
		if err != nil {
			return nil, err
		}
		doc, err := s.draw(p.name, p.at, p.title, p.body)
		out := newRendered(doc, "text/html; charset=utf-8")
		out.keep = "no-cache"
		return out, err
	})
	if err != nil {
		s.internal(w, r, err)
		return
	}
	out.serve(w, r)
}

// front shows the newest or largest stories.
func (s *site) front(w http.ResponseWriter, r *http.Request) {
	s.keep(w, r, func() (sheet, error) {
		f := view.ParseForm(r.URL.Query())
		stories, err := s.Brief(f.Query())
		if err != nil {
			return sheet{}, err
		}
		choices, err := s.choices()
		if err != nil {
			return sheet{}, err
		}
		page := view.NewFront(f, choices, stories, s.Location)
		page.Feeds = s.viewFeeds(f)
		return sheet{"front", "/", "Front page", page}, nil
	})
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
		body := view.NewStory(st, s.asked(r))
		if s.Image != nil && body.Picture != "" {
			body.Image = "/story/" + url.PathEscape(st.ID) + "/image/" + url.PathEscape(body.Lead.ID)
		}
		s.show(w, r, "story", "", body.Lead.Title, body)
	}
}

// asked reads what a story's page was asked for beside the story.
func (s *site) asked(r *http.Request) view.Asked {
	a := view.Asked{Same: r.FormValue("same"), Beside: r.Form["beside"]}
	if id := view.StoryID(a.Same); a.Same != "" {
		if other, found, err := s.Story(id); err == nil && found {
			a.Another = &other
		}
	}
	return a
}

// survey gives the stories that figures are counted over.
func (s *site) survey() ([]copytaster.Story, error) { return s.Brief(view.Query{Limit: view.Surveyed}) }

// outlets shows what the outlets made of the stories.
func (s *site) outlets(w http.ResponseWriter, r *http.Request) {
	stories, err := s.survey()
	if err != nil {
		s.internal(w, r, err)
		return
	}
	s.show(w, r, "outlets", "/outlets", "Outlets", view.NewOutlets(stories, s.feedStatus()))
}

// outlet shows one outlet.
func (s *site) outlet(w http.ResponseWriter, r *http.Request) {
	p, found, err := s.outletOf(r)
	switch {
	case err != nil:
		s.internal(w, r, err)
	case !found:
		s.notFound(w, "There is no outlet of that name.")
	default:
		s.show(w, r, "outlet", "/outlets", p.Name, p)
	}
}

// outletOf counts what the outlet made of the stories that the request names.
func (s *site) outletOf(r *http.Request) (p view.Outlet, found bool, err error) {
	name := r.FormValue("name")
	stories, err := s.survey()
	if err != nil || name == "" {
		return p, false, err
	}
	var learned []string
	if s.Learned != nil {
		if learned, err = s.Learned(name); err != nil {
			return p, false, err
		}
	}
	p, found = view.NewOutlet(name, stories, s.feedStatus(), learned)
	return p, found, nil
}

// agencies shows who carries whose copy.
func (s *site) agencies(w http.ResponseWriter, r *http.Request) {
	s.keep(w, r, func() (sheet, error) {
		stories, err := s.survey()
		return sheet{"agencies", "/agencies", "Agencies", view.NewAgencies(stories)}, err
	})
}

// lastFolds is how many copies the status page shows.
const lastFolds = 12

// statusOf says how the feeds are and what came.
func (s *site) statusOf() (view.Status, error) {
	stories, err := s.survey()
	if err != nil {
		return view.Status{}, err
	}
	folds := []view.FoldEntry{}
	if s.Folds != nil {
		if folds, err = s.Folds(lastFolds); err != nil {
			return view.Status{}, err
		}
	}
	return view.NewStatus(s.feedStatus(), stories, folds), nil
}

// status shows how the feeds are.
func (s *site) status(w http.ResponseWriter, r *http.Request) {
	p, err := s.statusOf()
	if err != nil {
		s.internal(w, r, err)
		return
	}
	s.show(w, r, "status", "/status", "Status", p)
}

// feedList shows the merged feeds there are.
func (s *site) feedList(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, "feeds", "/feeds", "Feeds", s.exports())
}

// choices are what the front page's filters offer, from the newest stories and the feeds.
func (s *site) choices() (view.Choices, error) {
	return s.offers.get(s.Revision, "", func() (view.Choices, error) {
		stories, err := s.survey()
		if err != nil {
			return view.Choices{}, err
		}
		return view.NewChoices(stories, s.feedStatus()), nil
	})
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

// trackAt is where a mark of 1.2 units begins whose place is so many per cent along a track of 100.
func trackAt(percent int) string { return strconv.FormatFloat(float64(percent)*.988, 'f', 1, 64) }

// stamp is a time for machines.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
