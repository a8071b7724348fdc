package dict

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

func TestDue(t *testing.T) {
	var due []uint64
	for n := range uint64(70_000) {
		if Due(n) {
			due = append(due, n)
		}
	}
	if want := []uint64{256, 4096, 65536}; !slices.Equal(due, want) {
		t.Errorf("got %v, want %v", due, want)
	}
}

// TestSample: it is made of beginnings of records spread over all, without those that cannot be read, and has its size where there are enough.
func TestSample(t *testing.T) {
	unpack := func(v []byte) ([]byte, error) {
		if v[0]%2 == 0 {
			return nil, errors.New("damaged")
		}
		return bytes.Repeat(v, 3000), nil
	}
	records := func(yield func([]byte) bool) {
		for n := range 256 {
			if !yield([]byte{byte(n)}) {
				return
			}
		}
	}
	d := Sample(256, records, unpack)
	if len(d) != size || bytes.Contains(d, []byte{2}) || bytes.Count(d, d[:1]) != part {
		t.Errorf("got %d bytes, %d of the first record", len(d), bytes.Count(d, d[:1]))
	}
	if short := Sample(4, func(yield func([]byte) bool) { yield([]byte{1}) }, unpack); len(short) != part {
		t.Errorf("of one record: got %d bytes, want %d", len(short), part)
	}
}
