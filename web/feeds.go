package web

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"copytaster"
	"copytaster/export"
	"copytaster/web/view"

	"github.com/klauspost/compress/gzip"
)

// rendered is a document as it goes out, with its validators.
type rendered struct {
	body        []byte
	gzip        func() []byte // made when it is first asked for
	etag        string        // without quotes
	modified    time.Time
	contentType string
	link        string // Link header of WebSub, empty if there is no hub
	keep        string // Cache-Control
	packed      bool   // as small as it gets: never sent as gzip
}

// cache holds what was made for one revision of the stories.
type cache[T any] struct {
	mu       sync.Mutex // guards what follows
	revision uint64
	kept     map[string]T
}

// maxKept is how many documents are kept for a revision: what clients ask for is theirs to make up. Beyond it all are made again.
const maxKept = 128

// get gives what was kept under the key for the revision, else makes and keeps it. make may run twice at once: rendering 100
// stories takes milliseconds, and a lock over it would let one slow feed hold up all others.
func (c *cache[T]) get(revision func() uint64, key string, make func() (T, error)) (T, error) {
	if revision == nil {
		return make()
	}
	now := revision()
	c.mu.Lock()
	v, ok := c.kept[key]
	fresh := c.revision == now
	c.mu.Unlock()
	if fresh && ok {
		return v, nil
	}
	v, err := make()
	if err != nil {
		return v, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.revision != now || len(c.kept) >= maxKept || c.kept == nil {
		c.revision, c.kept = now, map[string]T{}
	}
	c.kept[key] = v
	return v, nil
}

// format is a way of writing a feed.
type format struct {
	mediaType string
	write     func(*export.Press, io.Writer, export.Channel, []copytaster.Story) error
}

// endings are those of the formats' files.
func endings() []string { return []string{"rss", "atom", "json"} }

// formatOf gives the format of a file's ending.
func formatOf(ending string) (f format, ok bool) {
	switch ending {
	case "rss":
		return format{"application/rss+xml", (*export.Press).RSS}, true
	case "atom":
		return format{"application/atom+xml", (*export.Press).Atom}, true
	case "json":
		return format{"application/feed+json", (*export.Press).JSON}, true
	}
	return format{}, false
}

// wanted names a document of an export.
type wanted struct {
	name, ending string
	day          time.Time // of an archive; zero: the newest stories
	since        time.Time // leaves out what did not change after it; zero: nothing
}

// feed serves /feeds/NAME.FORMAT, with ?since=TIME (RFC 3339) only what changed after it.
func (s *site) feed(w http.ResponseWriter, r *http.Request) {
	name, ending, _ := cutLast(r.PathValue("file"), ".")
	since, err := parseSince(r.FormValue("since"))
	if err != nil {
		s.fail(w, http.StatusBadRequest, "since is not a time such as 2006-01-02T15:04:05Z.")
		return
	}
	s.document(w, r, wanted{name: name, ending: ending, since: since})
}

// archive serves /feeds/NAME/2006-01-02.FORMAT, the stories of a day (RFC 5005, section 4).
func (s *site) archive(w http.ResponseWriter, r *http.Request) {
	day, ending, _ := cutLast(r.PathValue("file"), ".")
	on, err := time.Parse(time.DateOnly, day)
	if err != nil || on.IsZero() {
		s.notFound(w, noFeed)
		return
	}
	s.document(w, r, wanted{name: r.PathValue("name"), ending: ending, day: on})
}

const noFeed = "There is no feed of that name."

// document serves a document of an export. Those that few ask for are made each time.
func (s *site) document(w http.ResponseWriter, r *http.Request, d wanted) {
	f, known := formatOf(d.ending)
	if !known || s.Export == nil {
		s.notFound(w, noFeed)
		return
	}
	make := func() (*rendered, error) { return s.render(d, f) }
	var out *rendered
	var err error
	if d.since.IsZero() && d.day.IsZero() {
		out, err = s.feeds.get(s.Revision, d.name+"."+d.ending, make)
	} else {
		out, err = make()
	}
	switch {
	case errors.Is(err, errNoExport):
		s.notFound(w, noFeed)
	case err != nil:
		s.internal(w, r, err)
	default:
		out.serve(w, r)
	}
}

// cutLast cuts s around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func parseSince(v string) (time.Time, error) {
	if v == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339, strings.ReplaceAll(v, " ", "+"))
}

// errNoExport says that there is no export of a name. It is an error so that no cache keeps it: names are for anyone to make up.
var errNoExport = errors.New("no such export")

// render writes a document.
func (s *site) render(d wanted, f format) (*rendered, error) {
	c, stories, ok, err := s.Export(d.name, d.ending, d.day)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errNoExport
	}
	kept := stories
	if !d.since.IsZero() {
		kept = slices.DeleteFunc(slices.Clone(stories), func(st copytaster.Story) bool { return !changed(st).After(d.since) })
	}
	return s.write(f, c, kept)
}

