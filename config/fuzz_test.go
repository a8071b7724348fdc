package config

import (
	"bytes"
	"errors"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
)

// FuzzParse: Parse never panics; what it refuses has mistakes with lines of the text, each said in one line; what it accepts keeps
// its promises and is accepted again, with the same result.
func FuzzParse(f *testing.F) {
	f.Add(Example)
	names, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range names {
		f.Add([]byte(sectionF(f, name)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse(text)
		if err != nil {
			checkErrors(t, text, err)
			if _, again := Parse(text); again == nil || again.Error() != err.Error() {
				t.Errorf("refused twice, with other words:\n%v\n%v", err, again)
			}
			return
		}
		checkPromises(t, c)
		if again, err := Parse(text); err != nil || !reflect.DeepEqual(dump(again), dump(c)) {
			t.Errorf("parsed twice, the second time differs: %v", err)
		}
	})
}

func sectionF(f *testing.F, name string) string {
	f.Helper()
	return section(&testing.T{}, name)["copytaster.yaml"]
}

func checkErrors(t *testing.T, text []byte, err error) {
	t.Helper()
	wrong, ok := errors.AsType[*Errors](err)
	if !ok || len(wrong.Mistakes) == 0 {
		t.Fatalf("a %T: %v", err, err)
	}
	lines := bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) + 2
	for _, m := range wrong.Mistakes {
		if m.Line < 1 || m.Line > lines || m.Text == "" {
			t.Errorf("a mistake in line %d of %d: %q", m.Line, lines, m.Text)
		}
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != len(wrong.Mistakes) {
		t.Errorf("%d mistakes in %d lines:\n%v", len(wrong.Mistakes), n, err)
	}
}

func checkPromises(t *testing.T, c *Config) {
	t.Helper()
	if len(c.Feeds) == 0 || len(c.Exports) == 0 || c.Retention < c.Stories.Window || c.Every < Floor || c.Fetch.Workers < 1 || c.Fetch.MaxBody < 1 {
		t.Errorf("a promise is broken: %+v", c)
	}
	for _, feed := range c.Feeds {
		u, err := url.Parse(feed.URL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || feed.FullText == "" || feed.Every != 0 && feed.Every < Floor {
			t.Errorf("a feed that cannot be polled: %+v", feed)
		}
	}
	for _, e := range c.Exports {
		if e.Name == "" || e.Title == "" || len(e.Formats) == 0 || e.Limit < 1 {
			t.Errorf("an export that cannot be written: %+v", e)
		}
	}
}

// FuzzSchedule: what checkSchedule lets through, cron parses without panic, and its times are at least the floor apart.
func FuzzSchedule(f *testing.F) {
	for _, s := range []string{"5 6,18 * * *", "TZ=0", "CRON_TZ=UTC", "TZ=UTC @every 1h", "@every -1m", "@daily", "0 0 31 2 *", "*/15 * * * *", "TZ=Asia/Tokyo 0 9 * * 1-5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if checkSchedule(s, Floor) != nil {
			return
		}
		when, err := cron.ParseStandard(s)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		at := when.Next(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
		if next := when.Next(at); at.IsZero() || !next.IsZero() && next.Sub(at) < Floor {
			t.Errorf("%q comes at %s and again at %s", s, at, next)
		}
	})
}
