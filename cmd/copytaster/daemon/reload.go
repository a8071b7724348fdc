package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sync/errgroup"

	"copytaster"
	"copytaster/cmd/copytaster/edition"
	"copytaster/cmd/copytaster/watch"
	"copytaster/config"
	"copytaster/fetch"
)

// unchanged is what Reload says where it changes nothing.
const unchanged = "nothing changed"

// Reload reads the configuration file again and puts it in force, and says in words what changed. A file with mistakes changes nothing: the
// error names them.
func (d *Daemon) Reload(ctx context.Context) (string, error) {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	if d.File == "" {
		return "", errors.New("this daemon has no configuration file that it could read again")
	}
	old := d.config()
	cfg, err := config.Load(d.File)
	if err != nil {
		d.Log.Error("reload: the running configuration stays in force", "err", err)
		return "", fmt.Errorf("the running configuration stays in force: %w", err)
	}
	words := compare(old, cfg)
	if words == unchanged {
		return words, nil
	}
	now := withoutFixed(*cfg, old)
	if err := d.enforce(ctx, old, &now); err != nil {
		return "", err
	}
	d.Log.Info("reload", "changed", words)
	return words, nil
}

// enforce has all parts of the daemon work by the configuration.
func (d *Daemon) enforce(ctx context.Context, old, cfg *config.Config) error {
	change := fetch.Change{Feeds: cfg.Feeds}
	if !reflect.DeepEqual(old.Fetch, cfg.Fetch) || old.Every != cfg.Every {
		change.Client = d.client.With(d.fetching(cfg))
		d.client = change.Client
	}
	d.hubs.Move(cfg.Fetch.Callback)
	if err := d.tell(ctx, change); err != nil {
		return err
	}
	d.current.Store(cfg)
	d.desk.Configure(receiving(cfg))
	if d.Level != nil {
		d.Level.Set(cfg.Log.Level)
	}
	if !slices.Equal(old.Stories.Lead, cfg.Stories.Lead) {
		d.live.Store(edition.NewLive(d.Reader(), d.changed))
	}
	d.build()
	d.revision.Add(1)
	d.renew()
	return nil
}

// compare says what the new configuration changes, by the keys at the top of the file.
func compare(old, cfg *config.Config) string {
	changed, later := compareFeeds(old.Feeds, cfg.Feeds), []string(nil)
	was, is := reflect.ValueOf(withoutFixed(*old, old)), reflect.ValueOf(withoutFixed(*cfg, old))
	for i := range was.NumField() {
		if key := keyOf(was.Type().Field(i).Name); key != "feeds" && !reflect.DeepEqual(was.Field(i).Interface(), is.Field(i).Interface()) {
			changed = append(changed, key)
		}
	}
	anyPort := strings.HasSuffix(cfg.Listen, ":0") // Listen has put the port that it got in its place
	for _, k := range []struct {
		key  string
		same bool
	}{
		{"database", old.Database == cfg.Database},
		{"listen", old.Listen == cfg.Listen || anyPort},
		{"max_size", old.MaxSize == cfg.MaxSize},
		{"log.format", old.Log.JSON == cfg.Log.JSON},
	} {
		if !k.same {
			later = append(later, k.key)
		}
	}
	words := unchanged
	if len(changed) > 0 {
		words = strings.Join(changed, ", ")
	}
	if len(later) > 0 {
		words += "; only from the next start on: " + strings.Join(later, ", ")
	}
	return words
}

// withoutFixed is the configuration with what cannot change while the daemon works as it was.
func withoutFixed(cfg config.Config, old *config.Config) config.Config {
	cfg.Database, cfg.Listen, cfg.MaxSize, cfg.Log.JSON = old.Database, old.Listen, old.MaxSize, old.Log.JSON
	return cfg
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

func (d *Daemon) answerReload(ctx context.Context, _ url.Values, out io.Writer) error {
	words, err := d.Reload(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "reloaded %s: %s\n", d.File, words)
	return err
}

// Watch is a side of Run that reloads the configuration at SIGHUP and when its file changes, until ctx ends. Where a file cannot be watched it
// says so, and SIGHUP is left.
func (d *Daemon) Watch(ctx context.Context) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := watch.File(ctx, d.File, func() { d.Reload(ctx) }); err != nil {
			d.Log.Warn("the configuration file is not watched; copytaster reload and SIGHUP have it read again", "err", err)
		}
		return nil
	})
	d.reloadAt(ctx, hangup)
	return g.Wait()
}

// reloadAt reloads at every signal. Reload logs what is wrong and what changed.
func (d *Daemon) reloadAt(ctx context.Context, signals <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
			if words, err := d.Reload(ctx); err == nil && words == unchanged {
				d.Log.Info("reload", "changed", words)
			}
		}
	}
}
