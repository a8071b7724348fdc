package relay

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"copytaster"
	"copytaster/fetch"
	"copytaster/fetch/guard"
)

// Order is a feed that is to be polled.
type Order struct {
	ID    string // of the feed in this state
	Epoch uint64 // of the leader that gave it
	Feed  copytaster.Feed
	State fetch.State
	Rest  time.Time // its host is to be left alone until then; zero: it is not
}

// Delivery is what came of an order, or what a leader has to say of a feed itself.
type Delivery struct {
	ID   string // the order's
	Base uint64 // the state that it began from
	fetch.Delivery
}

// large is the size from which a message goes through the object store: half of what a NATS server takes by default.
const large = 512 << 10

// object is the header of a message whose text lies in the object store under the name that it gives.
const object = "Copytaster-Object"

// Base stands for a state of a feed, whenever it is to be asked next. Of a feed that was never polled it is that of the zero State.
func Base(s fetch.State) uint64 {
	s.Next = time.Time{}
	return sum(s)
}

// sum hashes a state as it is stored.
func sum(s fetch.State) uint64 {
	b, err := s.Encode()
	if err != nil {
		return 0 // as of none: it was read from such bytes, or is made of plain values
	}
	return xxhash.Sum64(b)
}

// OrderID names a feed in a state: an order for it, and the delivery that it leads to.
func OrderID(feed string, s fetch.State) string {
	return feedName(feed) + strconv.FormatUint(sum(s), 16)
}

// feedName is a feed's as part of a subject.
func feedName(feed string) string { return strconv.FormatUint(xxhash.Sum64String(feed), 16) }

// text is the value as JSON. States and feeds always have one: they were read from such or are made of plain values.
func text(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte(err.Error())
	}
	return b
}

// PartitionOf is the partition of the host that a feed in this state is asked at.
func PartitionOf(feed string, s fetch.State, partitions int) int {
	return int(xxhash.Sum64String(guard.Host(cmp.Or(s.Address, feed))) % uint64(partitions))
}

// publish puts a value on a subject under an id of which one is kept. It returns once a quorum of NATS has it.
func (r *Relay) publish(ctx context.Context, subject, id string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	m := &nats.Msg{Subject: subject, Data: r.enc.EncodeAll(b, nil), Header: nats.Header{}}
	if int64(len(m.Data)) > min(large, r.nc.MaxPayload()/2) {
		if _, err := r.parcels.PutBytes(ctx, id, m.Data); err != nil {
			return fmt.Errorf("parcel %s: %w", id, err)
		}
		m.Header.Set(object, id)
		m.Data = nil
	}
	_, err = r.js.PublishMsg(ctx, m, jetstream.WithMsgID(id))
	return err
}

// errUnreadable is a message that no trying will make one of ours.
var errUnreadable = errors.New("unreadable")

// errNotYet is a parcel that a server does not have: it may be one that lags behind.
var errNotYet = errors.New("not there yet")

// read reads the value of a message, from the object store if it lies there. Where that cannot be reached it tries again until ctx ends; a parcel that no server has
// after five leases is gone.
func (r *Relay) read(ctx context.Context, m jetstream.Msg, v any) error {
	b := m.Data()
	if name := m.Headers().Get(object); name != "" {
		began := time.Now()
		err := r.patiently(ctx, "a parcel cannot be had; trying again", func(ctx context.Context) (err error) {
			b, err = r.parcels.GetBytes(ctx, name)
			if err != nil && time.Since(began) < 5*r.opt.Lease {
				return fmt.Errorf("%w: %w", errNotYet, err)
			}
			return err
		})
		if errors.Is(err, jetstream.ErrObjectNotFound) {
			return fmt.Errorf("%w: its parcel %s is gone", errUnreadable, name)
		}
		if err != nil {
			return fmt.Errorf("%w: parcel %s: %w", errReading, name, err)
		}
	}
	plain, err := r.dec.DecodeAll(b, nil)
	if err == nil {
		err = json.Unmarshal(plain, v)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return nil
}
