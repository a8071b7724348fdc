// Package web shows stories over HTTP: pages for people, merged feeds for readers, the state of the feeds and a health check.
// It only answers GET and HEAD, asks everything of the functions it is given, and never reads the database or the network.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"copytaster"
	"copytaster/export"
	"copytaster/web/gate"
	"copytaster/web/view"
)

// Source is where the pages take what they show. Every function must be safe for concurrent use. Stories come arranged (the
// lead first) and measured (with Shares); web never changes them.
type Source struct {
	// Stories gives the stories that the query asks for, at most q.Limit from the q.Offset-th on, newest first or largest first.
	Stories func(q view.Query) ([]copytaster.Story, error)
	// Brief gives the stories that Stories gives, faster: without texts but for the beginning of the lead's, without shares.
	Brief func(q view.Query) ([]copytaster.Story, error)
	// Story finds one story by its id or by the id of one that was merged into it; then the answer's ID is another, and the
	// reader is redirected to it.
	Story func(id string) (s copytaster.Story, found bool, err error)
	// Export gives a configured export's channel and stories, as they go into its feed of the format (rss, atom or json). With a day it is the
	// archive of the stories that were published on it.
	Export func(name, format string, day time.Time) (c export.Channel, stories []copytaster.Story, found bool, err error)
	// Exports lists the configured exports.
	Exports func() []ExportEntry
	// Feeds lists the subscriptions with their health.
	Feeds func() []view.Feed
	// Learned lists the standing lines that were learned of an outlet. nil: none.
	Learned func(outlet string) ([]string, error)
	// Folds lists the copies that were recognised last, the newest first, at most n. nil: none.
	Folds func(n int) ([]view.FoldEntry, error)
	// Image fetches a picture from an outlet, bounded in size and time, and from nowhere that the outlet may not name. nil: pages link to pictures.
	Image func(ctx context.Context, address string) ([]byte, error)
	// Revision changes whenever what the other functions give has changed; feeds are rendered once a revision. nil: each time.
	Revision func() uint64
	// Health is nil while the program works; its error is shown at /healthz with status 503. A nil function is always well.
	Health func() error
	// Ready is nil while news are stored; its error is shown at /readyz with status 503. A nil function is always ready.
	Ready func() error
	// Version of the program, shown at the foot of every page.
	Version string
}

// ExportEntry names an export and the formats it is offered in over HTTP: "rss", "atom", "json".
type ExportEntry struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Formats []string `json:"formats"`
}

// Options are what the administrator decides. The zero value serves loopback names without an address of its own in the feeds.
type Options struct {
	Title    string         // shown on top of every page; empty: "Copytaster"
	Base     string         // where the pages are reached, such as https://news.example; empty: feeds keep their channel's addresses
	Host     string         // domain in the ids of stories in the feeds of views, as export.Channel has it for the exports
	Hosts    []string       // host names answered besides loopback ones, the connection's own address and Base's
	Location *time.Location // for the times on pages; nil: UTC
	User     string         // asked for with Password; empty: not asked for
	Password string         // of User
	Token    string         // taken instead of User and Password; empty: none
	Log      *slog.Logger   // for what goes wrong on our side; nil: nowhere
	Metrics  http.Handler   // mounted at /metrics; nil: none
}

// site is what the handlers share. Nothing in it changes after New but the cache, which guards itself.
type site struct {
	Source
	Options
	pages  pages
	press  *export.Press
	style  asset
	icon   asset
	spec   asset
	sheets cache[*rendered]
	feeds  cache[*rendered]
	offers cache[view.Choices]
}

// New makes the handler of all pages and feeds. It answers only requests whose Host is a loopback name, the address of the
// connection itself or one of the configured names, so that no foreign site can read it through a rebound name.
func New(src Source, o Options) http.Handler {
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Title == "" {
		o.Title = "Copytaster"
	}
	s := &site{Source: src, Options: o, press: export.NewPress(), style: newAsset("style.css"), icon: newAsset("icon.svg"), spec: newAsset("openapi.json")}
	s.spec.out.keep = "no-cache"
	s.pages = s.parsePages()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.front)
	mux.HandleFunc("GET /story/{id}", s.story)
	mux.HandleFunc("GET /story/{id}/image/{item}", s.image)
	mux.HandleFunc("GET /outlets", s.outlets)
	mux.HandleFunc("GET /outlet", s.outlet)
	mux.HandleFunc("GET /agencies", s.agencies)
	mux.HandleFunc("GET /status", s.status)
	mux.HandleFunc("GET /feeds", s.feedList)
	mux.HandleFunc("GET /feeds/{file}", s.feed)
	mux.HandleFunc("GET /feeds/{name}/{file}", s.archive)
	for _, ending := range endings() {
		mux.HandleFunc("GET /stories."+ending, s.view(ending))
	}
	mux.HandleFunc("GET /sources.opml", s.opml)
	mux.HandleFunc("GET /healthz", check(s.Health))
	mux.HandleFunc("GET /readyz", check(s.Ready))
	mux.HandleFunc("GET "+s.style.path(), s.style.serve)
	mux.HandleFunc("GET "+s.icon.path(), s.icon.serve)
	s.routeAPI(mux)
	mux.HandleFunc("/", s.other)
	if o.Metrics != nil {
		mux.Handle("GET /metrics", o.Metrics)
	}
	return gate.New(gate.Options{Hosts: s.hosts(), User: o.User, Password: o.Password, Token: o.Token}, mux)
}

// hosts are the names that are answered besides loopback ones.
func (s *site) hosts() []string {
	names := slices.Clone(s.Hosts)
	if u, err := url.Parse(s.Base); err == nil && u.Hostname() != "" {
		names = append(names, u.Hostname())
	}
	return names
}

// Server is an http.Server for h with bounds on how long a client may take (10 s to ask, 60 s to be answered) and on the size of
// what it sends (16 KB of headers). The caller sets Addr, or serves a listener of its own, and shuts it down.
func Server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
	}
}
