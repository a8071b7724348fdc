// Package hub tells a WebSub hub of merged feeds that have changed.
package hub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/edition"
	"copytaster/config"
)

// patience is how long a hub may take to answer.
const patience = 10 * time.Second

// Announcer tells a WebSub hub which feeds have changed (W3C WebSub, section 7: the publishing itself is between hub and publisher;
// all hubs take hub.mode=publish). It belongs to one goroutine.
type Announcer struct {
	client *http.Client
	told   map[string]uint64 // by export: what it showed when the hub was last told, or first
}

// New is an announcer that has told nothing yet; a nil transport is the usual one.
func New(transport http.RoundTripper) *Announcer {
	return &Announcer{client: &http.Client{Transport: transport, Timeout: patience}, told: map[string]uint64{}}
}

// Announce tells the hub of the exports that show something else than when it was last told. What it cannot be told of now it is told of with
// the next news. The first time it only looks.
func (a *Announcer) Announce(ctx context.Context, p edition.Place, exports []config.Export, read func(config.Export) ([]copytaster.Story, error)) error {
	if p.Hub == "" {
		return nil
	}
	now := map[string]uint64{}
	var changed []config.Export
	for _, e := range exports {
		stories, err := read(e)
		if err != nil {
			return fmt.Errorf("export %s: %w", e.Name, err)
		}
		now[e.Name] = shown(stories)
		if before, known := a.told[e.Name]; known && before != now[e.Name] {
			changed = append(changed, e)
		} else {
			a.told[e.Name] = now[e.Name]
		}
	}
	var err error
	for _, e := range changed {
		one := a.tell(ctx, p, e)
		if one == nil {
			a.told[e.Name] = now[e.Name]
		}
		err = errors.Join(err, one)
	}
	return err
}

// tell posts the addresses of the export's feeds to the hub.
func (a *Announcer) tell(ctx context.Context, p edition.Place, e config.Export) error {
	form := url.Values{"hub.mode": {"publish"}}
	for _, format := range e.Formats {
		form.Add("hub.url", p.Self(e, format))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Hub, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", "copytaster")
	resp, err := a.client.Do(req)
	if err != nil {
		return fmt.Errorf("hub: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // what it says is a courtesy
		return fmt.Errorf("hub: it answers %s: %s", resp.Status, cmp.Or(strings.Join(strings.Fields(string(body)), " "), "nothing"))
	}
	return nil
}

// shown is a mark for what a feed of the stories shows.
func shown(stories []copytaster.Story) uint64 {
	h := fnv.New64a()
	for _, s := range stories {
		fmt.Fprintln(h, s.ID, s.Updated.Unix(), len(s.Items))
	}
	return h.Sum64()
}
