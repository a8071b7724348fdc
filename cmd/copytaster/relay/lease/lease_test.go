package lease

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"copytaster/cmd/copytaster/relay/rig"
)

// short is the length of leases in tests.
const short = 600 * time.Millisecond

// open gives a table of one client of the bucket, which is kept up to date until the test ends.
func open(t *testing.T, url string, replicas int) *Table {
	t.Helper()
	nc, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond), nats.IgnoreDiscoveredServers())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	kv, err := js.CreateOrUpdateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: "leases", Replicas: replicas})
	if err != nil {
		t.Fatal(err)
	}
	table := New(kv, short)
	go table.Run(t.Context())
	if err := table.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return table
}

// contend takes the key again and again until ctx ends. Under it, it says so for a while, and that nobody else may.
func contend(ctx context.Context, table *Table, name string, held func(ctx context.Context, epoch uint64)) {
	for n := 0; ctx.Err() == nil; n++ {
		h, err := table.Take(ctx, "leader", fmt.Appendf(nil, "%s %d", name, n))
		if err != nil {
			rest(ctx, short/20)
			continue
		}
		h.Keep(ctx, func() []byte { return fmt.Appendf(nil, "%s %d", name, n) }, func(ctx context.Context) error {
			held(ctx, h.Epoch)
			return nil
		})
	}
}

// TestOneHolder: of several who want a key one has it at a time, under ever greater epochs, whoever of them is cut from the bucket.
func TestOneHolder(t *testing.T) {
	cluster := rig.Start(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var holders, last atomic.Int64
	taken := make(chan int, 100)
	var lines []*rig.Line
	var all sync.WaitGroup
	for i := range 3 {
		lines = append(lines, cluster.Line())
		table := open(t, lines[i].URL(), 1)
		all.Go(func() {
			contend(ctx, table, fmt.Sprint("c", i), func(ctx context.Context, epoch uint64) {
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d holders", n)
				}
				if before := last.Swap(int64(epoch)); before >= int64(epoch) {
					t.Errorf("epoch %d after %d", epoch, before)
				}
				taken <- i
				<-ctx.Done()
				holders.Add(-1)
			})
		})
	}
	for range 3 {
		i := <-taken
		lines[i].Cut(true)
		j := <-taken
		if j == i {
			t.Errorf("%d took it while it was cut off", i)
		}
		lines[i].Cut(false)
		taken <- j // is cut next
	}
	cancel()
	all.Wait()
}

// TestAHolderThatEndsFreesItsKey at once, and one that was fenced is told.
func TestAHolderThatEndsFreesItsKey(t *testing.T) {
	table := open(t, rig.Start(t, 1).Line().URL(), 1)
	mine := func() []byte { return []byte("mine") }
	h, err := table.Take(t.Context(), "k", mine())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Keep(t.Context(), mine, func(context.Context) error { return errors.New("done") }); err == nil || err.Error() != "done" {
		t.Errorf("got %v, want done", err)
	}
	for _, there := table.At("k"); there; _, there = table.At("k") {
		<-table.Changed()
	}
	if h, err = table.Take(t.Context(), "k", mine()); err != nil {
		t.Fatal(err)
	}
	err = h.Keep(t.Context(), mine, func(ctx context.Context) error {
		for _, err := table.Take(ctx, "k", []byte("other")); !errors.Is(err, ErrHeld); _, err = table.Take(ctx, "k", []byte("other")) {
			<-table.Changed()
		}
		for ctx.Err() == nil {
			e, _ := table.At("k")
			table.Fence(ctx, "k", e.Revision)
			rest(ctx, time.Millisecond)
		}
		return nil
	})
	if !errors.Is(err, ErrLost) {
		t.Errorf("got %v, want that the lease is lost", err)
	}
}
