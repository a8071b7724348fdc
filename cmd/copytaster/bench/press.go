package bench

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/newsroom"
)

// The shape of the outlets: shares and sizes as a news desk's feeds have them.
const (
	shown    = 30  // items in a feed
	fresh    = 2   // new ones a round
	wire     = 4   // of ten items are agency copy
	carriers = 8   // outlets that carry an agency story, in the mean
	length   = 60  // words of a story
	keep     = 0.7 // of an agency story stands in a copy at least
)

// press is a newsroom of any size: every outlet's feed shows its newest items, of which some are copies of agency stories, whole, cut or
// extended. It is the same for the same size whatever is asked when.
type press struct {
	outlets int
	words   []string
	epoch   time.Time
	round   atomic.Int32
}

func newPress(outlets int, epoch time.Time) *press {
	return &press{outlets: outlets, words: newsroom.Vocabulary(), epoch: epoch}
}

// feeds lists the outlets' feeds for a server that answers at base.
func (p *press) feeds(base string) []copytaster.Feed {
	list := make([]copytaster.Feed, p.outlets)
	for i := range list {
		list[i] = copytaster.Feed{URL: fmt.Sprintf("%s/%d/feed.xml", base, i), Outlet: fmt.Sprint("Outlet ", i), FullText: copytaster.FullTextNever, Language: "en"}
	}
	return list
}

// ServeHTTP answers with the feed of an outlet as it is this round, or 304.
func (p *press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	number, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	outlet, err := strconv.Atoi(number)
	if err != nil || outlet < 0 || outlet >= p.outlets {
		http.NotFound(w, r)
		return
	}
	tag := fmt.Sprintf(`"%d-%d"`, outlet, p.round.Load())
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/rss+xml")
	fmt.Fprint(w, p.feed(outlet))
}

func (p *press) feed(outlet int) string {
	var b strings.Builder
	home := fmt.Sprintf("https://outlet%d.example/", outlet)
	fmt.Fprintf(&b, "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>Outlet %d</title><link>%s</link><description>News</description>\n", outlet, home)
	newest := shown + fresh*int(p.round.Load())
	for n := newest - 1; n >= newest-shown; n-- {
		title, text := p.item(outlet, n)
		at := p.epoch.Add(-time.Duration(newest-n) * 20 * time.Minute).Format(time.RFC1123Z)
		fmt.Fprintf(&b, "<item><title>%s</title><link>%s%d</link><guid>%s%d</guid><pubDate>%s</pubDate><description>&lt;p&gt;%s&lt;/p&gt;</description></item>\n",
			title, home, n, home, n, at, text)
	}
	return b.String() + "</channel></rss>\n"
}

// item makes the n-th item of an outlet: its own story, or a copy.
func (p *press) item(outlet, n int) (title, text string) {
	r := dice("item", outlet, n)
	title = p.prose(r, 8)
	if r.IntN(10) >= wire {
		return title, p.prose(r, length)
	}
	stories := max(1, p.outlets*wire/10/carriers) // that run beside the n-th items
	story := strings.Fields(p.prose(dice("wire", n, r.IntN(stories)), length))
	cut := int(float64(len(story)) * (keep + (1-keep)*r.Float64()))
	return title, "GENEVA (AP) — " + strings.Join(story[:cut], " ") + ". " + p.prose(r, r.IntN(length/3))
}

// prose makes so many words.
func (p *press) prose(r *rand.Rand, words int) string {
	list := make([]string, words)
	for i := range list {
		list[i] = p.words[r.IntN(len(p.words))]
	}
	return strings.Join(list, " ")
}

// dice are the same for the same words.
func dice(what string, a, b int) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, what, a, " ", b)
	return rand.New(rand.NewPCG(h.Sum64(), 1))
}
