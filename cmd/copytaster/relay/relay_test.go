package relay

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"copytaster"
	"copytaster/cmd/copytaster/ingest"
	"copytaster/cmd/copytaster/relay/lease"
	"copytaster/cmd/copytaster/relay/rig"
	"copytaster/fetch"
	"copytaster/store"
)

const brief = time.Second // the leases of these tests

var epoch = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

// node is a program that follows, without a daemon around it.
type node struct {
	*Relay
	f  *Follower
	db *store.DB
}

func database(t testing.TB, name string) *store.DB {
	t.Helper()
	db, err := store.Open(filepath.Join(t.TempDir(), name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func connect(t testing.TB, url string, maxSize int64) *Relay {
	t.Helper()
	r, err := Open(t.Context(), Options{URL: url, Stream: "t", Lease: brief, MaxSize: maxSize, Partitions: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// follow joins with the database and stores what comes until the test ends.
func follow(t testing.TB, r *Relay, db *store.DB) *node {
	t.Helper()
	if err := r.Join(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	n := &node{r, r.NewFollower(db), db}
	ctx, cancel := context.WithCancel(t.Context())
	var g errgroup.Group
	in := make(chan ingest.Delivery)
	g.Go(func() error { r.Roles().Run(ctx); return nil })
	g.Go(func() error { n.f.Show(ctx); return nil })
	g.Go(func() error {
		defer close(in)
		err := n.f.Run(ctx, func(a Arrival) error { return a.Send(ctx, in) })
		if ctx.Err() == nil {
			return err
		}
		return nil
	})
	g.Go(func() error {
		return ingest.New(db, ingest.Options{}).Run(context.Background(), in, func(ingest.Result) { n.f.Stored() })
	})
	t.Cleanup(func() {
		cancel()
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// lead has the node lead until the test ends, and gives it as a leader.
func (n *node) lead(t testing.TB) *Leader {
	t.Helper()
	crowned := make(chan *Leader, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var g errgroup.Group
	g.Go(func() error {
		return n.Lead(ctx, n.f, func(ctx context.Context, l *Leader) error {
			select {
			case crowned <- l:
			default: // for the second time
			}
			<-ctx.Done()
			return nil
		})
	})
	t.Cleanup(func() { cancel(); g.Wait() })
	return <-crowned
}

// settle waits until all that is in the stream is stored.
func (n *node) settle(t testing.TB) {
	t.Helper()
	info, err := n.news.Info(t.Context())
	if err == nil {
		err = n.f.until(t.Context(), func() bool { return n.f.kept >= info.State.LastSeq })
	}
	if err != nil {
		t.Fatal(err)
	}
}

const someFeed = "https://harbour.example/feed"

// chapter is the n-th state of a feed, and the delivery that leads to it from the one before.
func chapter(n int) Delivery {
	state := func(n int) (s fetch.State) {
		if n > 0 {
			s.ETag, s.Polled, s.Next = fmt.Sprint(n), epoch.Add(time.Duration(n)*time.Hour), epoch.Add(time.Duration(n+1)*time.Hour)
		}
		return s
	}
	it := item(n, "word "+strings.Repeat(fmt.Sprint("w", n, " "), 40))
	was, is := state(n-1), state(n)
	return Delivery{ID: OrderID(someFeed, was), Base: Base(was), Delivery: fetch.Delivery{Feed: someFeed, State: is, Items: []copytaster.Item{it}, At: is.Polled, Outcome: fetch.Fresh}}
}

func item(n int, text string) copytaster.Item {
	guid := fmt.Sprint("g", n)
	return copytaster.Item{ID: copytaster.ItemID(someFeed, guid), Feed: someFeed, Outlet: "Harbour", GUID: guid, Title: fmt.Sprint("Headline ", n), URL: "https://harbour.example/" + guid,
		Published: epoch, Seen: epoch, Blocks: []copytaster.Block{{Text: text, Kept: true}}}
}

// TestTwiceOutOfOrderAndLate: a delivery counts once, when its turn has come, whatever NATS lets through.
func TestTwiceOutOfOrderAndLate(t *testing.T) {
	n := follow(t, connect(t, rig.Start(t, 1).Line().URL(), 0), database(t, "a.db"))
	n.lead(t)
	post := func(which int, id string) {
		t.Helper()
		d := chapter(which)
		d.ID += id // NATS takes it for another
		if err := n.Post(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(items int, etag string) {
		t.Helper()
		n.settle(t)
		s, err := n.f.state(someFeed)
		if err != nil || s.ETag != etag {
			t.Errorf("got state %q, %v, want %q", s.ETag, err, etag)
		}
		if err := n.db.View(func(tx *store.Tx) error {
			if tx.Count() != items {
				t.Errorf("got %d items, want %d", tx.Count(), items)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	post(2, "") // before its time
	expect(0, "")
	post(1, "")
	post(1, "") // swallowed by NATS
	post(2, "again")
	post(2, "twice")
	expect(2, "2")
	post(3, "")
	expect(3, "3")
	post(2, "late")
	post(3, "late")
	expect(3, "3")
	post(4, "")
	expect(4, "4")
}

// TestParcels: what is too long for a message arrives all the same, and its parcel is dropped when nobody wants it any more.
func TestParcels(t *testing.T) {
	n := follow(t, connect(t, rig.Start(t, 1).Line().URL(), 0), database(t, "a.db"))
	l := n.lead(t)
	d := chapter(1)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 40 {
		var text strings.Builder
		for range 20_000 {
			fmt.Fprintf(&text, "%x ", r.Uint32())
		}
		d.Items = append(d.Items, item(100+i, text.String()))
	}
	if err := l.Deliver(t.Context(), d.Delivery); err != nil {
		t.Fatal(err)
	}
	n.settle(t)
	last := d.Items[40]
	if err := n.db.View(func(tx *store.Tx) error {
		if it, ok, err := tx.Item(last.ID); err != nil || !ok || it.Blocks[0].Text != last.Blocks[0].Text {
			t.Errorf("got %v, %v, %d blocks; want the item as it was given", ok, err, len(it.Blocks))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if list, err := n.parcels.List(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("got %d parcels, %v; want 1", len(list), err)
	}
	if err := l.sweepBefore(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if list, err := n.parcels.List(t.Context()); !errors.Is(err, jetstream.ErrNoObjectsFound) {
		t.Errorf("got %d parcels, %v; want none", len(list), err)
	}
}

// bulky is a delivery of about so many bytes that nothing compresses.
func bulky(n, size int) Delivery {
	r := rand.New(rand.NewPCG(uint64(n), 2))
	var text strings.Builder
	for text.Len() < 2*size {
		fmt.Fprintf(&text, "%08x ", r.Uint32())
	}
	d := chapter(n)
	d.Items[0].Blocks[0].Text = text.String()
	return d
}

// TestAFullStreamWaits: deliveries that find no room are not lost, but wait until what is stored was dropped; nothing is dropped that somebody who lives has not stored.
func TestAFullStreamWaits(t *testing.T) {
	url := rig.Start(t, 1).Line().URL()
	a := connect(t, url, 1<<20)
	db := database(t, "a.db")
	if err := a.Join(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	const all = 20
	var posting errgroup.Group
	refused := make(chan struct{})
	var once sync.Once
	a.opt.Log = logOf(func(words string) {
		if words == "a delivery waits" {
			once.Do(func() { close(refused) })
		}
	})
	posting.Go(func() error {
		for i := range all {
			if err := a.Post(t.Context(), bulky(i+1, 100<<10)); err != nil {
				return err
			}
		}
		return nil
	})
	<-refused
	n := follow(t, connect(t, url, 1<<20), db)
	n.lead(t)
	if err := posting.Wait(); err != nil {
		t.Fatal(err)
	}
	n.settle(t)
	s, err := n.f.state(someFeed)
	if err != nil || s.ETag != fmt.Sprint(all) {
		t.Errorf("got state %q, %v; want that after %d deliveries", s.ETag, err, all)
	}

	late := connect(t, url, 1<<20)
	if err := late.Join(t.Context(), database(t, "b.db")); err == nil || !strings.Contains(err.Error(), "copytaster backup") {
		t.Errorf("an empty database behind the stream: got %v, want that a backup is needed", err)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := n.db.Backup(copied); err != nil {
		t.Fatal(err)
	}
	twin, err := store.Open(copied)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { twin.Close() })
	b := follow(t, late, twin)
	if err := n.Post(t.Context(), chapter(all+1)); err != nil {
		t.Fatal(err)
	}
	b.settle(t)
	if s, err := b.f.state(someFeed); err != nil || s.ETag != fmt.Sprint(all+1) {
		t.Errorf("the copy: got state %q, %v; want that after %d deliveries", s.ETag, err, all+1)
	}
}

// TestJoin: which databases may follow a stream.
func TestJoin(t *testing.T) {
	url := rig.Start(t, 1).Line().URL()
	first, second := database(t, "a.db"), database(t, "b.db")
	n := follow(t, connect(t, url, 0), first)
	n.lead(t)
	if err := connect(t, url, 0).Join(t.Context(), second); err != nil {
		t.Errorf("an empty database beside an empty one: %v", err)
	}
	full := database(t, "c.db")
	if err := full.Update(func(tx *store.Tx) error {
		it := item(9, "something of its own")
		sketch, err := ingest.Sketch(it)
		if err != nil {
			return err
		}
		return tx.PutItem(it, sketch)
	}); err != nil {
		t.Fatal(err)
	}
	if err := connect(t, url, 0).Join(t.Context(), full); err == nil || !strings.Contains(err.Error(), "is no copy") {
		t.Errorf("a database with items of its own: got %v, want that it is refused", err)
	}
	if err := n.Post(t.Context(), chapter(1)); err != nil {
		t.Fatal(err)
	}
	n.settle(t)
	if err := n.js.DeleteStream(t.Context(), "t-news"); err != nil {
		t.Fatal(err)
	}
	if err := connect(t, url, 0).Join(t.Context(), first); err == nil || !strings.Contains(err.Error(), "gone from NATS") {
		t.Errorf("a stream that is gone: got %v, want that it says so", err)
	}
}

// TestOneLeader: a leader that cannot renew its lease leads no more before another does, and its orders are dropped.
func TestOneLeader(t *testing.T) {
	cluster := rig.Start(t, 1)
	line := cluster.Line()
	old := follow(t, connect(t, line.URL(), 0), database(t, "a.db"))
	deposed := make(chan error, 1)
	reigns := make(chan *Leader, 1)
	go old.Lead(t.Context(), old.f, func(ctx context.Context, l *Leader) error {
		reigns <- l
		<-ctx.Done()
		deposed <- context.Cause(ctx)
		return nil
	})
	was := <-reigns
	heir := follow(t, connect(t, cluster.Line().URL(), 0), database(t, "b.db"))
	line.Cut(true)
	is := heir.lead(t)
	select {
	case err := <-deposed:
		if !errors.Is(err, lease.ErrLost) {
			t.Errorf("got %v, want that the lease is lost", err)
		}
	default:
		t.Error("two lead")
	}
	if is.epoch <= was.epoch {
		t.Errorf("epoch %d after %d", is.epoch, was.epoch)
	}
	line.Cut(false)
	q, err := heir.Queue(t.Context(), []int{0, 1, 2, 3, 4, 5, 6, 7})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	order := func(l *Leader, feed string) {
		t.Helper()
		o := Order{ID: feed, Epoch: l.epoch, Feed: copytaster.Feed{URL: feed}}
		if err := heir.publish(t.Context(), fmt.Sprintf("t.orders.%d.%s", PartitionOf(feed, o.State, 8), feedName(feed)), feed, o); err != nil {
			t.Fatal(err)
		}
	}
	for heir.Epoch() < is.epoch {
		<-heir.Roles().Changed()
	}
	order(was, "https://old.example/feed")
	order(is, "https://new.example/feed")
	if j, err := q.Next(t.Context()); err != nil || j.Feed.URL != "https://new.example/feed" {
		t.Errorf("got %+v, %v; want the order of the new leader only", j, err)
	}
}
