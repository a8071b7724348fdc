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
	"slices"
	"syscall"

	"golang.org/x/sync/errgroup"

	"copytaster/cmd/copytaster/daemon/part"
	"copytaster/cmd/copytaster/edition"
	"copytaster/cmd/copytaster/relay"
	"copytaster/cmd/copytaster/watch"
	"copytaster/config"
	"copytaster/fetch"
)

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
	words := config.Compare(old, cfg)
	if words == config.Unchanged {
		return words, nil
	}
	if err := d.enforce(ctx, old, cfg.Keeping(old)); err != nil {
		return "", err
	}
	d.Log.Info("reload", "changed", words)
	return words, nil
}

// enforce has all parts of the daemon work by the configuration.
func (d *Daemon) enforce(ctx context.Context, old, cfg *config.Config) error {
	change := fetch.Change{Feeds: cfg.Feeds}
	if !reflect.DeepEqual(old.Fetch, cfg.Fetch) || old.Every != cfg.Every {
		opt := d.fetching(cfg)
		change.Client = d.client.With(opt)
		d.client = change.Client
		if l := d.part.Leader(); l != nil {
			if err := l.Settle(ctx, relay.SettingsOf(opt, cfg.Fetch.Callback)); err != nil {
				return err
			}
		}
	}
	d.hubs.Move(cfg.Fetch.Callback)
	if err := d.tell(ctx, change); err != nil && !errors.Is(err, part.ErrStandsBy) {
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
			if words, err := d.Reload(ctx); err == nil && words == config.Unchanged {
				d.Log.Info("reload", "changed", words)
			}
		}
	}
}
