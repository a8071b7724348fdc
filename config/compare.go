package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"copytaster"
)

// Unchanged is what Compare says where nothing differs.
const Unchanged = "nothing changed"

// Compare says in words what the new configuration changes for a daemon that works by the old one, by the keys at the top of the file, and what
// of it waits for the next start.
func Compare(old, cfg *Config) string {
	changed, later := compareFeeds(old.Feeds, cfg.Feeds), []string(nil)
	was, is := reflect.ValueOf(*old), reflect.ValueOf(*cfg.Keeping(old))
	for i := range was.NumField() {
		if key := keyOf(was.Type().Field(i).Name); key != "feeds" && !reflect.DeepEqual(was.Field(i).Interface(), is.Field(i).Interface()) {
			changed = append(changed, key)
		}
	}
	anyPort := strings.HasSuffix(cfg.Listen, ":0") // the daemon has put the port that it got in its place
	for _, k := range []struct {
		key  string
		same bool
	}{
		{"database", old.Database == cfg.Database},
		{"listen", old.Listen == cfg.Listen || anyPort},
		{"max_size", old.MaxSize == cfg.MaxSize},
		{"log.format", old.Log.JSON == cfg.Log.JSON},
		{"nats", old.NATS == cfg.NATS},
	} {
		if !k.same {
			later = append(later, k.key)
		}
	}
	words := Unchanged
	if len(changed) > 0 {
		words = strings.Join(changed, ", ")
	}
	if len(later) > 0 {
		words += "; only from the next start on: " + strings.Join(later, ", ")
	}
	return words
}

// Keeping is the configuration with what cannot change while a daemon works as it was.
func (c *Config) Keeping(old *Config) *Config {
	k := *c
	k.Database, k.Listen, k.MaxSize, k.Log.JSON, k.NATS = old.Database, old.Listen, old.MaxSize, old.Log.JSON, old.NATS
	return &k
}

// keyOf is the key of the file that sets a field: MaxSize is max_size.
func keyOf(field string) string {
	return strings.ToLower(regexp.MustCompile("([a-z])([A-Z])").ReplaceAllString(field, "${1}_$2"))
}

// compareFeeds counts the feeds that are new, gone and different.
func compareFeeds(old, now []copytaster.Feed) (words []string) {
	before := map[string]copytaster.Feed{}
	for _, f := range old {
		before[f.URL] = f
	}
	added, different := 0, 0
	for _, f := range now {
		was, known := before[f.URL]
		switch {
		case !known:
			added++
		case !reflect.DeepEqual(was, f):
			different++
		}
		delete(before, f.URL)
	}
	for _, c := range []struct {
		n    int
		what string
	}{{added, "added"}, {len(before), "removed"}, {different, "changed"}} {
		if c.n > 0 {
			words = append(words, fmt.Sprintf("%s %s", feedsOf(c.n), c.what))
		}
	}
	return words
}

// feedsOf counts feeds, for people.
func feedsOf(n int) string {
	if n == 1 {
		return "1 feed"
	}
	return fmt.Sprintf("%d feeds", n)
}
