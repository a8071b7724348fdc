package daemon

import (
	"bytes"
	"sync"

	"copytaster/cmd/copytaster/ingest"
	"copytaster/dedupe/clean"
	"copytaster/store"
)

// lessons keeps what was learned of the outlets as it was last stored: reading it takes longer than showing it.
type lessons struct {
	mu      sync.Mutex // guards what follows
	stored  []byte
	learner *clean.Learner
}

// of gives a function that lists the standing lines of an outlet of the database.
func (l *lessons) of(db *store.DB) func(outlet string) ([]string, error) {
	return func(outlet string) (lines []string, err error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if err := db.View(l.read); err != nil {
			return nil, err
		}
		for _, line := range l.learner.Learned(outlet) {
			lines = append(lines, line.Text)
		}
		return lines, nil
	}
}

// read brings it up to date.
func (l *lessons) read(tx *store.Tx) error {
	stored, err := tx.Learned()
	if err != nil || l.learner != nil && bytes.Equal(stored, l.stored) {
		return err
	}
	learner, err := ingest.ReadLearner(tx)
	if err != nil {
		return err
	}
	l.stored, l.learner = stored, learner
	return nil
}
