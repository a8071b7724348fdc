//go:build unix

package daemon

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"copytaster/cmd/copytaster/ingest"
	"copytaster/store"
)

// TestDiskFull: while no file can be made longer, the daemon goes on, says what is the matter, and loses nothing; when there is room it stores what waited.
// The limit is the system's for this process: a write beyond it fails as on a full disk.
func TestDiskFull(t *testing.T) {
	h := newHouse(t, "")
	h.take(t, quick, nil, h.article(quick, "first"))
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	limit := syscall.Rlimit{}
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Skip("no limit of file sizes here:", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(h.DB.Size()), Max: limit.Max}); err != nil {
		t.Skip("no limit of file sizes here:", err)
	}
	defer syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)

	synctest.Test(t, func(t *testing.T) {
		const items = 1500
		in := make(chan ingest.Delivery, items)
		for i := range items {
			guid := fmt.Sprint("later-", i)
			in <- ingest.Delivery{Feed: quick, State: fmt.Append(nil, i), Items: h.items(quick, guid), At: h.now}
		}
		close(in)
		var got ingest.Result
		ended := make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			desk := h.Daemon.Desk()
			desk.Patience, desk.Committed = h.patience(ctx), h.stored
			ended <- desk.Run(ctx, in, func(r ingest.Result) { got.Add(r) })
		}()
		time.Sleep(10 * time.Minute)
		if h.Trouble() == "" || got.New == items {
			t.Errorf("after 10 minutes: trouble %q, %d items stored; want trouble, and not all", h.Trouble(), got.New)
		}
		if err := h.DB.View(func(tx *store.Tx) error {
			if n := tx.Count(); n != got.New+1 {
				t.Errorf("readable: %d items, want the %d that were stored", n, got.New+1)
			}
			return nil
		}); err != nil {
			t.Errorf("reading: %v", err)
		}
		if err := h.retain(); err != nil {
			t.Errorf("retention: %v, want it put off", err)
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil {
			t.Fatalf("with room again: %v", err)
		}
		if got.New != items || h.Trouble() != "" {
			t.Errorf("with room again: %d items, trouble %q; want all %d", got.New, h.Trouble(), items)
		}
	})
	if n := h.count(t); n != 1501 {
		t.Errorf("got %d items, want 1501", n)
	}
}
