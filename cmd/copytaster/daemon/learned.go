package daemon

import (
	"sync"
	"time"

	"copytaster/cmd/copytaster/ingest"
	"copytaster/dedupe/clean"
	"copytaster/store"
)

// readAgain is after how long what was learned is read again: with every batch something is added to it, and for 100,000 articles reading takes tenths of a
// second.
const readAgain = time.Minute

// lessons keeps what was learned of the outlets as it was last read: that takes longer than showing it.
type lessons struct {
	mu      sync.Mutex // guards what follows
	read    time.Time
	learner *clean.Learner
}

// of gives a function that lists the standing lines of an outlet of the database.
func (l *lessons) of(db *store.DB, now func() time.Time) func(outlet string) ([]string, error) {
	return func(outlet string) (lines []string, err error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if at := now(); l.learner == nil || at.Sub(l.read).Abs() >= readAgain {
			if err := db.View(func(tx *store.Tx) error { l.learner = ingest.ReadLearner(tx); return nil }); err != nil {
				return nil, err
			}
			l.read = at
		}
		for _, line := range l.learner.Learned(outlet) {
			lines = append(lines, line.Text)
		}
		return lines, nil
	}
}
