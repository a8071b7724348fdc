// Package relay carries polls to fetchers on other machines and what they bring back, over NATS JetStream. The program that leads publishes an
// order for each feed that is due; a fetcher polls and publishes the delivery; the leader and every stand-by take the deliveries, in one
// order and in the same batches, into stores of their own. It never decides when a feed is asked or what becomes of an item.
//
// In NATS, for a stream called NAME:
//
//	NAME-orders   subject NAME.orders.PARTITION.FEED: one message at most for a feed, which is deleted when its delivery is in the other stream. A
//	              host's feeds are in one partition, whose holder reads it from its oldest message on; how many there are stands in the metadata
//	NAME-news     the deliveries, NAME.news.delivery, and ends of batches, NAME.news.end. Bounded, and full it refuses: nothing is dropped
//	              that somebody who lives has not stored. Its metadata say which databases may follow it (origin)
//	NAME-roles    key-value: leases and tidings of who takes part (see package lease): leader, follower.ID, fetcher.ID, partition.N, settings
//	NAME-parcels  objects: orders and deliveries that are too long for a message
//
// A delivery names the state of the feed that it began from (base). One that began from another state than the present one changes nothing: so an order
// that is carried out twice, or a delivery that comes twice or late, has no effect, whatever NATS's own window of duplicates lets through.
package relay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"copytaster/cmd/copytaster/relay/lease"
)

// Lease is how long whoever takes part counts as living after its last sign. A leader that dies is replaced after that and a moment; a NATS cluster that loses a node
// elects anew within 4 to 9 s, in which nobody can renew anything: then all wait, and go on.
const Lease = 6 * time.Second

// Options say where NATS is and how it is used. Zero values mean the default given beside them.
type Options struct {
	URL           string        // of one server, or of several with commas between
	Creds         string        // file with the user's credentials; empty: none
	CA, Cert, Key string        // files for TLS; empty: the system's, none
	Stream        string        // first part of all names: copytaster
	MaxSize       int64         // bytes of deliveries that NATS keeps: 1 GiB
	Partitions    int           // of the orders, when they are made for the first time: 64. So many fetchers can share the work
	Lease         time.Duration // the constant Lease
	Name          string        // of this program for people: the machine's
	Version       string
	Log           *slog.Logger
}

// Relay is a connection with all that was made in NATS. It is safe for use by several goroutines.
type Relay struct {
	opt   Options
	id    string // of this run of the program
	enc   *zstd.Encoder
	dec   *zstd.Decoder
	nc    *nats.Conn
	js    jetstream.JetStream
	roles *lease.Table

	orders, news jetstream.Stream
	parcels      jetstream.ObjectStore
	partitions   int
	origin       string // of news
	virgin       bool   // whoever made news had an empty database
}

// Open connects. It waits until a server can be reached; what no waiting mends, such as credentials that are refused, is an error.
func Open(ctx context.Context, o Options) (*Relay, error) {
	name, _ := os.Hostname()
	o.Name, o.Stream, o.MaxSize = cmp.Or(o.Name, name, "copytaster"), cmp.Or(o.Stream, "copytaster"), cmp.Or(o.MaxSize, 1<<30)
	o.Partitions, o.Lease = cmp.Or(o.Partitions, 64), cmp.Or(o.Lease, Lease)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Creds != "" { // else it would be missed only when a server asks for it
		if _, err := os.Stat(o.Creds); err != nil {
			return nil, fmt.Errorf("credentials: %w", err)
		}
	}
	r := &Relay{opt: o, id: nuid.Next()}
	var err error
	if r.enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(256<<10)); err != nil {
		return nil, err
	}
	if r.dec, err = zstd.NewReader(nil, zstd.WithDecoderMaxMemory(256<<20)); err != nil {
		return nil, err
	}
	err = r.patiently(ctx, "NATS cannot be reached; trying again", func(context.Context) (err error) {
		r.nc, err = nats.Connect(o.URL, o.connection()...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("nats %s: %w", o.URL, err)
	}
	if r.js, err = jetstream.New(r.nc, jetstream.WithDefaultTimeout(o.Lease)); err != nil {
		r.nc.Close()
		return nil, err
	}
	return r, nil
}

// connection are the options of nats.go: a connection that breaks is tried again for ever.
func (o Options) connection() []nats.Option {
	list := []nats.Option{nats.Name("copytaster " + o.Name), nats.MaxReconnects(-1), nats.ReconnectWait(o.Lease / 12), nats.Timeout(o.Lease / 3),
		nats.PingInterval(o.Lease / 3), nats.MaxPingsOutstanding(2), nats.IgnoreDiscoveredServers(), nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { o.Log.Warn("cut off from NATS; trying again", "err", err) }),
		nats.ReconnectHandler(func(c *nats.Conn) { o.Log.Info("with NATS again", "server", c.ConnectedUrlRedacted()) })}
	if o.Creds != "" {
		list = append(list, nats.UserCredentials(o.Creds))
	}
	if o.CA != "" {
		list = append(list, nats.RootCAs(o.CA))
	}
	if o.Cert != "" {
		list = append(list, nats.ClientCert(o.Cert, o.Key))
	}
	return list
}

