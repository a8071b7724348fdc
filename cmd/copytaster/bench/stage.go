package bench

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// stages names what a function of a package does, the first that fits.
var stages = [...]struct{ prefix, stage string }{
	{"copytaster/cmd/copytaster/bench.", "the outlets themselves"},
	{"copytaster/fetch/feed", "reading feeds"},
	{"copytaster/fetch/page", "cutting texts"},
	{"copytaster/fetch", "asking"},
	{"copytaster/dedupe/clean", "cleaning"},
	{"copytaster/dedupe", "folding"},
	{"copytaster/store", "storing"},
	{"copytaster/export", "exporting"},
	{"copytaster/cmd/copytaster/edition", "exporting"},
	{"copytaster/", "the rest of the program"},
	{"runtime.gcBgMarkWorker", "collecting garbage"},
	{"runtime.bgsweep", "collecting garbage"},
	{"net/http.(*conn).serve", "the outlets themselves"},
	{"net/http.", "asking"},
}

// share is the CPU time of a stage.
type share struct {
	stage   string
	seconds float64
}

// shares adds a CPU profile up by stage, the largest first. A sample belongs to the innermost function that a stage claims.
func shares(data []byte) (list []share, total float64, err error) {
	p, err := profile.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, 0, err
	}
	sum := map[string]float64{}
	for _, s := range p.Sample {
		seconds := float64(s.Value[1]) / 1e9
		sum[stageOf(s)] += seconds
		total += seconds
	}
	for stage, seconds := range sum {
		list = append(list, share{stage, seconds})
	}
	slices.SortFunc(list, func(a, b share) int {
		return cmp.Or(cmp.Compare(b.seconds, a.seconds), strings.Compare(a.stage, b.stage))
	})
	return list, total, nil
}

func stageOf(s *profile.Sample) string {
	for _, l := range s.Location {
		for _, line := range l.Line {
			for _, g := range stages {
				if line.Function != nil && strings.HasPrefix(line.Function.Name, g.prefix) {
					return g.stage
				}
			}
		}
	}
	return "the rest of the program"
}
