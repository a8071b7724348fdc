package rule

import (
	"slices"
	"testing"
	"time"

	"copytaster"
	"copytaster/dedupe/shingle"
	"copytaster/dedupe/shingle/sample"
)

// TestIndexFindsWhatBruteForceFinds holds the recall of the candidates over all pairs that contain one another by .5 or more.
func TestIndexFindsWhatBruteForceFinds(t *testing.T) {
	var sets []shingle.Set
	for _, s := range sample.Mixed(600) {
		sets = append(sets, shingle.Shingles([]copytaster.Block{{Text: s, Kept: true}}))
	}
	r := New(72*time.Hour, nil, nil, nil)
	var x shingle.Index
	for i, s := range sets {
		x.Add(uint32(i), s)
	}
	pairs, missed, useless, all := 0, 0, 0, 0
	for i, s := range sets {
		found := x.Candidates(s, nil)
		all += len(found)
		for j := range sets[:i] {
			in := slices.ContainsFunc(found, func(c shingle.Candidate) bool {
				return c.Number == uint32(j) && int(c.Hits) >= r.LeastHits(s.Words(), sets[j].Words())
			})
			m := shingle.Compare(s, sets[j])
			if m.Most() >= 0.5 && m.Shared >= MinShared {
				pairs++
				if !in {
					missed++
				}
			} else if in && m.Most() < 0.1 {
				useless++
			}
		}
	}
	if recall := 1 - float64(missed)/float64(pairs); recall < 0.98 {
		t.Errorf("recall %.4f over %d pairs, want .98", recall, pairs)
	}
	if useless > len(sets) {
		t.Errorf("%d candidates with nothing to share, want fewer than %d", useless, len(sets))
	}
}
