package relay

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// Queue are the orders of some partitions, the oldest first, from the oldest that is not done: also such as somebody else had begun.
type Queue struct {
	relay *Relay
	*reader
}

// Job is an order that is to be carried out. It lies in NATS until it is done, and whoever opens the queue is given it again.
type Job struct {
	Order
	Partition int
	sequence  uint64
	parcel    string // object that holds it; empty: none
}

// prefetched is how many orders a fetcher has at hand beside those that it carries out.
const prefetched = 64

// Queue opens the orders of the partitions; Close ends it.
func (r *Relay) Queue(ctx context.Context, partitions []int) (*Queue, error) {
	var filters []string
	for _, n := range partitions {
		filters = append(filters, fmt.Sprintf("%s.orders.%d.*", r.opt.Stream, n))
	}
	q := &Queue{relay: r}
	return q, r.patiently(ctx, "orders cannot be read; trying again", func(ctx context.Context) (err error) {
		q.reader, err = r.openReader(ctx, "-orders", 1, filters, jetstream.PullMaxMessages(prefetched))
		return err
	})
}

// Close ends the reading.
func (q *Queue) Close() { q.close() }

// Next waits for an order. Those of leaders that are no more, and what is no order, it drops.
func (q *Queue) Next(ctx context.Context) (*Job, error) {
	for {
		m, about, err := q.next(ctx)
		if err != nil {
			return nil, err
		}
		j := &Job{sequence: about.Sequence.Stream, parcel: m.Headers().Get(object)}
		j.Partition, err = strconv.Atoi(strings.Split(m.Subject(), ".")[2])
		if err == nil {
			err = q.relay.read(ctx, m, &j.Order)
		}
		if err != nil && !errors.Is(err, errUnreadable) {
			return nil, err
		}
		if err == nil && j.Epoch >= q.relay.Epoch() {
			return j, nil
		}
		if err != nil {
			q.relay.opt.Log.Error("an order is dropped", "err", err)
		}
		if err := q.relay.Done(ctx, j); err != nil {
			return nil, err
		}
	}
}

// Done takes an order out of the queue: its delivery is in the stream.
func (r *Relay) Done(ctx context.Context, j *Job) error {
	return r.patiently(ctx, "an order cannot be ended; trying again", func(ctx context.Context) error {
		err := r.orders.DeleteMsg(ctx, j.sequence)
		if api, ok := errors.AsType[*jetstream.APIError](err); ok && api.Code == 400 || errors.Is(err, jetstream.ErrMsgNotFound) {
			err = nil // gone already
		}
		if err == nil && j.parcel != "" {
			r.parcels.Delete(ctx, j.parcel) // else the leader sweeps it up
		}
		return err
	})
}
