package export

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"copytaster"
	"copytaster/export/safe"
)

// Bounds on what one entry may hold. Titles run to 200 characters at most in real feeds; beyond maxTitle no reader shows them.
const (
	maxTitle      = 500 // runes
	maxSummary    = 300 // runes
	maxAuthors    = 20
	maxCategories = 20
	maxAlso       = 10 // outlets listed under "Also reported by"
	maxRelated    = 50 // links to the other outlets' items
)

// unknown stands for a time where a format demands one and nothing has one.
var unknown = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// entry is a story as every format shows it: cleaned, bounded, with nothing missing that a format demands.
type entry struct {
	id, title, url     string
	summary            string // plain text, never empty
	body               string // HTML
	published, updated time.Time
	authors, agencies  []string // authors has at least one name
	categories         []string
	language, image    string
	outlet, feed       string // of the lead
	enclosures         []copytaster.Enclosure
	others             []other
	story              copytaster.Story
}

// other is an item of the story beside the lead.
type other struct {
	outlet, title, url, language string
	share                        *copytaster.Share // nil: not measured
}

func newEntry(c Channel, s copytaster.Story) entry {
	lead := s.Items[0]
	title := headline(lead)
	e := entry{
		story: s, url: or(safe.Address(lead.URL), c.page(s.ID)), language: safe.Language(lead.Language), image: safe.Address(lead.Image),
		feed: safe.Address(lead.Feed), outlet: outlet(lead), title: title, summary: or(summary(lead), title),
		authors: safe.Names(lead.Authors, maxAuthors), agencies: safe.Names(s.Agencies(), maxAuthors),
		categories: safe.Names(append(append([]string{}, lead.Categories...), lead.Tags...), maxCategories),
		enclosures: enclosures(lead),
	}
	if len(e.authors) == 0 {
		e.authors = []string{e.outlet}
	}
	e.published, e.updated = times(s, c.Renew)
	e.id = mint(c.Host, e.published, "story", s.ID)
	for i, it := range s.Items[1:] {
		o := other{outlet: outlet(it), title: headline(it), url: safe.Address(it.URL), language: safe.Language(it.Language)}
		if i+1 < len(s.Shares) {
			o.share = &s.Shares[i+1]
		}
		e.others = append(e.others, o)
	}
	e.body = body(c, e)
	return e
}

// outlet is the name of the item's outlet, never empty.
func outlet(it copytaster.Item) string {
	for _, s := range []string{it.URL, it.Feed} {
		if it.Outlet == "" {
			if u, err := url.Parse(s); err == nil {
				it.Outlet = u.Hostname()
			}
		}
	}
	return or(safe.Shorten(safe.Plain(it.Outlet), safe.MaxName), "unknown outlet")
}

// headline is the item's title, else the beginning of its text, else where it is from.
func headline(it copytaster.Item) string {
	if title := safe.Shorten(safe.OneLine(it.Title), maxTitle); title != "" {
		return title
	}
	return or(safe.Shorten(summary(it), 100), "From "+outlet(it))
}

// summary is the beginning of the kept text, empty if there is none.
func summary(it copytaster.Item) string {
	if len(it.Blocks) == 0 {
		return safe.Shorten(safe.OneLine(safe.TextOf(it.HTML)), maxSummary)
	}
	var b strings.Builder
	for _, bl := range it.Blocks {
		if bl.Kept && b.Len() < 4*maxSummary {
			b.WriteString(bl.Text[:min(len(bl.Text), 8*maxSummary)])
			b.WriteByte(' ')
		}
	}
	return safe.Shorten(safe.OneLine(b.String()), maxSummary)
}

// enclosures are the media files whose address and type every format takes.
func enclosures(it copytaster.Item) (list []copytaster.Enclosure) {
	for _, e := range it.Enclosures {
		e.URL, e.Length = safe.Address(e.URL), max(e.Length, 0)
		if !mediaTypeRE.MatchString(e.Type) {
			e.Type = "application/octet-stream"
		}
		if publicRE.MatchString(e.URL) {
			list = append(list, e)
		}
	}
	return list
}

