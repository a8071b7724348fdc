package store

import (
	"bytes"
	"iter"
)

// State is what SetState last stored for the feed, nil if nothing.
func (tx *Tx) State(feed string) []byte { return bytes.Clone(tx.bucket("feeds").Get([]byte(feed))) }

// SetState stores the state of a feed. It belongs into the transaction that stores the items which came with it.
func (tx *Tx) SetState(feed string, state []byte) error {
	return tx.bucket("feeds").Put([]byte(feed), state)
}

// States yields every feed's address and state, in order of address. The bytes are valid only during the step.
func (tx *Tx) States() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		c := tx.bucket("feeds").Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			if !yield(string(k), v) {
				return
			}
		}
	}
}

// Learned is what SetLearned last stored for the outlet, nil if nothing.
func (tx *Tx) Learned(outlet string) []byte {
	return bytes.Clone(tx.bucket("learned").Get([]byte(outlet)))
}

// SetLearned stores what was learned of an outlet's boilerplate.
func (tx *Tx) SetLearned(outlet string, counts []byte) error {
	return tx.bucket("learned").Put([]byte(outlet), counts)
}
