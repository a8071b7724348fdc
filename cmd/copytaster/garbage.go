package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// A daemon lives long and should be small: garbage is collected when it is least percent of what lives, and while little lives not before both together are
// floor bytes. In a first poll of 1,000 feeds half of what lives and 16 MB took 143 MB and 5.8 s of CPU; 80 MB and 40 percent 121 and 5.8; 64 MB and 33 percent 106 and
// 5.9; this takes 95, and 6.3.
const (
	least = 25
	floor = 56 << 20
)

// collectGarbage sees to that, unless GOGC in the environment says otherwise, until stop.
func collectGarbage() (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	c := collector{before: debug.SetGCPercent(percent())}
	c.await()
	return c.stop
}

// collector sets after each collection when the next one is due.
type collector struct {
	before int // percent

	mu      sync.Mutex // guards what follows
	stopped bool
}

// await waits for the next collection, which finds that nobody holds mark.
func (c *collector) await() {
	mark := &struct{ self *collector }{c}
	runtime.AddCleanup(mark, (*collector).collected, c)
}

func (c *collector) collected() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped {
		debug.SetGCPercent(percent())
		c.await()
	}
}

func (c *collector) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	debug.SetGCPercent(c.before)
}

// percent is how much garbage there may be, as part of what lived at the last collection.
func percent() int {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return allowed(live[0].Value.Uint64())
}

// allowed is how many percent of garbage so many living bytes may have beside them.
func allowed(live uint64) int {
	live = max(live, 4<<20) // the runtime reckons with that as long as less lives, and at first
	if live*(100+least) >= floor*100 {
		return least
	}
	return int((floor - live) * 100 / live)
}
