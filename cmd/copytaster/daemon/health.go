package daemon

import (
	"encoding/json"
	"time"

	"copytaster"
	"copytaster/fetch"
	"copytaster/store"
)

// Health is a feed as status and the pages show it.
type Health struct {
	Outlet  string    `json:"outlet"`
	URL     string    `json:"url"`
	Words   string    `json:"words"`
	Well    bool      `json:"well"`
	Success time.Time `json:"last_success,omitzero"`
	Changed time.Time `json:"last_news,omitzero"`
	Next    time.Time `json:"next_poll,omitzero"`
	Items   int       `json:"items"` // stored
}

// ReadHealth reads how the configured feeds are.
func ReadHealth(db *store.DB, feeds []copytaster.Feed, now time.Time) (list []Health, err error) {
	states, err := states(db)
	if err != nil {
		return nil, err
	}
	var counts map[string]int
	if err := db.View(func(tx *store.Tx) error { counts = tx.Counts(); return nil }); err != nil {
		return nil, err
	}
	for _, f := range feeds {
		s := states[f.URL]
		h := Health{Outlet: outletOf(f, s), URL: f.URL, Words: s.Words(now), Well: s.Failures == 0 && !s.Stopped(),
			Success: s.Success, Changed: s.Changed, Next: s.Next, Items: counts[f.URL]}
		if f.Disabled {
			h.Words, h.Next = "disabled in the configuration", time.Time{}
		}
		list = append(list, h)
	}
	return list, nil
}

// states reads the states of all feeds, by address.
func states(db *store.DB) (map[string]fetch.State, error) {
	states := map[string]fetch.State{}
	return states, db.View(func(tx *store.Tx) error {
		for url, b := range tx.States() {
			var s fetch.State
			if err := json.Unmarshal(b, &s); err != nil {
				continue // as if never polled: what it held is asked for again
			}
			states[url] = s
		}
		return nil
	})
}

func outletOf(f copytaster.Feed, s fetch.State) string {
	switch {
	case f.Outlet != "":
		return f.Outlet
	case s.Title != "":
		return s.Title
	}
	return f.URL
}
