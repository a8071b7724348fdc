package shingle

import "testing"

// TestGauge: it measures as Measure does, whatever it held before.
func TestGauge(t *testing.T) {
	sets := append(mixed(200), Set{}, Shingles(text("“Four words and more,” he said, and “four words and more” again.")))
	var g Gauge
	for i := range sets {
		a := sets[(7*i)%len(sets)]
		g.Hold(a)
		for j, b := range sets {
			want := Measure(a, b)
			if got := g.Measure(b); got != want {
				t.Fatalf("%d and %d: %+v, want %+v", i, j, got, want)
			}
			got, near := g.Near(b, 0.3)
			if near && got != want {
				t.Fatalf("%d and %d: %+v, want %+v", i, j, got, want)
			}
			if !near && want.Match().Most() > 0.6 {
				t.Errorf("%d and %d are not near: %+v", i, j, want.Match())
			}
		}
	}
}
