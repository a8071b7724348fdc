package daemon

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/ingest"
	"copytaster/config"
	"copytaster/fetch"
	"copytaster/fetch/state"
	"copytaster/store"
)

var epoch = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

const slow, quick = "https://slow.example/feed", "https://quick.example/feed"

// house is a daemon of two feeds on a database of its own, whose clock the test sets.
type house struct {
	*Daemon
	*ingest.Desk
	now time.Time
	r   *rand.Rand
}

func newHouse(t *testing.T, extra string) *house {
	t.Helper()
	cfg, err := config.Parse([]byte(extra + "feeds: [" + slow + ", " + quick + "]\n"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Database = filepath.Join(t.TempDir(), "copytaster.db")
	db, err := store.OpenWith(cfg.Database, store.Options{MaxSize: cfg.MaxSize})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	h := &house{now: epoch, r: rand.New(rand.NewPCG(1, 2))}
	h.Daemon = &Daemon{Config: cfg, DB: db, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return h.now }}
	h.Desk = h.Daemon.Desk()
	return h
}

// article is a new item of the feed with a text of its own.
func (h *house) article(feed, guid string) copytaster.Item {
	it := copytaster.Item{ID: copytaster.ItemID(feed, guid), Feed: feed, Outlet: feed, GUID: guid, URL: feed + "/" + guid, Title: "On " + guid, Seen: h.now}
	for range 4 {
		var b strings.Builder
		for range 20 {
			fmt.Fprintf(&b, "w%05x ", h.r.Uint32()>>12)
		}
		it.Blocks = append(it.Blocks, copytaster.Block{Text: b.String()})
	}
	return it
}

// items are new items of the feed with the guids.
func (h *house) items(feed string, guids ...string) (list []copytaster.Item) {
	for _, guid := range guids {
		list = append(list, h.article(feed, guid))
	}
	return list
}

// count is the number of items stored.
func (h *house) count(t *testing.T) (n int) {
	t.Helper()
	if err := h.DB.View(func(tx *store.Tx) error { n = tx.Count(); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// take ingests what a poll of the feed brought; it shows the items with the guids now.
func (h *house) take(t *testing.T, feed string, shown []string, items ...copytaster.Item) ingest.Result {
	t.Helper()
	var known state.Known
	for _, guid := range shown {
		sum := sha256.Sum256([]byte(guid))
		known = append(known, state.Mark{GUID: binary.LittleEndian.Uint64(sum[:])})
	}
	state, err := fetch.State{Known: known}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.Take([]ingest.Delivery{{Feed: feed, State: state, Items: items, At: h.now}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSixtyDays: under a constant load the file is no more than 1.3 times as long on day 60 as it was on day 31. What a slow feed still shows is
// known to the end: corrected, it is no new item.
func TestSixtyDays(t *testing.T) {
	h := newHouse(t, "")
	old := h.article(slow, "evergreen")
	h.take(t, slow, []string{"evergreen"}, old)
	var month int64
	for day := range 60 {
		var shown []string
		var items []copytaster.Item
		for i := range 50 {
			guid := fmt.Sprintf("%d-%d", day, i)
			shown, items = append(shown, guid), append(items, h.article(quick, guid))
		}
		if r := h.take(t, quick, shown, items...); r.New != len(items) {
			t.Fatalf("day %d: got %+v, want %d new items", day, r, len(items))
		}
		if err := h.retain(); err != nil {
			t.Fatal(err)
		}
		if day == 30 {
			month = h.DB.Size()
		}
		h.now = h.now.Add(24 * time.Hour)
	}
	if got := h.DB.Size(); float64(got) > 1.3*float64(month) {
		t.Errorf("day 60: %d bytes, want at most 1.3 times the %d of day 31", got, month)
	} else {
		t.Logf("day 31: %d bytes, day 60: %d bytes", month, got)
	}
	old.Blocks[0].Text += " (corrected)"
	if r := h.take(t, slow, []string{"evergreen"}, old); r.New != 0 || r.Updated != 1 {
		t.Errorf("an old item, corrected: got %+v, want it updated and not new", r)
	}
}

// TestMaxSize: when the database is nearly as long as it may be, the oldest days go, and the room is used again.
func TestMaxSize(t *testing.T) {
	h := newHouse(t, "retention: 60d\nmax_size: 16MiB\n")
	h.Config.MaxSize = 1 << 20 // less than a configuration may say, to be quick
	for day := range 24 {
		var items []copytaster.Item
		for i := range 50 {
			items = append(items, h.article(quick, fmt.Sprintf("%d-%d", day, i)))
		}
		h.take(t, quick, nil, items...)
		if err := h.retain(); err != nil {
			t.Fatal(err)
		}
		h.now = h.now.Add(24 * time.Hour)
	}
	u, err := h.DB.Usage()
	if err != nil || u.Size-u.Free > h.Config.MaxSize {
		t.Errorf("used: got %d of %d bytes, %v; want at most %d used", u.Size-u.Free, u.Size, err, h.Config.MaxSize)
	}
	err = h.DB.View(func(tx *store.Tx) error {
		if oldest, n := tx.OldestDay(), tx.Count(); !oldest.After(epoch) || n < 250 || n > 1150 {
			t.Errorf("got %d items from %v on, want some days dropped and not all", n, oldest)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
