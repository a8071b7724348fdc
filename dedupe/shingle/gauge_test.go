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
		}
	}
}

// TestBrief: what is kept of two sets in common gives the same figures, of the longest texts nearly.
func TestBrief(t *testing.T) {
	for _, c := range []Common{{}, {1, 2, 3, 4}, {30_000, 60_000, 65_535, 0}, {40_000, 90_000, 70_000, 12}, {1_000_000, 2_500_000, 100_000, 3_000_000}} {
		want, got := c.Match(), c.Brief().Match()
		if c.both < 1<<16 && c.onlyA < 1<<16 && got != want {
			t.Errorf("%+v: %+v, want %+v", c, got, want)
		}
		if d := max(got.ContainsA-want.ContainsA, want.ContainsA-got.ContainsA, got.Resemblance-want.Resemblance, want.Resemblance-got.Resemblance); d > 1e-4 {
			t.Errorf("%+v: %+v, want nearly %+v", c, got, want)
		}
		if got := c.Brief().Swap().Match(); got.ContainsA != c.Brief().Match().ContainsB || got.Most() != c.Brief().Most() {
			t.Errorf("%+v: swapped %+v", c, got)
		}
	}
}