var (
	mediaTypeRE = regexp.MustCompile(`^[a-zA-Z0-9.+-]+/[a-zA-Z0-9.+-]+$`)
	publicRE    = regexp.MustCompile(`^https?://([a-zA-Z0-9-]+\.)+[a-zA-Z0-9-]+(:\d+)?/`) // RSS wants a dotted host in an enclosure
)

// times are when the story was first shown and last changed, as the channel counts that. A story that has not been given times takes those of
// its items.
func times(s copytaster.Story, renew string) (published, updated time.Time) {
	published = s.Published
	if !plausible(published) {
		published = itemTime(s.Items[0])
	}
	updated = s.Updated
	if renew != "" {
		updated = renewed(s, renew, published)
	}
	if !plausible(updated) || updated.Before(published) {
		updated = published
	}
	return published.UTC().Truncate(time.Second), updated.UTC().Truncate(time.Second)
}

// smallStep is how long after the publication of a version a change of it still counts as the same edition: outlets correct what they have just put up.
const smallStep = 10 * time.Minute

// renewed is when the story changed so that it should be read again. It is made of the items alone, so that it is the same after a restart or a
// refold: when the lead came, when its outlet says that it changed, and when the outlets reached a step.
func renewed(s copytaster.Story, renew string, published time.Time) time.Time {
	lead := s.Items[0]
	t := published
	if lead.Seen.After(t) {
		t = lead.Seen
	}
	if u := lead.Updated; u.After(itemTime(lead).Add(smallStep)) && u.After(t) && !u.After(s.Updated) {
		t = u
	}
	if renew == RenewOutlets {
		if n := stepReached(s); n.After(t) {
			t = n
		}
	}
	return t
}

// stepReached is when as many outlets had the story as the last step that it has come to.
func stepReached(s copytaster.Story) time.Time {
	first := map[string]time.Time{} // by outlet: when it was first seen there
	for _, it := range s.Items {
		if t, ok := first[it.Outlet]; !ok || it.Seen.Before(t) {
			first[it.Outlet] = it.Seen
		}
	}
	times := slices.SortedFunc(maps.Values(first), time.Time.Compare)
	reached := 0
	for _, step := range []int{2, 3, 5, 10, 20, 50, 100} {
		if step <= len(times) {
			reached = step
		}
	}
	if reached == 0 {
		return time.Time{}
	}
	return times[reached-1]
}

// itemTime is when an item counts as published, as far as it can be believed: not after a day past its first being seen.
func itemTime(it copytaster.Item) time.Time {
	switch t := it.Published; {
	case plausible(t) && (it.Seen.IsZero() || t.Before(it.Seen.Add(24*time.Hour))):
		return t.UTC()
	case plausible(it.Seen):
		return it.Seen.UTC()
	}
	return unknown
}

// plausible reports whether a news item can bear the date: feeds are younger than 1990, and RFC 3339 ends with 9999.
func plausible(t time.Time) bool { return t.Year() >= 1990 && t.Year() < 9999 }

// stamp is the time of the last change to the nanosecond, the fraction made of the story's id: stories that changed in one
// second differ (Atom validators warn of equal times), and no story's time depends on which others stand beside it.
func (e entry) stamp() time.Time {
	sum := sha256.Sum256([]byte(e.story.ID))
	return e.updated.Truncate(time.Second).Add(time.Duration(binary.BigEndian.Uint32(sum[:]) % 1e9))
}

var domainRE = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// feedYear stands in the ids of feeds, which have no date of their own: the first year of this program.
var feedYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// mint makes the id of a thing that is as old as t: a tag of the host, else a UUID of the name alone.
func mint(host string, t time.Time, kind, name string) string {
	host = strings.ToLower(host)
	if domainRE.MatchString(host) && strings.Contains(host, ".") {
		return fmt.Sprintf("tag:%s,%04d:%s/%s", host, t.UTC().Year(), kind, tagSpecific(name))
	}
	sum := sha256.Sum256([]byte("copytaster " + kind + "\x00" + name))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

var idRE = regexp.MustCompile(`^[A-Za-z0-9._-]{1,80}$`)

// tagSpecific writes a name as the last part of a tag: as it is if it is a plain word, else as a hash of it.
func tagSpecific(name string) string {
	if idRE.MatchString(name) {
		return name
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(name)))[:32]
}
