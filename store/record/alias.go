package record

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"
)

// Alias says that a story was taken over by another.
type Alias struct {
	Old       string    `json:"old"`
	Present   string    `json:"present"`
	Published time.Time `json:"published"` // the old one; UTC
}

// aliasSize is the length of a written alias: an id and a time.
const aliasSize = 16

// Bytes writes the alias: the key under which it lies, and the rest.
func (a Alias) Bytes() (k, v []byte, err error) {
	k, errOld := Key(a.Old)
	v, errPresent := Key(a.Present)
	return k, binary.BigEndian.AppendUint64(v, uint64(a.Published.Unix())), errors.Join(errOld, errPresent)
}

// ParseAlias reads what Bytes wrote; false if it is damaged.
func ParseAlias(k, v []byte) (Alias, bool) {
	if len(v) != aliasSize {
		return Alias{}, false
	}
	return Alias{hex.EncodeToString(k), hex.EncodeToString(v[:8]), time.Unix(int64(binary.BigEndian.Uint64(v[8:])), 0).UTC()}, true
}

// RecentKey is that of a story in the list by time.
func RecentKey(published time.Time, story []byte) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(max(0, published.Unix()))), story...)
}
