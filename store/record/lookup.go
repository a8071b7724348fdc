package record

import (
	"crypto/sha256"
	"sync"

	"copytaster"
)

// head is the first 64 bits of the SHA-256 of the parts, each ended by a zero byte.
func head(parts ...string) []byte {
	b := joined.Get().(*[]byte)
	defer joined.Put(b)
	*b = (*b)[:0]
	for _, p := range parts {
		*b = append(append(*b, p...), 0)
	}
	sum := sha256.Sum256(*b)
	return sum[:8:8]
}

// joined has buffers for parts: those of an item's content are its whole text.
var joined = sync.Pool{New: func() any { return new([]byte) }}

// Lookups are the keys, without the item id, by which an item is found besides its guid: its content and its address.
func Lookups(it copytaster.Item) [][]byte {
	keys := [][]byte{ContentKey(it)}
	if it.URL != "" {
		keys = append(keys, URLKey(it.URL))
	}
	return keys
}

// ContentKey is that of the feed's items with the same title and blocks.
func ContentKey(it copytaster.Item) []byte {
	parts := []string{"content", it.Feed, it.Title}
	for _, b := range it.Blocks {
		parts = append(parts, b.Text)
	}
	return head(parts...)
}

// URLKey is that of the items with a canonical address.
func URLKey(url string) []byte { return head("url", url) }

// GUIDKey is that of the feed's item with a guid.
func GUIDKey(feed, guid string) []byte { return head(feed, guid) }
