package config

import (
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/andybalholm/cascadia"

	"copytaster"
	"copytaster/config/where"
)

const day = 24 * time.Hour

// check turns the raw values into a configuration and notes what is wrong with them.
func (d *document) check(r raw) *Config {
	c := &Config{
		Database:  orElse(r.Database, "copytaster.db"),
		Listen:    d.address("listen", orElse(r.Listen, "127.0.0.1:8765")),
		Address:   d.home("address", r.Address),
		Auth:      d.auth(r.Auth),
		Images:    d.images(r.Images),
		IDs:       d.ids(r.IDs),
		Hub:       d.hub(r),
		Every:     d.duration("every", r.Every, time.Hour, Floor, 366*day),
		Floor:     Floor,
		Retention: d.duration("retention", r.Retention, 30*day, day, 36600*day),
		Log:       d.log(r.Log),
		NATS:      d.nats(r.NATS),
		Fetch:     d.fetch(r.Fetch),
		MaxSize:   d.size("max_size", r.MaxSize, 2<<30, 16<<20, 1<<40),
		Strip:     each(d, "strip", r.Strip, parseStrip),
		Outlets:   map[string]Outlet{},
		Stories:   d.stories(r.Stories),
	}
	d.open(c, r.Public)
	if c.Retention < c.Stories.Window {
		d.fail("retention", "%s is shorter than stories.window, %s: stories would lose copies while they are still gathered", short(c.Retention), short(c.Stories.Window))
	}
	for name, o := range r.Outlets {
		c.Outlets[name] = d.outlet("outlets."+keyName(name), o)
	}
	c.Feeds = d.feeds(r.Feeds, c)
	c.Exports = d.exports(r.Exports, c.Database)
	return c
}

// log reads how much is logged, and as what.
func (d *document) log(r rawLog) (l Log) {
	if r.Level != "" && l.Level.UnmarshalText([]byte(r.Level)) != nil {
		d.fail("log.level", "%q is neither debug nor info nor warn nor error", r.Level)
	}
	switch r.Format {
	case "", "text", "json":
		l.JSON = r.Format == "json"
	default:
		d.fail("log.format", "%q is neither text nor json", r.Format)
	}
	return l
}

// home is an address at which the pages are reached, without a slash at the end; empty if none is given.
func (d *document) home(path, s string) string {
	if s != "" {
		d.note(path, checkURL(s))
	}
	return strings.TrimRight(s, "/")
}

func (d *document) fetch(r rawFetch) Fetch {
	f := Fetch{
		Contact:      r.Contact,
		Workers:      d.number("fetch.workers", r.Workers, 32, 1, 10_000),
		PerHost:      d.number("fetch.per_host", r.PerHost, 2, 1, 100),
		Timeout:      d.duration("fetch.timeout", r.Timeout, time.Minute, 100*time.Millisecond, time.Hour),
		MaxBody:      d.size("fetch.max_body", r.MaxBody, 16<<20, 1<<10, 16<<20),
		FullText:     d.fullText("fetch.full_text", r.FullText, copytaster.FullTextAuto),
		Backfill:     d.number("fetch.backfill", r.Backfill, 0, 0, 100),
		Callback:     d.home("fetch.callback", r.Callback),
		AllowPrivate: each(d, "fetch.allow_private", r.AllowPrivate, parsePrefix),
	}
	if strings.ContainsFunc(r.Contact, func(c rune) bool { return !unicode.IsPrint(c) || c > unicode.MaxASCII }) {
		d.fail("fetch.contact", "%q cannot stand in a User-Agent; write a mail or web address in plain letters", r.Contact)
	}
	return f
}

// feeds checks the subscriptions. An address may be subscribed to once.
func (d *document) feeds(list []rawFeed, c *Config) []copytaster.Feed {
	if len(list) == 0 {
		d.fail("feeds", "no feed yet; add at least one address, such as: feeds: [https://example.org/feed.xml]")
	}
	first := map[string]string{}
	feeds := make([]copytaster.Feed, len(list))
	for i, r := range list {
		path := "feeds[" + strconv.Itoa(i) + "]"
		feeds[i] = d.feed(path, r, c)
		key := sameURL(r.URL)
		if other := first[key]; other != "" && r.URL != "" {
			d.fail(path+".url", "the same address as %s", other)
		} else {
			first[key] = path
		}
	}
	return feeds
}

