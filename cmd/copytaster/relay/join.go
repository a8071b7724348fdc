package relay

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"copytaster/store"
)

// Join opens the streams for a program with a database, or makes them if there are none: then this database is their first. Any other must hold what
// the first held and all that came since, up to a message that NATS still has: it begins as a copy of one of theirs.
func (r *Relay) Join(ctx context.Context, db *store.DB) error {
	err := r.patiently(ctx, "JetStream does not answer; trying again", func(ctx context.Context) error {
		if _, err := r.js.Stream(ctx, r.opt.Stream+"-news"); !errors.Is(err, jetstream.ErrStreamNotFound) {
			return err
		}
		return r.begin(ctx, db)
	})
	if err == nil {
		err = r.patiently(ctx, "JetStream does not answer; trying again", r.open)
	}
	if err == nil {
		err = r.belongs(db)
	}
	if err == nil {
		err = r.patiently(ctx, "JetStream does not answer; trying again", r.resize)
	}
	return err
}

// begin makes the streams, with the database as their first. It is noted there before they are, so that a crash between leaves no streams without a database. Another
// program that makes them at the same time may be the first; then the note has no meaning.
func (r *Relay) begin(ctx context.Context, db *store.DB) error {
	origin := nuid.Next()
	virgin := false
	err := db.Update(func(tx *store.Tx) error {
		if was := tx.Origin(); was != "" && tx.Sequence() > 0 {
			return fmt.Errorf("the stream that the database follows is gone from NATS: if that is meant, give nats.stream another name and this database begins a new one")
		}
		virgin = tx.Count() == 0
		return tx.SetOrigin(origin)
	})
	if err != nil {
		return err
	}
	if err = r.found(ctx, origin, virgin); errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return nil
	}
	return err
}

// belongs reports why the database cannot follow the stream; nil if it can.
func (r *Relay) belongs(db *store.DB) error {
	state := r.news.CachedInfo().State
	return db.Update(func(tx *store.Tx) error {
		n := tx.Sequence()
		if tx.Origin() != r.origin && tx.Count() == 0 && r.virgin && state.FirstSeq <= 1 {
			n = 0
			if err := tx.SetOrigin(r.origin); err != nil {
				return err
			}
		}
		switch {
		case tx.Origin() != r.origin:
			return fmt.Errorf("database %s is no copy of the one that leads stream %s (copytaster backup there, copytaster restore here)", db.Name(), r.opt.Stream)
		case n+1 < state.FirstSeq:
			return fmt.Errorf("database %s ends with message %d of stream %s, which begins with %d now (take a fresh copy: copytaster backup at the leader, copytaster restore here)",
				db.Name(), n, r.opt.Stream, state.FirstSeq)
		case n > state.LastSeq:
			return fmt.Errorf("database %s ends with message %d of stream %s, which ends with %d: NATS has lost some (give nats.stream another name to begin anew)",
				db.Name(), n, r.opt.Stream, state.LastSeq)
		}
		return nil
	})
}

// resize has NATS keep as many bytes of deliveries as is configured now.
func (r *Relay) resize(ctx context.Context) error {
	cfg := r.news.CachedInfo().Config
	if cfg.MaxBytes == r.opt.MaxSize {
		return nil
	}
	cfg.MaxBytes = r.opt.MaxSize
	_, err := r.js.UpdateStream(ctx, cfg)
	return err
}