// view serves what the front page shows under the same filters, as a feed of its newest stories.
func (s *site) view(ending string) http.HandlerFunc {
	f, _ := formatOf(ending)
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := s.feeds.get(s.Revision, r.URL.RequestURI(), func() (*rendered, error) {
			return s.renderView(f, ending, view.ParseForm(r.URL.Query()))
		})
		if err != nil {
			s.internal(w, r, err)
			return
		}
		out.serve(w, r)
	}
}

func (s *site) renderView(f format, ending string, asked view.Form) (*rendered, error) {
	asked.Page, asked.Sort = 1, ""
	q := asked.Query()
	q.Limit = perFeed
	stories, err := s.Stories(q)
	if err != nil {
		return nil, err
	}
	c := export.Channel{Title: s.Title + asked.Title(), Host: s.Host, ID: s.Title + "?" + asked.Values(), Renew: export.RenewText}
	if s.Base != "" {
		c.Self, c.Link = s.at(asked.Feed(ending)), s.at(asked.Address(1))
	}
	return s.write(f, c, stories)
}

// perFeed is how many stories the feed of a view holds.
const perFeed = 100

// at is the whole address of a path here, empty if it is not known where here is.
func (s *site) at(path string) string {
	if s.Base == "" {
		return ""
	}
	return strings.TrimSuffix(s.Base, "/") + path
}

// write makes the document of a feed.
func (s *site) write(f format, c export.Channel, stories []copytaster.Story) (*rendered, error) {
	c.Stories = cmp.Or(c.Stories, s.at("/story/"))
	var modified time.Time
	for _, st := range stories {
		modified = later(modified, changed(st))
	}
	var b bytes.Buffer
	if err := f.write(s.press, &b, c, stories); err != nil {
		return nil, fmt.Errorf("feed %s: %w", c.Title, err)
	}
	out := newRendered(b.Bytes(), f.mediaType+"; charset=utf-8")
	out.modified = modified
	if c.Hub != "" && c.Self != "" && !strings.ContainsAny(c.Hub+c.Self, "<>\r\n") {
		out.link = fmt.Sprintf(`<%s>; rel="hub", <%s>; rel="self"`, c.Hub, c.Self)
	}
	return out, nil
}

// changed is when a story was last shown anew.
func changed(st copytaster.Story) time.Time { return later(st.Published, st.Updated) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// newRendered is a document that changes, ready to be sent.
func newRendered(body []byte, contentType string) *rendered {
	sum := sha256.Sum256(body)
	return &rendered{body: body, gzip: sync.OnceValue(func() []byte { return compress(body) }), etag: fmt.Sprintf("%x", sum[:12]), contentType: contentType, keep: "public, max-age=60, must-revalidate"}
}

// compress gives the gzip form of b.
func compress(b []byte) []byte {
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	_, _ = zw.Write(b) // a bytes.Buffer takes everything
	_ = zw.Close()
	return buf.Bytes()
}

// serve answers with the feed, or with 304 if the reader has it. The two encodings have two entity tags (RFC 9110, section 8.8.3.3).
func (f *rendered) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.keep)
	h.Set("Vary", "Accept-Encoding")
	if f.link != "" {
		h.Set("Link", f.link)
	}
	body, etag := func() []byte { return f.body }, f.etag
	if !f.packed && acceptsGzip(r.Header.Values("Accept-Encoding")) {
		body, etag = f.gzip, f.etag+"-gzip"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, "", f.modified, &content{make: body})
}

// content is a body that is made when its first byte or its length is asked for: never for an answer of 304.
type content struct {
	make   func() []byte
	Reader *bytes.Reader
}

func (c *content) made() *bytes.Reader {
	if c.Reader == nil {
		c.Reader = bytes.NewReader(c.make())
	}
	return c.Reader
}

// Read reads on.
func (c *content) Read(b []byte) (int, error) { return c.made().Read(b) }

// Seek says where to read on.
func (c *content) Seek(offset int64, whence int) (int64, error) { return c.made().Seek(offset, whence) }

// acceptsGzip reports whether the Accept-Encoding lines take gzip: named, or by *, and not with q=0.
func acceptsGzip(lines []string) bool {
	star := false
	for part := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		name, params, _ := strings.Cut(part, ";")
		_, q, _ := strings.Cut(params, "=")
		yes := strings.Trim(q, " 0.") != "" || strings.TrimSpace(q) == ""
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return yes
		case "*":
			star = yes
		}
	}
	return star
}

// opml serves the list of sources.
func (s *site) opml(w http.ResponseWriter, r *http.Request) {
	var feeds []copytaster.Feed
	for _, f := range s.feedStatus() {
		feeds = append(feeds, copytaster.Feed{URL: f.URL, Outlet: f.Outlet, Tags: f.Tags, Language: f.Language, Disabled: f.Disabled})
	}
	var b bytes.Buffer
	if err := export.OPML(&b, s.Title+": sources", feeds); err != nil {
		s.internal(w, r, err)
		return
	}
	newRendered(b.Bytes(), "text/x-opml; charset=utf-8").serve(w, r)
}

// check answers "ok", or 503 and what is wrong.
func check(wrong func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if wrong != nil {
			if err := wrong(); err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "ok\n")
	}
}
