package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// TestAllowed: what lives and the garbage together are never less than floor before the next collection, nor the garbage less than its least part.
func TestAllowed(t *testing.T) {
	for live := uint64(0); live < 4*floor; live += 1 << 18 {
		percent, counted := uint64(allowed(live)), max(live, 4<<20) // as the runtime counts
		if total := counted + counted*percent/100; total < floor-floor/50 || percent < least || percent > least && total > floor {
			t.Errorf("%d bytes live: got %d %% of garbage", live, percent)
		}
	}
}

// TestCollectGarbage: after collections the next one is due where allowed says, and stop gives back what was set before.
func TestCollectGarbage(t *testing.T) {
	t.Setenv("GOGC", "")
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	stop := collectGarbage()
	kept := make([]byte, 2*floor)
	defer runtime.KeepAlive(kept)
	goal := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	for goal[0].Value.Kind() == metrics.KindBad || goal[0].Value.Uint64() != least {
		runtime.GC()
		runtime.Gosched() // what is set after a collection is set beside it
		metrics.Read(goal)
	}
	stop()
	if now := debug.SetGCPercent(100); now != 100 {
		t.Errorf("after stop: got %d %%, want the 100 of before", now)
	}
}
