// Package newsroom is a made-up newsroom for the demo: fourteen outlets in three languages that carry sixteen agency stories and
// seventeen of their own, served over HTTP from files embedded in the binary. It never reaches out: it only answers.
//
// plan.yaml says who carries what and what was made of it, truth.txt what is one story. Places, people and outlets are invented;
// only the agencies bear real names, because recognising them is the point.
package newsroom

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"copytaster"
)

// Room serves the outlets' feeds, pages and front pages. It is safe for concurrent use.
type Room struct {
	epoch   time.Time
	outlets []outlet
	texts   map[string]text
	layouts layouts
	mux     *http.ServeMux
	edition atomic.Int32
}

// New opens the newsroom with its first edition. Items are dated over the 36 hours before epoch, so that a demo is fresh and a test
// is fixed. It panics if the embedded files do not fit together, which the tests rule out.
func New(epoch time.Time) *Room {
	r := &Room{epoch: epoch.UTC().Truncate(time.Second), outlets: plan(), texts: texts(), layouts: parseLayouts(), mux: http.NewServeMux()}
	r.edition.Store(1)
	for i := range r.outlets {
		r.open(&r.outlets[i])
	}
	r.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, req *http.Request) { r.answer(w, req, r.index()) })
	return r
}

// open routes what the outlet serves.
func (r *Room) open(o *outlet) {
	r.mux.HandleFunc("GET "+o.feedPath(), r.feed(o))
	r.mux.HandleFunc("GET "+o.path("{$}"), func(w http.ResponseWriter, req *http.Request) { r.answer(w, req, r.front(o, req)) })
	r.mux.HandleFunc("GET "+o.path("a/{page}"), func(w http.ResponseWriter, req *http.Request) {
		articles := r.articles(o, base(req))
		i := slices.IndexFunc(articles, func(a article) bool { return a.Path() == req.URL.Path })
		if i < 0 {
			http.NotFound(w, req)
			return
		}
		r.answer(w, req, r.page(articles, i))
	})
}

// feed gives the handler of the outlet's feed, with the outlet's fault if it has one.
func (r *Room) feed(o *outlet) http.HandlerFunc {
	serve := func(w http.ResponseWriter, req *http.Request) { r.answer(w, req, r.feedDocument(o, req)) }
	switch o.Fault {
	case faultError:
		return func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "the presses have stopped", http.StatusInternalServerError)
		}
	case faultGone:
		return func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "closed for good", http.StatusGone)
		}
	case faultMoved:
		r.mux.HandleFunc("GET "+o.path("news.xml"), serve)
		return func(w http.ResponseWriter, req *http.Request) {
			http.Redirect(w, req, o.path("news.xml"), http.StatusMovedPermanently)
		}
	}
	return serve
}

// document is an answer before its validators are added.
type document struct {
	contentType string
	body        []byte
	modified    time.Time
}

// answer sends the document with ETag and Last-Modified, or 304 (RFC 9110 section 13).
func (r *Room) answer(w http.ResponseWriter, req *http.Request, d document) {
	w.Header().Set("Content-Type", d.contentType)
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(d.body))[:18]+`"`)
	http.ServeContent(w, req, "", d.modified, bytes.NewReader(d.body))
}

// ServeHTTP serves /OUTLET/feed.xml (or feed.json), /OUTLET/a/STORY.html, /OUTLET/ and a list of the outlets at /.
func (r *Room) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.mux.ServeHTTP(w, req) }

// Serve answers on the listener as made-up outlets do, a Room's or others', until ctx ends.
func Serve(ctx context.Context, l net.Listener, outlets http.Handler) error {
	s := &http.Server{Handler: outlets, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Publish brings out edition 1 or 2. The second adds copies of standing stories and new stories, and corrects one.
func (r *Room) Publish(edition int) { r.edition.Store(int32(edition)) }

// Feeds lists the outlets' feeds as a configuration would, for a server that answers at base, such as http://127.0.0.1:1234.
func (r *Room) Feeds(base string) []copytaster.Feed {
	feeds := make([]copytaster.Feed, len(r.outlets))
	for i, o := range r.outlets {
		feeds[i] = copytaster.Feed{URL: base + o.feedPath(), Outlet: o.Name, FullText: copytaster.FullTextAuto, Language: o.Language}
	}
	return feeds
}