func (d *document) feed(path string, r rawFeed, c *Config) copytaster.Feed {
	d.note(path+".url", checkURL(r.URL))
	f := copytaster.Feed{
		URL:      r.URL,
		Outlet:   r.Outlet,
		Every:    d.duration(path+".every", r.Every, 0, Floor, 366*day),
		Schedule: r.Schedule,
		FullText: d.fullText(path+".full_text", r.FullText, c.Fetch.FullText),
		Tags:     r.Tags,
		Language: r.Language,
		Selector: c.Outlets[r.Outlet].Selector,
		Disabled: r.Enabled != nil && !*r.Enabled,
	}
	if r.Schedule != "" {
		d.note(path+".schedule", checkSchedule(r.Schedule, Floor))
		if r.Every != "" {
			d.fail(path+".every", "give every or schedule, not both")
		}
	}
	if r.Language != "" {
		d.note(path+".language", checkLanguage(r.Language))
	}
	d.filled(path+".tags", r.Tags)
	return f
}

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// checkLanguage wants the form of a BCP 47 tag; it does not look the subtags up.
func checkLanguage(s string) error {
	if !languageTag.MatchString(s) {
		return fmt.Errorf("%q is no language tag; write en, de-AT or zh-Hans", s)
	}
	return nil
}

func (d *document) outlet(path string, r rawOutlet) Outlet {
	o := Outlet{
		Strip:    each(d, path+".strip", r.Strip, parseStrip),
		Keep:     each(d, path+".keep", r.Keep, regexp.Compile),
		Selector: r.Selector,
	}
	if r.Selector != "" {
		if _, err := cascadia.ParseGroup(r.Selector); err != nil {
			d.fail(path+".selector", "%q: %v", r.Selector, err)
		}
	}
	return o
}

// parseStrip refuses what would strip every paragraph.
func parseStrip(s string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(s)
	if err == nil && re.MatchString("") {
		return nil, fmt.Errorf("%q matches even an empty paragraph, so it would strip all of them", s)
	}
	return re, err
}

// exports checks the merged feeds; without any there is one of all stories, served over HTTP only.
func (d *document) exports(list []rawExport, database string) []Export {
	if len(list) == 0 {
		return []Export{{Name: "all", Title: "All stories", Formats: formats(), Limit: 100, MinOutlets: 1, Updated: UpdatedText}}
	}
	names, files := map[string]string{}, map[string]string{filepath.Clean(database): "database"}
	exports := make([]Export, len(list))
	for i, r := range list {
		path := "exports[" + strconv.Itoa(i) + "]"
		e := d.export(path, r)
		d.once(names, strings.ToLower(e.Name), path+".name", "the same name as %s")
		for _, f := range e.Formats {
			if e.File != "" {
				d.once(files, filepath.Clean(e.File)+"."+f, path+".file", "writes the same file as %s")
			}
		}
		exports[i] = e
	}
	return exports
}

// formats lists what an export can be written as; a function, so that nobody can change the list of another.
func formats() []string { return []string{"rss", "atom", "json"} }

var exportName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

func (d *document) export(path string, r rawExport) Export {
	e := Export{
		Name:       r.Name,
		Title:      orElse(r.Title, r.Name),
		Formats:    r.Formats,
		File:       r.File,
		Limit:      d.number(path+".limit", r.Limit, 100, 1, 10_000),
		Include:    d.filter(path+".include", r.Include),
		Exclude:    d.filter(path+".exclude", r.Exclude),
		MinOutlets: d.number(path+".min_outlets", r.MinOutlets, 1, 1, 10_000),
		OnlyWire:   r.OnlyWire,
		NoWire:     r.NoWire,
		Updated:    d.updated(path+".updated", r.Updated),
	}
	if r.OnlyWire && r.NoWire {
		d.fail(path+".no_wire", "beside only_wire no story is left")
	}
	var err error
	e.Where, err = where.Parse(r.Where)
	d.note(path+".where", err)
	switch {
	case r.Name == "":
		d.fail(path+".name", "missing")
	case !exportName.MatchString(r.Name):
		d.fail(path+".name", "%q is part of an address; use letters, digits, - and _", r.Name)
	}
	d.formats(path+".formats", r.Formats)
	if len(r.Formats) == 0 {
		e.Formats = formats()
	}
	if r.File != "" {
		d.note(path+".file", checkFile(r.File))
	}
	return e
}

