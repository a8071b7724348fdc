package arena

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestTexts: rows come back as they were put, long ones and those with empty strings too.
func TestTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var texts Texts
	var rows [][]string
	var at []uint32
	for i := range 5000 {
		size := r.IntN(200)
		if i%1000 == 0 {
			size = 3 * chunk
		}
		row := []string{fmt.Sprint(i), strings.Repeat("x", size), "", fmt.Sprint(-i)}[:1+r.IntN(4)]
		rows, at = append(rows, row), append(at, texts.Put(row...))
	}
	for i, row := range rows {
		for j, want := range row {
			if got := texts.At(at[i], j); got != want {
				t.Fatalf("string %d of row %d is %.20q, want %.20q", j, i, got, want)
			}
		}
	}
	for i, row := range rows {
		if texts.Sparse() != (i > 0 && texts.dropped > texts.size/2) {
			t.Fatalf("after %d rows of %d were dropped: sparse %v", i, len(rows), texts.Sparse())
		}
		texts.Drop(at[i], len(row))
	}
	if texts.dropped != texts.size {
		t.Errorf("%d bytes dropped of %d", texts.dropped, texts.size)
	}
}

// TestTable holds it against a map, with few hashes so that many have several numbers.
func TestTable(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	var table Table
	want := map[uint64][]uint32{}
	hash := func() uint64 { return uint64(r.IntN(300)) << 55 }
	for i := range uint32(20000) {
		h := hash()
		if have := want[h]; len(have) > 0 && r.IntN(3) > 0 {
			table.Delete(h, have[0])
			want[h] = have[1:]
		} else {
			table.Put(h, i)
			want[h] = append(have, i)
		}
		h = hash()
		table.Delete(h, 1<<30) // was never put
		if got := slices.Sorted(table.Of(h)); !slices.Equal(got, want[h]) {
			t.Fatalf("step %d: %v, want %v", i, got, want[h])
		}
	}
	for h, numbers := range want {
		for _, n := range numbers {
			table.Delete(h, n)
		}
	}
	if table.Len() != 0 || slices.ContainsFunc(table.slots, func(s uint64) bool { return s != 0 }) {
		t.Errorf("%d left", table.Len())
	}
}
