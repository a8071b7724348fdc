package relay

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// Present is who takes part and how far they are, as status and metrics show it.
type Present struct {
	Stream   string    `json:"stream"`
	Leads    bool      `json:"leads"`            // this program
	Leader   string    `json:"leader,omitempty"` // by name; empty: nobody leads at present
	Epoch    uint64    `json:"epoch,omitempty"`
	Stored   uint64    `json:"stored"`            // the last message that this program has stored
	Lag      uint64    `json:"lag"`               // messages that it has not
	Orders   uint64    `json:"orders"`            // feeds that are due and not yet polled
	Bytes    uint64    `json:"bytes"`             // of deliveries that NATS keeps
	Most     int64     `json:"most"`              // bytes that it may keep
	Trouble  string    `json:"trouble,omitempty"` // why NATS does not say how it is
	Fetchers []Fetcher `json:"fetchers"`
	Standby  []Standby `json:"standby"` // those who follow, this program and the leader left out
}

// Fetcher is one that lives.
type Fetcher struct {
	Name       string `json:"name"`
	Workers    int    `json:"workers"`
	Polls      int    `json:"polls"`      // under way
	Done       int    `json:"done"`       // since it began
	Partitions int    `json:"partitions"` // of the hosts
}

// Standby is another program that follows.
type Standby struct {
	Name string `json:"name"`
	Lag  uint64 `json:"lag"` // messages that it has not stored
}

// sight is what NATS said last of its streams.
type sight struct {
	last, bytes, orders uint64
	trouble             string // why it says nothing now
}

// look asks NATS how its streams are.
func (f *Follower) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, f.relay.opt.Lease/3)
	defer cancel()
	news, err := f.relay.news.Info(ctx)
	var orders *jetstream.StreamInfo
	if err == nil {
		orders, err = f.relay.orders.Info(ctx)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.sight.trouble = err.Error()
		return
	}
	f.sight = sight{last: news.State.LastSeq, bytes: news.State.Bytes, orders: orders.State.Msgs}
}

// Present is how it was a moment ago.
func (f *Follower) Present() Present {
	r := f.relay
	f.mu.Lock()
	stored, seen := f.kept, f.sight
	f.mu.Unlock()
	last := max(stored, seen.last)
	p := Present{Stream: r.opt.Stream, Stored: stored, Most: r.opt.MaxSize, Bytes: seen.bytes, Orders: seen.orders, Trouble: seen.trouble,
		Fetchers: []Fetcher{}, Standby: []Standby{}}
	p.Lag = last - p.Stored
	var leader Rank
	if e, ok := r.roles.At(LeaderKey); ok && !r.roles.Expired(e) && json.Unmarshal(e.Value, &leader) == nil {
		p.Leader, p.Leads, p.Epoch = leader.Name, leader.ID == r.id, r.Epoch()
	}
	p.Fetchers = append(p.Fetchers, r.fetchers()...)
	for _, e := range r.roles.All("follower.") {
		var s Sign
		if json.Unmarshal(e.Value, &s) == nil && !r.roles.Expired(e) && s.ID != r.id && s.ID != leader.ID {
			p.Standby = append(p.Standby, Standby{s.Name, last - min(last, s.Kept)})
		}
	}
	return p
}

// fetchers are those that live.
func (r *Relay) fetchers() (list []Fetcher) {
	held := map[string]int{}
	for _, e := range r.roles.All("partition.") {
		held[string(e.Value)]++
	}
	for _, e := range r.roles.All(FetcherKey("")) {
		var s FetcherSign
		if json.Unmarshal(e.Value, &s) == nil && !r.roles.Expired(e) {
			list = append(list, Fetcher{s.Name, s.Workers, s.Polls, s.Done, held[strings.TrimPrefix(e.Key, FetcherKey(""))]})
		}
	}
	return list
}
