package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"

	"copytaster/store/piece"
	"copytaster/store/record"
)

// State is what SetState last stored for the feed, nil if nothing.
func (tx *Tx) State(feed string) []byte { return bytes.Clone(tx.bucket("feeds").Get([]byte(feed))) }

// SetState stores the state of a feed. It belongs into the transaction that stores the items which came with it.
func (tx *Tx) SetState(feed string, state []byte) error {
	return tx.bucket("feeds").Put([]byte(feed), state)
}

// DropState forgets the feed, of which no item must be stored.
func (tx *Tx) DropState(feed string) error {
	return errors.Join(tx.bucket("feeds").Delete([]byte(feed)), tx.bucket("counts").Delete([]byte(feed)))
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

// Host is the domain in the ids of stories that SetHost fixed, and false if none is fixed yet.
func (tx *Tx) Host() (host string, fixed bool) {
	v := tx.bucket("meta").Get([]byte("host"))
	return string(v), v != nil
}

// SetHost fixes the domain in the ids of stories, "" for none: from the first feed on readers know the stories by it.
func (tx *Tx) SetHost(host string) error {
	return tx.bucket("meta").Put([]byte("host"), []byte(host))
}

// Origin is the stream of which SetOrigin said that its deliveries are stored here, "" if none.
func (tx *Tx) Origin() string { return string(tx.bucket("meta").Get([]byte("origin"))) }

// SetOrigin notes the stream whose deliveries are stored here from now on, from its first message on.
func (tx *Tx) SetOrigin(name string) error {
	return errors.Join(tx.bucket("meta").Put([]byte("origin"), []byte(name)), tx.SetSequence(0))
}

// Sequence is the number of the last message of the stream that is stored, 0 if none is.
func (tx *Tx) Sequence() uint64 {
	v := tx.bucket("meta").Get([]byte("sequence"))
	if len(v) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

// SetSequence notes it. It belongs into the transaction that stores what came with the message.
func (tx *Tx) SetSequence(n uint64) error {
	return tx.bucket("meta").Put([]byte("sequence"), binary.BigEndian.AppendUint64(nil, n))
}

// Counts is how many items of each feed are stored, by the feed's address.
func (tx *Tx) Counts() map[string]int {
	counts := map[string]int{}
	c := tx.bucket("counts").Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		n, _ := binary.Uvarint(v)
		counts[string(k)] = int(n)
	}
	return counts
}

// count adds to the number of the feed's items.
func (tx *Tx) count(feed string, add int) error {
	n, _ := binary.Uvarint(tx.bucket("counts").Get([]byte(feed)))
	return tx.bucket("counts").Put([]byte(feed), binary.AppendUvarint(nil, uint64(int(n)+add)))
}

// Learned is what SetLearned last stored with what AddLearned added to it, nil if nothing.
func (tx *Tx) Learned() ([]byte, error) {
	z := piece.Whole(tx.bucket("learned"))
	if z == nil {
		return nil, nil
	}
	b, err := record.Read(z)
	if err != nil {
		return nil, fmt.Errorf("what was learned: %w", err)
	}
	return b, nil
}

// LearnedReader reads what Learned gives as it goes, nil if nothing. Another goroutine may use it, also when the transaction has ended.
func (tx *Tx) LearnedReader() (io.Reader, error) {
	z := piece.Whole(tx.bucket("learned"))
	if z == nil {
		return nil, nil
	}
	return record.NewReader(z)
}

// SetLearned stores what was learned of the outlets' boilerplate, compressed: to a third. It lies in pieces, which go anywhere: a long value that is written again and
// again needs so many free pages in a row, and the file grows where it finds none, by 60 % within a month.
func (tx *Tx) SetLearned(counts []byte) error {
	if err := tx.tx.DeleteBucket([]byte("learned")); err != nil {
		return err
	}
	if _, err := tx.tx.CreateBucket([]byte("learned")); err != nil {
		return err
	}
	return tx.AddLearned(counts)
}

// AddLearned adds to the end of what was learned.
func (tx *Tx) AddLearned(counts []byte) error {
	return piece.Extend(tx.bucket("learned"), tx.db.codec.Load().Pack(counts))
}
