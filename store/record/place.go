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

// PlaceSize is the length of a place with the item's id before it.
const PlaceSize = 8 + 2 + 4 + 8

// ParsePlace reads what Entry wrote. It keeps e.
func ParsePlace(e []byte) (p Place) {
	if len(e) != PlaceSize {
		return p
	}
	p.Day, p.At = binary.BigEndian.Uint16(e[8:]), binary.BigEndian.Uint32(e[10:])
	if story := e[14:]; binary.BigEndian.Uint64(story) != 0 {
		p.Story = story
	}
	return p
}

// Entry writes the place behind the item's id k; no story is zero.
func (p Place) Entry(k []byte) []byte {
	e := binary.BigEndian.AppendUint16(append(make([]byte, 0, PlaceSize), k...), p.Day)
	e = append(binary.BigEndian.AppendUint32(e, p.At), p.Story...)
	return e[:PlaceSize]
}

// Key is the item's in the buckets of its day.
func (p Place) Key() []byte { return binary.BigEndian.AppendUint32(nil, p.At) }

// Bucket is the name of its day.
func (p Place) Bucket() []byte { return []byte(p.Time().Format(DayFormat)) }

// Time is the beginning of its day.
func (p Place) Time() time.Time { return time.Unix(int64(p.Day)*86400, 0).UTC() }

// Day is that of a time, as days since 1970-01-01.
func Day(t time.Time) uint16 { return uint16(max(0, t.Unix()/86400)) }
