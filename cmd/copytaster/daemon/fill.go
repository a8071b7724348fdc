package daemon

import (
	"sync"

	"copytaster/fetch"
)

// fill is the first poll of all feeds, which whoever started the program waits for. A nil one counts nothing.
type fill struct {
	total int

	mu   sync.Mutex // guards what follows: polls deliver in parallel
	show func(done, total int)
	done int
}

// startFill is nil where feeds were polled before, or nobody looks.
func (d *Daemon) startFill(known int) *fill {
	if known > 0 || d.FirstFill == nil {
		return nil
	}
	f := &fill{show: d.FirstFill}
	for _, feed := range d.config().Feeds {
		if !feed.Disabled {
			f.total++
		}
	}
	return f
}

// count counts a poll.
func (f *fill) count(v fetch.Delivery) {
	if f == nil || v.Outcome == fetch.Held || v.Outcome == fetch.Verified || v.Outcome == fetch.Pushed {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done < f.total {
		f.done++
		f.show(f.done, f.total)
	}
}

// shown reports whether it is under way.
func (f *fill) shown() bool {
	if f == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.done < f.total
}
