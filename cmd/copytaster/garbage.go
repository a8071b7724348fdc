package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// A daemon lives long and a poll without news is short: garbage is collected when it is half of what lives, not as much, and while little lives not
// before floor bytes have gathered. For 1,000 feeds a first poll takes 180 MB instead of 216 for hardly more CPU, a poll without news a tenth less CPU.
const (
	half  = 50       // percent of what lives
	floor = 16 << 20 // bytes
)

// collectGarbage sets that up, unless GOGC in the environment says otherwise, until stop.
func collectGarbage() (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(half)
	ballast := make([]byte, floor*100/half) // counts as living, but is never touched and so takes no memory
	return func() {
		debug.SetGCPercent(before)
		runtime.KeepAlive(ballast)
	}
}
