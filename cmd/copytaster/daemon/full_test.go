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
)

// TestDiskFull: while the database cannot be made longer, the daemon goes on, says what is the matter, and loses nothing; when there is room it stores what
// waited. The limit is the system's for this process: a write beyond it fails as on a full disk.
func TestDiskFull(t *testing.T) {
	h := newHouse(t, "")
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	limit := syscall.Rlimit{}
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Skip("no limit of file sizes here:", err)
	}
	set := func(longest uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: longest, Max: limit.Max}); err != nil {
			t.Fatal(err)
		}
	}
	h.outlast(t, func() { set(uint64(h.DB.Size())) }, func() { set(limit.Cur) })
}

// outlast has the daemon bring 1,500 items to a database that is shut to writing, and that opens again after ten minutes.
func (h *house) outlast(t *testing.T, shut, open func()) {
	t.Helper()
	const before, items = 1, 1500
	h.take(t, quick, nil, h.article(quick, "first"))
	shut()
	defer open()
	synctest.Test(t, func(t *testing.T) {
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
		h.serving(t, before+got.New, before+items)
		open()
		if err := <-ended; err != nil {
			t.Fatalf("open again: %v", err)
		}
		if got.New != items || h.Trouble() != "" {
			t.Errorf("open again: %d items, trouble %q; want all %d", got.New, h.Trouble(), items)
		}
	})
	if n := h.count(t); n != before+items {
		t.Errorf("got %d items, want %d", n, before+items)
	}
}

// serving checks a daemon that cannot write and has stored so many of all items.
func (h *house) serving(t *testing.T, stored, all int) {
	t.Helper()
	if h.Trouble() == "" || stored == all {
		t.Errorf("after 10 minutes: trouble %q, %d items stored; want trouble, and not all", h.Trouble(), stored)
	}
	if n := h.count(t); n != stored {
		t.Errorf("readable: %d items, want the %d that were stored", n, stored+1)
	}
	if h.alive() != nil || h.ready() == nil {
		t.Errorf("alive: %v, ready: %v; want that it lives and is not ready", h.alive(), h.ready())
	}
	if err := h.retain(); err != nil {
		t.Errorf("retention: %v, want it put off", err)
	}
}