func (d *document) formats(path string, list []string) {
	for i, f := range list {
		at := path + "[" + strconv.Itoa(i) + "]"
		switch {
		case !slices.Contains(formats(), f):
			d.fail(at, "unknown format %q; known: %s", f, strings.Join(formats(), ", "))
		case slices.Contains(list[:i], f):
			d.fail(at, "%s is there already", f)
		}
	}
}

// checkFile wants a path that an extension can be put behind.
func checkFile(name string) error {
	ext := filepath.Ext(name)
	switch {
	case strings.HasSuffix(name, "/") || filepath.Base(name) == ".." || filepath.Base(name) == ".":
		return fmt.Errorf("%q is a folder; name a file in it, without extension", name)
	case slices.Contains(append(formats(), "xml"), strings.TrimPrefix(ext, ".")):
		return fmt.Errorf("%q: leave out %s, every format adds its own extension", name, ext)
	}
	return nil
}

func (d *document) filter(path string, r rawFilter) copytaster.Filter {
	d.filled(path+".tags", r.Tags)
	d.filled(path+".outlets", r.Outlets)
	d.filled(path+".agencies", r.Agencies)
	d.filled(path+".words", r.Words)
	for i, l := range r.Languages {
		d.note(path+".languages["+strconv.Itoa(i)+"]", checkLanguage(l))
	}
	return copytaster.Filter(r)
}

// filled notes the empty entries of a list.
func (d *document) filled(path string, list []string) {
	for i, s := range list {
		if strings.TrimSpace(s) == "" {
			d.fail(path+"["+strconv.Itoa(i)+"]", "empty")
		}
	}
}

// once notes that the key was seen before, at another path.
func (d *document) once(seen map[string]string, key, path, format string) {
	owner := path[:strings.LastIndexByte(path, '.')]
	if other := seen[key]; other != "" && other != owner {
		d.fail(path, format, other)
		return
	}
	seen[key] = owner
}

// each reads every entry of a list and notes those that do not parse.
func each[T any](d *document, path string, list []string, parse func(string) (T, error)) []T {
	var out []T
	for i, s := range list {
		v, err := parse(s)
		d.note(path+"["+strconv.Itoa(i)+"]", err)
		out = append(out, v)
	}
	return out
}

// note notes the error, if there is one.
func (d *document) note(path string, err error) {
	if err != nil {
		d.fail(path, "%v", err)
	}
}

// duration reads a duration between least and most; an empty string gives otherwise.
func (d *document) duration(path, s string, otherwise, least, most time.Duration) time.Duration {
	if s == "" {
		return otherwise
	}
	v, err := parseDuration(s)
	if err == nil && (v < least || v > most) {
		err = fmt.Errorf("%s must lie between %s and %s", s, short(least), short(most))
	}
	d.note(path, err)
	return v
}

// size reads a number of bytes between least and most; an empty string gives otherwise.
func (d *document) size(path, s string, otherwise, least, most int64) int64 {
	if s == "" {
		return otherwise
	}
	n, err := parseSize(s)
	if err == nil && (n < least || n > most) {
		err = fmt.Errorf("%q must lie between %s and %s", s, shortSize(least), shortSize(most))
	}
	d.note(path, err)
	return n
}

// number wants a number between least and most; nil gives otherwise.
func (d *document) number(path string, n *int, otherwise, least, most int) int {
	if n == nil {
		return otherwise
	}
	if *n < least || *n > most {
		d.fail(path, "%d must lie between %d and %d", *n, least, most)
	}
	return *n
}

func (d *document) fullText(path, s string, otherwise copytaster.FullText) copytaster.FullText {
	f := copytaster.FullText(s)
	switch f {
	case "":
		return otherwise
	case copytaster.FullTextAuto, copytaster.FullTextAlways, copytaster.FullTextNever:
	default:
		d.fail(path, "%q is neither auto nor always nor never", s)
	}
	return f
}

// address wants host:port.
func (d *document) address(path, s string) string {
	_, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		d.fail(path, "%q is no address to listen on; write 127.0.0.1:8765", s)
	}
	return s
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
