package record

import (
	"encoding/binary"
	"time"
)

// DayFormat is how a day is written as a name.
const DayFormat = "2006-01-02"

// Place is where an item lies, and in which story.
type Place struct {
	Day   uint16 // days since 1970-01-01
	At    uint32 // its key in the buckets of the day
	Story []byte // story id, nil while the item is in none
}

// placeSize is the length of a place without a story.
const placeSize = 6

// ParsePlace reads what Bytes wrote. It keeps v.
func ParsePlace(v []byte) Place {
	if len(v) < placeSize {
		return Place{}
	}
	return Place{Day: binary.BigEndian.Uint16(v), At: binary.BigEndian.Uint32(v[2:]), Story: v[placeSize:]}
}

// Bytes writes the place.
func (p Place) Bytes() []byte {
	b := binary.BigEndian.AppendUint16(make([]byte, 0, placeSize+8), p.Day)
	return append(binary.BigEndian.AppendUint32(b, p.At), p.Story...)
}

// Key is the item's in the buckets of its day.
func (p Place) Key() []byte { return binary.BigEndian.AppendUint32(nil, p.At) }

// Bucket is the name of its day.
func (p Place) Bucket() []byte { return []byte(p.Time().Format(DayFormat)) }

// Time is the beginning of its day.
func (p Place) Time() time.Time { return time.Unix(int64(p.Day)*86400, 0).UTC() }

// Day is that of a time, as days since 1970-01-01.
func Day(t time.Time) uint16 { return uint16(max(0, t.Unix()/86400)) }
