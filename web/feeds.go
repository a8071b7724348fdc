package web

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"copytaster"
	"copytaster/export"

	"github.com/klauspost/compress/gzip"
)

// rendered is a feed as it goes out, with its validators.
type rendered struct {
	body, gzip  []byte
	etag        string // without quotes
	modified    time.Time
	contentType string
	link        string // Link header of WebSub, empty if there is no hub
	keep        string // Cache-Control
}

// cache holds what was rendered for one revision.
type cache struct {
	mu       sync.Mutex // guards what follows
	revision uint64
	feeds    map[string]*rendered
}

// get gives what was kept under the key for the revision, else makes and keeps it. make may run twice at once: rendering 100
// stories takes milliseconds, and a lock over it would let one slow feed hold up all others.
func (c *cache) get(revision uint64, key string, make func() (*rendered, error)) (*rendered, error) {
	c.mu.Lock()
	r := c.feeds[key]
	fresh := c.revision == revision
	c.mu.Unlock()
	if fresh && r != nil {
		return r, nil
	}
	r, err := make()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.revision != revision || c.feeds == nil {
		c.revision, c.feeds = revision, map[string]*rendered{}
	}
	c.feeds[key] = r
	return r, nil
}

// format is a way of writing a feed.
type format struct {
	mediaType string
	write     func(io.Writer, export.Channel, []copytaster.Story) error
}

// formatOf gives the format of a file's ending.
func formatOf(ending string) (f format, ok bool) {
	switch ending {
	case "rss":
		return format{"application/rss+xml", export.RSS}, true
	case "atom":
		return format{"application/atom+xml", export.Atom}, true
	case "json":
		return format{"application/feed+json", export.JSON}, true
	}
	return format{}, false
}

// feed serves /feeds/NAME.FORMAT, with ?since=TIME (RFC 3339) only what changed after it.
func (s *site) feed(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	dot := strings.LastIndexByte(file, '.')
	f, known := formatOf(file[dot+1:])
	if dot < 0 || !known || s.Export == nil {
		s.notFound(w, "There is no feed of that name.")
		return
	}
	since, err := parseSince(r.FormValue("since"))
	if err != nil {
		s.fail(w, http.StatusBadRequest, "since is not a time such as 2006-01-02T15:04:05Z.")
		return
	}
	make := func() (*rendered, error) { return s.render(file[:dot], file, f, since) }
	var out *rendered
	if s.Revision == nil || !since.IsZero() {
		out, err = make()
	} else {
		out, err = s.feeds.get(s.Revision(), file, make)
	}
	switch {
	case err != nil:
		s.internal(w, r, err)
	case out == nil:
		s.notFound(w, "There is no feed of that name.")
	default:
		out.serve(w, r)
	}
}

func parseSince(v string) (time.Time, error) {
	if v == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339, strings.ReplaceAll(v, " ", "+"))
}

// render writes a feed, nil if there is no export of the name. Since leaves out what did not change after it.
func (s *site) render(name, file string, f format, since time.Time) (*rendered, error) {
	c, stories, ok := s.Export(name)
	if !ok {
		return nil, nil
	}
	if s.Base != "" {
		base := strings.TrimSuffix(s.Base, "/")
		c.Self, c.Stories = base+"/feeds/"+file, base+"/story/"
		if c.Link == "" {
			c.Link = base + "/"
		}
	}
	kept := stories
	if !since.IsZero() {
		kept = nil
	}
	modified := time.Time{}
	for _, st := range stories {
		changed := later(st.Published, st.Updated)
		modified = later(modified, changed)
		if !since.IsZero() && changed.After(since) {
			kept = append(kept, st)
		}
	}
	var b bytes.Buffer
	if err := f.write(&b, c, kept); err != nil {
		return nil, fmt.Errorf("feed %s: %w", file, err)
	}
	return newRendered(b.Bytes(), f.mediaType+"; charset=utf-8", modified, c), nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func newRendered(body []byte, contentType string, modified time.Time, c export.Channel) *rendered {
	sum := sha256.Sum256(body)
	r := &rendered{body: body, gzip: compress(body), etag: fmt.Sprintf("%x", sum[:12]), modified: modified, contentType: contentType, keep: "public, max-age=60, must-revalidate"}
	if c.Hub != "" && c.Self != "" && !strings.ContainsAny(c.Hub+c.Self, "<>\r\n") {
		r.link = fmt.Sprintf(`<%s>; rel="hub", <%s>; rel="self"`, c.Hub, c.Self)
	}
	return r
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
	body, etag := f.body, f.etag
	if acceptsGzip(r.Header.Values("Accept-Encoding")) {
		body, etag = f.gzip, f.etag+"-gzip"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, "", f.modified, bytes.NewReader(body))
}

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
	newRendered(b.Bytes(), "text/x-opml; charset=utf-8", time.Time{}, export.Channel{}).serve(w, r)
}

// health answers "ok", or 503 and what is wrong.
func (s *site) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if s.Health != nil {
		if err := s.Health(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n")
}
