package repair

import (
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Spans are hashes of the items' XML, in their order: an item whose span is known says what it said before.
func (r Result) Spans() []uint64 {
	spans := make([]uint64, len(r.Items))
	for i, it := range r.Items {
		spans[i] = xxhash.Sum64String(r.XML[it.from:it.to])
	}
	return spans
}

// Without is the feed without the items for which drop answers. What stands between them stays. Items of the result can not be dropped again.
func (r Result) Without(drop func(i int) bool) Result {
	var b strings.Builder
	b.Grow(len(r.XML))
	var items []Item
	at := 0
	for i, it := range r.Items {
		if !drop(i) {
			items = append(items, it)
			continue
		}
		b.WriteString(r.XML[at:it.from])
		at = it.to
	}
	b.WriteString(r.XML[at:])
	r.XML, r.Items = b.String(), items
	return r
}
