package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"copytaster"
	"copytaster/fetch/feed/markup"
	"copytaster/fetch/guard"
	"copytaster/fetch/page"
	"copytaster/fetch/state"
)

// Bounds of the article pages of one poll.
const (
	maxPages    = 100             // the rest waits for the next poll
	maxPending  = 500             // items beyond keep the feed's text
	keepPending = 72 * time.Hour  // then a page that was never to be had is given up
	pagesTime   = 5 * time.Minute // with a page a second, 300; slow hosts get to fewer
	maxPage     = 5 << 20         // bytes, inflated: what page.Extract reads
	enough      = 120             // words that make a story; below, the page is asked for
)

// errLater is returned for a page that was not asked for, or whose host asked for a rest: its turn comes at the next poll.
var errLater = errors.New("left for the next poll")

// complete gives the items their blocks, from their pages where the feed says too little, and puts them into the delivery. Items whose
// pages did not come at the last poll are asked for once more.
func (c *Client) complete(ctx context.Context, f copytaster.Feed, d *Delivery, items []copytaster.Item) {
	again := d.State.Pending
	if len(items)+len(again) == 0 {
		return
	}
	d.State.Pending, d.State.PageTrouble = nil, ""
	end, cancel := context.WithTimeout(ctx, pagesTime)
	defer cancel()
	d.Items = slices.Grow(d.Items, len(items)+len(again))
	for _, it := range items {
		if wanted(f, it) && !c.fill(end, f, d, &it, true) {
			d.Teasers = append(d.Teasers, it.GUID)
		}
		d.Items = append(d.Items, it)
	}
	for _, it := range again {
		newer := slices.ContainsFunc(items, func(n copytaster.Item) bool { return n.ID == it.ID })
		if !newer && d.At.Sub(it.Seen) < keepPending && f.FullText != copytaster.FullTextNever && c.fill(end, f, d, &it, false) {
			d.Items = append(d.Items, it)
		}
	}
	for i := range d.Items {
		d.Items[i].HTML = safe(d.Items[i])
	}
	for i := range d.State.Pending {
		d.State.Pending[i].HTML = markup.Sanitise(d.State.Pending[i].HTML)
	}
}

// safe is the item's HTML as it is kept: sanitised, and none where there is text in it. Then its blocks say the same, and sanitising costs as much as
// cutting it into blocks twice over.
func safe(it copytaster.Item) string {
	if slices.ContainsFunc(it.Blocks, func(b copytaster.Block) bool { return b.Kept }) {
		return ""
	}
	return markup.Sanitise(it.HTML)
}

// wanted reports whether the item's page is to be fetched.
func wanted(f copytaster.Feed, it copytaster.Item) bool {
	switch f.FullText {
	case copytaster.FullTextNever:
		return false
	case copytaster.FullTextAlways:
		return it.URL != ""
	}
	return it.URL != "" && short(it.Blocks)
}

// fill takes over the item's page and reports whether it could. If not, it notes why and keeps the item for the next poll: an item whose
// page was not asked for, and one that failed if that makes sense and it is its first time.
func (c *Client) fill(ctx context.Context, f copytaster.Feed, d *Delivery, it *copytaster.Item, first bool) bool {
	err := errLater
	if d.Pages+d.Missed < maxPages && ctx.Err() == nil {
		err = c.article(ctx, f, it)
	}
	switch {
	case err == nil:
		d.Pages++
		return true
	case ctx.Err() != nil || errors.Is(err, errLater):
		first = true
	default:
		d.Missed++
		d.State.PageTrouble = state.Line(fmt.Sprintf("%s: %s", it.URL, guard.Explain(err)), 500)
		first = first && !errors.Is(err, errForbidden) && !errors.Is(err, page.ErrNoArticle)
	}
	if first && len(d.State.Pending) < maxPending {
		d.State.Pending = append(d.State.Pending, *it)
	}
	return false
}

// article fetches and reads the page of an item.
func (c *Client) article(ctx context.Context, f copytaster.Feed, it *copytaster.Item) error {
	if c.heldUntil(it.URL).After(c.opt.Now()) {
		return errLater
	}
	delay, err := c.allowed(ctx, it.URL)
	if err != nil {
		return err
	}
	if err := c.pace(ctx, it.URL, delay); err != nil {
		return err
	}
	a := c.guard.Get(ctx, guard.Request{URL: it.URL, Accept: pageTypes, Max: maxPage, Kind: "html"})
	defer c.guard.Done(&a)
	if a.Err != nil {
		return a.Err
	}
	if c.obey(a) {
		return errLater
	}
	if a.Status != http.StatusOK {
		return errors.New(status(a.Status))
	}
	return c.atDesk(ctx, func() error {
		art, err := page.Extract(a.Body, a.Header.Get("Content-Type"), a.Final, page.Hint{Selector: f.Selector, Title: it.Title,
			Content: it.HTML, Language: it.Language, Boilerplate: c.opt.Boilerplate})
		if err == nil {
			take(it, art)
		}
		return err
	})
}

// obey leaves a public host alone that says it is asked too often, and reports whether it does.
func (c *Client) obey(a guard.Answer) bool {
	if a.Status != http.StatusTooManyRequests || guard.Local(a.Final) {
		return false
	}
	now := c.opt.Now()
	c.hold(a.Final, now.Add(state.Rest(a.Header, now)))
	return true
}

// take gives the item what its page says: the text if there is more of it than in the feed, the rest where the feed is silent.
func take(it *copytaster.Item, art page.Article) {
	if words(art.Blocks) >= words(it.Blocks) {
		it.Blocks = art.Blocks
	}
	it.Title = or(it.Title, art.Title)
	it.Publisher = or(it.Publisher, art.Publisher)
	it.Image = or(it.Image, art.Image)
	it.Language = or(it.Language, art.Language)
	if len(it.Authors) == 0 {
		it.Authors = art.Authors
	}
	if it.Published.IsZero() && art.Published.Before(it.Seen) {
		it.Published = art.Published
	}
	it.Keys = art.Keys
	if own := copytaster.CanonicalURL(art.Canonical); guard.Host(own) == guard.Host(it.URL) && strings.Count(own, "/") > 2 {
		it.URL = own
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// short reports whether a feed's text is less than a story: few words, or cut off at the end.
func short(blocks []copytaster.Block) bool {
	if words(blocks) < enough {
		return true
	}
	last := strings.TrimRight(blocks[len(blocks)-1].Text, " \u00a0])»›>→")
	return strings.HasSuffix(last, "…") || strings.HasSuffix(last, "...")
}

// thai is where the letters begin that words asks about.
const thai = '\u0E00'

// words counts the words of the blocks; of scripts without spaces between words, two letters are one.
func words(blocks []copytaster.Block) (n int) {
	for _, b := range blocks {
		letters := 0
		for word := range strings.FieldsSeq(b.Text) {
			n++
			for _, r := range word {
				if r >= thai && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
					letters++
				}
			}
		}
		n += letters / 2
	}
	return n
}
