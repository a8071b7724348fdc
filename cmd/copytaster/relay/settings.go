package relay

import (
	"context"
	"encoding/json"
	"net/netip"
	"strconv"
	"time"

	"copytaster"
	"copytaster/fetch"
	"copytaster/fetch/websub"
)

// SettingsKey is the key under which a leader says how is to be polled.
const SettingsKey = "settings"

// Settings are the leader's words on how outlets are asked: what of fetch.Options is in the configuration, but for how many at a time.
type Settings struct {
	Contact      string
	PerHost      int
	Timeout      time.Duration
	MaxBody      int64
	AllowPrivate []netip.Prefix
	FullText     copytaster.FullText
	Every, Floor time.Duration
	Backfill     int
	Callback     string // where hubs reach the leader; empty: no WebSub
}

// SettingsOf takes them out of the options; callback is where hubs reach the leader.
func SettingsOf(o fetch.Options, callback string) Settings {
	return Settings{Contact: o.Contact, PerHost: o.PerHost, Timeout: o.Timeout, MaxBody: o.MaxBody, AllowPrivate: o.AllowPrivate, FullText: o.FullText,
		Every: o.Every, Floor: o.Floor, Backfill: o.Backfill, Callback: callback}
}

// Apply puts them into options.
func (s Settings) Apply(o fetch.Options) fetch.Options {
	o.Contact, o.PerHost, o.Timeout, o.MaxBody, o.AllowPrivate, o.FullText = s.Contact, s.PerHost, s.Timeout, s.MaxBody, s.AllowPrivate, s.FullText
	o.Every, o.Floor, o.Backfill = s.Every, s.Floor, s.Backfill
	o.Push = websub.NewCallback(0, nil)
	o.Push.Move(s.Callback)
	return o
}

// Settle tells the fetchers the settings.
func (l *Leader) Settle(ctx context.Context, s Settings) error {
	return l.relay.patiently(ctx, "the fetchers cannot be told how to poll; trying again", func(ctx context.Context) error {
		return l.relay.roles.Put(ctx, SettingsKey, text(s))
	})
}

// Settings are those that a leader told last; not ok if none did.
func (r *Relay) Settings() (s Settings, ok bool) {
	e, ok := r.roles.At(SettingsKey)
	return s, ok && json.Unmarshal(e.Value, &s) == nil
}

// Epoch is that of the leader that was last seen, 0 if there was none.
func (r *Relay) Epoch() uint64 {
	e, ok := r.roles.At(LeaderKey)
	var rank Rank
	if !ok || json.Unmarshal(e.Value, &rank) != nil {
		return 0
	}
	if rank.Epoch == 0 {
		return e.Revision
	}
	return rank.Epoch
}

// FetcherSign is the value of a fetcher's key.
type FetcherSign struct {
	ID, Name string
	Workers  int
	Polls    int // under way
	Done     int // since it began
}

// FetcherKey is the key of a fetcher's session.
func FetcherKey(session string) string { return "fetcher." + session }

// PartitionKey is the key under which a session says that a partition's hosts are its own.
func PartitionKey(n int) string { return "partition." + strconv.Itoa(n) }
