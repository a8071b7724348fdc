// Package record is how items and stories are written in the database: CBOR, items in zstd with a dictionary. It does no I/O.
//
// An item is its id (8 bytes), then the rest of it in CBOR, compressed. A story is CBOR without its id.
package record

import (
	"encoding/hex"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"

	"copytaster"
)

// Codec writes and reads records. It is not changed once made, and may be used by several goroutines; a new dictionary makes a new codec.
//
// Measured on 8,000 items of 300 feeds with summaries (1,990 bytes as JSON; 2 busy cores): JSON in zstd 764 bytes, CBOR in zstd 703, CBOR
// with a dictionary of 32 KiB 364, of 64 KiB 362. CBOR is written in 7 µs and read in 7 where JSON takes 14 and 59; zstd takes 30 µs and 8 at
// its fastest level, whose next gains 5 % for twice the time.
type Codec struct {
	enc   *zstd.Encoder // with the newest dictionary
	plain *zstd.Encoder // without
	dec   *zstd.Decoder // with all
	cbor  cbor.EncMode
}

// New makes the codec for the dictionaries, oldest first.
func New(dicts [][]byte) (*Codec, error) {
	c := new(Codec)
	opts := []zstd.EOption{zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1 << 20), zstd.WithEncoderLevel(zstd.SpeedFastest)}
	var err error
	if c.plain, err = zstd.NewWriter(nil, opts...); err != nil {
		return nil, err
	}
	if c.cbor, err = (cbor.EncOptions{Time: cbor.TimeRFC3339Nano}).EncMode(); err != nil {
		return nil, err
	}
	c.enc = c.plain
	if n := len(dicts); n > 0 {
		if c.enc, err = zstd.NewWriter(nil, append(opts, zstd.WithEncoderDict(dicts[n-1]))...); err != nil {
			return nil, fmt.Errorf("dictionary %d: %w", n, err)
		}
	}
	c.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(256<<20), zstd.WithDecoderDicts(dicts...))
	return c, err
}

// Pack compresses without a dictionary.
func (c *Codec) Pack(b []byte) []byte { return c.plain.EncodeAll(b, nil) }

// Unpack reads what Pack wrote, and what stands behind the id in an item's record.
func (c *Codec) Unpack(z []byte) ([]byte, error) { return c.dec.DecodeAll(z, nil) }

// Item writes the item with the id k.
func (c *Codec) Item(it copytaster.Item, k []byte) ([]byte, error) {
	it.ID = ""
	doc, err := c.cbor.Marshal(it)
	if err != nil {
		return nil, fmt.Errorf("item %x: %w", k, err)
	}
	return c.enc.EncodeAll(doc, append(make([]byte, 0, 8+len(doc)/2), k...)), nil
}

// ParseItem reads what Item wrote.
func (c *Codec) ParseItem(v []byte) (it copytaster.Item, err error) {
	if len(v) < 8 {
		return it, fmt.Errorf("an item of %d bytes: cut off", len(v))
	}
	id := hex.EncodeToString(v[:8])
	doc, err := c.Unpack(v[8:])
	if err == nil {
		err = cbor.Unmarshal(doc, &it)
	}
	if err != nil {
		return it, fmt.Errorf("item %s: %w", id, err)
	}
	it.ID = id
	return it, nil
}
