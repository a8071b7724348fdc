package ingest

import (
	"runtime"
	"sync"
)

// sideBySide does n pieces of work on all cores: every worker gets its own function, with whatever memory that keeps, and calls it with its
// share of the numbers below n.
func sideBySide(n int, worker func() func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var g sync.WaitGroup
	for from := range workers {
		g.Go(func() {
			do := worker()
			for i := from; i < n; i += workers {
				do(i)
			}
		})
	}
	g.Wait()
}