// Close ends the connection.
func (r *Relay) Close() { r.nc.Close() }

// Partitions is how many there are.
func (r *Relay) Partitions() int { return r.partitions }

// Roles is who takes part.
func (r *Relay) Roles() *lease.Table { return r.roles }

// Stream is the first part of all names.
func (r *Relay) Stream() string { return r.opt.Stream }

// ID is this run's of the program.
func (r *Relay) ID() string { return r.id }

// Name is this program's for people.
func (r *Relay) Name() string { return r.opt.Name }

// Find waits until a leader has made the streams, and opens them: what a fetcher does.
func (r *Relay) Find(ctx context.Context) error {
	return r.patiently(ctx, "no leader has been here yet; waiting", func(ctx context.Context) error { return r.open(ctx) })
}

// open opens what there is.
func (r *Relay) open(ctx context.Context) (err error) {
	if r.news, err = r.js.Stream(ctx, r.opt.Stream+"-news"); err != nil {
		return err
	}
	if r.orders, err = r.js.Stream(ctx, r.opt.Stream+"-orders"); err != nil {
		return err
	}
	if r.parcels, err = r.js.ObjectStore(ctx, r.opt.Stream+"-parcels"); err != nil {
		return err
	}
	kv, err := r.js.KeyValue(ctx, r.opt.Stream+"-roles")
	if err != nil {
		return err
	}
	r.roles = lease.New(kv, r.opt.Lease)
	about := r.news.CachedInfo().Config.Metadata
	r.origin, r.virgin = about["origin"], about["virgin"] == "true"
	r.partitions, err = strconv.Atoi(r.orders.CachedInfo().Config.Metadata["partitions"])
	if err != nil || r.partitions < 1 || r.origin == "" {
		return fmt.Errorf("the streams %s-… are none of copytaster's (give nats.stream another name)", r.opt.Stream)
	}
	return nil
}

// found makes what there is not yet; news last, since it tells others that all is there.
func (r *Relay) found(ctx context.Context, origin string, virgin bool) error {
	err := r.create(ctx, 3, origin, virgin)
	if api, ok := errors.AsType[*jetstream.APIError](err); ok && api.ErrorCode == noCluster {
		return r.create(ctx, 1, origin, virgin)
	}
	return err
}

func (r *Relay) create(ctx context.Context, replicas int, origin string, virgin bool) error {
	name := r.opt.Stream
	_, err := r.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: name + "-roles", Replicas: replicas})
	if err != nil {
		return err
	}
	if _, err = r.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: name + "-parcels", Replicas: replicas}); err != nil {
		return err
	}
	_, err = r.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: name + "-orders", Subjects: []string{name + ".orders.*.*"}, Replicas: replicas,
		MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true, Metadata: map[string]string{"partitions": strconv.Itoa(r.opt.Partitions)},
	})
	if err != nil && !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return err
	}
	_, err = r.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: name + "-news", Subjects: []string{name + ".news.*"}, Replicas: replicas, MaxBytes: r.opt.MaxSize, Discard: jetstream.DiscardNew,
		Duplicates: 10 * time.Minute, Metadata: map[string]string{"origin": origin, "virgin": strconv.FormatBool(virgin)},
	})
	return err
}

// noCluster is what a server says that is not one of a cluster when it is asked for replicas.
const noCluster = 10074

// patiently calls try until it succeeds or fails for good, with ever longer rests between.
func (r *Relay) patiently(ctx context.Context, words string, try func(context.Context) error) error {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, r.opt.Lease/2) {
		once, cancel := context.WithTimeout(ctx, 2*r.opt.Lease)
		err := try(once)
		cancel()
		if err == nil || !passing(err) {
			return err
		}
		if wait > 500*time.Millisecond || wait > r.opt.Lease/4 {
			r.opt.Log.Warn(words, "err", err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// passing reports whether an error may be over in a while.
func passing(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return api.Code == 503 || api.ErrorCode == jetstream.JSErrCodeStreamNotFound || api.ErrorCode == jetstream.JSErrCodeConsumerNotFound
	}
	for _, e := range []error{errNotYet, nats.ErrNoServers, nats.ErrTimeout, nats.ErrNoResponders, nats.ErrDisconnected, nats.ErrConnectionReconnecting, nats.ErrReconnectBufExceeded,
		nats.ErrStaleConnection, jetstream.ErrNoStreamResponse, jetstream.ErrNoHeartbeat, jetstream.ErrBucketNotFound, jetstream.ErrConsumerDeleted, jetstream.ErrJetStreamNotEnabled, context.DeadlineExceeded} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
