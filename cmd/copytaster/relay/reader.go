package relay

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// reader reads a stream in order through a consumer of its own, which NATS forgets when nobody asks any more. It ends with an error where a message was lost on the
// way or the server falls silent: whoever reads opens another. nats.go's ordered consumer does that by itself, but for as long as it tries it heeds no context.
type reader struct {
	messages jetstream.MessagesContext
	seen     uint64
}

// errMissed is a message that was lost between NATS and us; the next reader is given it again.
var errMissed = errors.New("a message was lost on the way")

// open reads from the message of the number on, those whose subjects match a filter (none: all); opt say how many are asked for at a time.
func (r *Relay) openReader(ctx context.Context, stream string, from uint64, filters []string, opt ...jetstream.PullMessagesOpt) (*reader, error) {
	c, err := r.js.CreateConsumer(ctx, r.opt.Stream+stream, jetstream.ConsumerConfig{FilterSubjects: filters, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from,
		AckPolicy: jetstream.AckNonePolicy, MaxDeliver: 1, MemoryStorage: true, Replicas: 1, InactiveThreshold: 10 * max(r.opt.Lease, time.Second)})
	if err != nil {
		return nil, err
	}
	opt = append(opt, jetstream.PullExpiry(max(r.opt.Lease, 2*time.Second)), jetstream.PullHeartbeat(max(r.opt.Lease/6, 500*time.Millisecond)))
	m, err := c.Messages(opt...)
	return &reader{messages: m}, err
}

// next waits for a message.
func (r *reader) next(ctx context.Context) (jetstream.Msg, *jetstream.MsgMetadata, error) {
	m, err := r.messages.Next(jetstream.NextContext(ctx))
	if err != nil {
		return nil, nil, err
	}
	about, err := m.Metadata()
	if err != nil {
		return nil, nil, err
	}
	if r.seen++; about.Sequence.Consumer != r.seen {
		return nil, nil, errMissed
	}
	return m, about, nil
}

func (r *reader) close() { r.messages.Stop() }
