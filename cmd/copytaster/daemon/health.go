package daemon

import (
	"slices"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/relay"
	"copytaster/fetch"
	"copytaster/fetch/state"
	"copytaster/store"
)

// Health is a feed as status and the pages show it.
type Health struct {
	Outlet  string    `json:"outlet"`
	URL     string    `json:"url"`
	Word    string    `json:"health"` // well, failing, suspended, gone, disabled
	Words   string    `json:"words"`
	Well    bool      `json:"well"`
	Success time.Time `json:"last_success,omitzero"`
	Changed time.Time `json:"last_news,omitzero"`
	Next    time.Time `json:"next_poll,omitzero"`
	Items   int       `json:"items"` // stored
	Daily   float64   `json:"items_a_day"`
	Wire    float64   `json:"wire"` // the part of the outlet's items of the last days that is agency copy, whole or worked in
}

// Report is how the program does, as status shows it.
type Report struct {
	Time     time.Time      `json:"time"`
	Database string         `json:"database"`
	Size     int64          `json:"size"` // bytes
	Items    int            `json:"items"`
	Oldest   time.Time      `json:"oldest,omitzero"` // the day of the oldest items
	Running  bool           `json:"running"`         // whether a daemon answered
	Trouble  string         `json:"trouble,omitempty"`
	Cluster  *relay.Present `json:"cluster,omitempty"` // nil: this program alone does it all
	Feeds    []Health       `json:"feeds"`
}

// lately is how far back items a day and the share of wire copy are counted.
const lately = 7 * 24 * time.Hour

// ReadReport reads how the program does.
func ReadReport(db *store.DB, feeds []copytaster.Feed, now time.Time) (r Report, err error) {
	r = Report{Time: now, Database: db.Name(), Size: db.Size()}
	if r.Feeds, err = ReadHealth(db, feeds, now); err != nil {
		return r, err
	}
	type tally struct{ items, wire int }
	byFeed, byOutlet := map[string]*tally{}, map[string]*tally{}
	err = db.View(func(tx *store.Tx) error {
		r.Items, r.Oldest = tx.Count(), tx.OldestDay()
		for it, err := range tx.Items(now.Add(-lately)) {
			if err != nil {
				return err
			}
			for m, k := range map[*map[string]*tally]string{&byFeed: it.Feed, &byOutlet: it.Outlet} {
				t := (*m)[k]
				if t == nil {
					t = new(tally)
					(*m)[k] = t
				}
				t.items++
				if isWire(it) {
					t.wire++
				}
			}
		}
		return nil
	})
	days := max(1, min(lately, now.Sub(r.Oldest)).Hours()/24)
	for i := range r.Feeds {
		h := &r.Feeds[i]
		if t := byFeed[h.URL]; t != nil {
			h.Daily = float64(t.items) / days
		}
		if t := byOutlet[h.Outlet]; t != nil {
			h.Wire = float64(t.wire) / float64(t.items)
		}
	}
	return r, err
}

// isWire reports whether the item's text is an agency's, whole or worked in.
func isWire(it copytaster.Item) bool {
	return slices.ContainsFunc(it.Credits, func(c copytaster.Credit) bool { return c.Role == copytaster.Full || c.Role == copytaster.Partial })
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
		h := Health{Outlet: outletOf(f, s), URL: f.URL, Word: word(f, s), Words: s.Words(now), Well: s.Failures == 0 && !s.Stopped(),
			Success: s.Success, Changed: s.Changed, Next: s.Next, Items: counts[f.URL]}
		if s.Stopped() {
			h.Next = time.Time{}
		}
		if f.Disabled {
			h.Words, h.Next = "disabled in the configuration", time.Time{}
		}
		list = append(list, h)
	}
	return list, nil
}

// word is a feed's health in a word.
func word(f copytaster.Feed, s fetch.State) string {
	switch {
	case f.Disabled:
		return "disabled"
	case s.Gone:
		return "gone"
	case s.Suspended:
		return "suspended"
	case s.Failures > 0:
		return "failing"
	}
	return "well"
}

// states reads the states of all feeds, by address.
func states(db *store.DB) (map[string]fetch.State, error) {
	states := map[string]fetch.State{}
	return states, db.View(func(tx *store.Tx) error {
		for url, b := range tx.States() {
			if s, err := state.Decode(b); err == nil { // else as if never polled: what it held is asked for again
				states[url] = s
			}
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
