package fetcher

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"copytaster/cmd/copytaster/relay"
	"copytaster/cmd/copytaster/relay/lease"
)

// session is a fetcher under one lease. What it holds belongs to the goroutine of work.
type session struct {
	f     *Fetcher
	id    string
	roles *lease.Table
	held  map[int]bool // partitions; false: being given up
	stop  func()       // ends the reading of orders
}

// sign is what a session tells of itself.
func (s *session) sign() []byte {
	b, err := json.Marshal(relay.FetcherSign{ID: s.id, Name: s.f.Relay.Name(), Workers: s.f.Workers, Polls: int(s.f.polls.Load()), Done: int(s.f.done.Load())})
	if err != nil {
		return nil // a struct of plain fields has a text
	}
	return b
}

// work holds the partitions that are to be this session's, and has their orders carried out, until ctx ends.
func (s *session) work(ctx context.Context) error {
	var polls sync.WaitGroup
	defer polls.Wait()
	defer func() { s.stop() }()
	tick := time.NewTicker(s.roles.Length() / 12)
	defer tick.Stop()
	settings := uint64(0)
	for {
		if e, ok := s.roles.At(relay.SettingsKey); ok && e.Revision != settings {
			settings = e.Revision
			s.f.follow()
		}
		before := serving(s.held)
		s.act(ctx, plan(s.view()))
		if now := serving(s.held); !slices.Equal(now, before) {
			s.stop()
			s.stop = s.read(ctx, now, &polls)
		}
		select {
		case <-tick.C:
		case <-s.roles.Changed():
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		rest(ctx, s.roles.Length()/60) // changes come in crowds
	}
}

// read has the orders of the partitions carried out until what it returns is called.
func (s *session) read(ctx context.Context, partitions []int, polls *sync.WaitGroup) (stop func()) {
	if len(partitions) == 0 {
		return func() {}
	}
	reading, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.f.serve(ctx, reading, partitions, polls)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// view is what a session knows when it decides.
type view struct {
	me         string
	partitions int
	alive      map[string]bool   // fetchers, by session
	fences     map[string]uint64 // those to be fenced, with the revisions of their keys
	owners     map[int]owner
	mine       map[int]bool // that are served
	leaving    map[int]bool // of these, those that are being given up
}

// owner is who has a partition, as its key says.
type owner struct {
	session  string
	revision uint64
}

// view looks at the table.
func (s *session) view() view {
	v := view{me: s.id, partitions: s.f.Relay.Partitions(), alive: map[string]bool{s.id: true}, fences: map[string]uint64{}, owners: map[int]owner{}, mine: map[int]bool{}, leaving: map[int]bool{}}
	for _, e := range s.roles.All("partition.") {
		var n int
		if _, err := fmt.Sscanf(e.Key, "partition.%d", &n); err == nil {
			v.owners[n] = owner{string(e.Value), e.Revision}
		}
	}
	for _, e := range s.roles.All(relay.FetcherKey("")) { // after the partitions: whoever had one then was here before
		id := e.Key[len(relay.FetcherKey("")):]
		if v.alive[id] = !s.roles.Expired(e) || id == s.id; !v.alive[id] {
			v.fences[id] = e.Revision
		}
	}
	for n, serves := range s.held {
		v.mine[n], v.leaving[n] = true, !serves
	}
	return v
}

// deed is what is to be done next.
type deed struct {
	fence  map[string]uint64
	take   map[int]uint64 // partitions to be taken, with the revisions of their keys; 0: no key
	serve  []int          // whose key says that they are this session's already
	giveUp []int
}

// nobody is the owner of a partition that was given up.
const nobody = "-"

// plan decides. A partition can be taken that nobody has, or somebody whose key is gone: he was fenced, or has ended. One who is only late is fenced first.
func plan(v view) deed {
	d := deed{fence: v.fences, take: map[int]uint64{}}
	for n, best := range share(v.partitions, v.alive) {
		o := v.owners[n]
		_, late := v.fences[o.session]
		switch wanted := best == v.me; {
		case wanted && !v.mine[n] && o.session == v.me:
			d.serve = append(d.serve, n)
		case wanted && !v.mine[n] && (o.session == "" || o.session == nobody || !v.alive[o.session] && !late):
			d.take[n] = o.revision
		case v.mine[n] && (!wanted || v.leaving[n]):
			d.giveUp = append(d.giveUp, n)
		}
	}
	return d
}

// share says who is to have each partition, the same wherever the same sessions are seen alive: the first of those by a hash of both who has not his full share
// yet (rendezvous hashing with bounded loads: all have as many, and one that comes or goes moves few partitions of others).
func share(partitions int, alive map[string]bool) []string {
	var ids []string
	for id, ok := range alive {
		if ok {
			ids = append(ids, id)
		}
	}
	most := (partitions + len(ids) - 1) / len(ids)
	has := map[string]int{}
	best := make([]string, partitions)
	for n := range best {
		best[n] = slices.MinFunc(ids, func(a, b string) int {
			return cmp.Or(cmp.Compare(has[a]/most, has[b]/most), cmp.Compare(rank(n, a), rank(n, b)), strings.Compare(a, b))
		})
		has[best[n]]++
	}
	return best
}

func rank(partition int, id string) uint64 {
	return xxhash.Sum64String(strconv.Itoa(partition) + " " + id)
}

// act carries it out.
func (s *session) act(ctx context.Context, d deed) {
	for id, revision := range d.fence {
		if s.roles.Fence(ctx, relay.FetcherKey(id), revision) == nil {
			s.f.Log.Warn("a fetcher is gone; its hosts pass on", "session", id)
		}
	}
	for n, revision := range d.take {
		if _, err := s.roles.Swap(ctx, relay.PartitionKey(n), []byte(s.id), revision); err == nil {
			s.held[n] = true
		}
	}
	for _, n := range d.serve {
		s.held[n] = true
	}
	for _, n := range d.giveUp {
		s.giveUp(ctx, n)
	}
}

// giveUp stops taking orders of a partition, and lets go of it when those that were taken have been carried out.
func (s *session) giveUp(ctx context.Context, n int) {
	if s.held[n] || !s.f.idle(n) {
		s.held[n] = false
		return // looked at again soon, when no more are read
	}
	if e, ok := s.roles.At(relay.PartitionKey(n)); ok && string(e.Value) == s.id {
		if _, err := s.roles.Swap(ctx, e.Key, []byte(nobody), e.Revision); err != nil {
			return
		}
	}
	delete(s.held, n)
}

// serving are the partitions whose orders are to be read.
func serving(held map[int]bool) []int {
	return slices.Sorted(func(yield func(int) bool) {
		for n, serves := range held {
			if serves && !yield(n) {
				return
			}
		}
	})
}

// rest waits, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
