// Package record is how items and stories are written in the database: CBOR, items compressed with a dictionary. It does no I/O.
//
// An item is its id (8 bytes), then the rest of it in CBOR, compressed: long ones in a frame of zstd; short ones as an 'S', the number of the dictionary (uvarint), the
// CRC-32C of the CBOR, and a block of S2. A story is CBOR without its id.
package record

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"sync"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"copytaster"
)

// Codec writes and reads records. It is not changed once made, and may be used by several goroutines; a new dictionary makes a new codec.
//
// A dictionary is what stands before an item as if it had been written already: pieces of other items, as they are. Measured on items of 300
// outlets with summaries (2,000 bytes as JSON), articles of many outlets (6,900) and agency texts (930): 559, 3,356 and 639 bytes in zstd, 269, 2,778 and 426
// with such a dictionary of 64 KiB, 289, 2,759 and 418 with one of 32 KiB trained from 512 of them, which takes .2 to 8 s where this takes nothing.
// Short items are written in S2, which has no Huffman tables to make and no table to copy for each of them. Summaries (441 bytes) take 183 bytes and 16 µs in
// zstd, 201 bytes and 2 µs in S2; agency texts (793) 291 and 19, 355 and 2; articles (7,343) 2,656 and 70, 3,912 and 22.
// CBOR is written in 7 µs and read in 7 where JSON takes 14 and 59 (encoding/json), and is 8 % smaller in zstd; zstd's fastest level takes 30 µs, the next gains 5 % for twice that.
type Codec struct {
	newest uint32              // dictionary, 0: none
	short  map[uint32]*s2.Dict // all dictionaries
	enc    *zstd.Encoder       // with the newest one
	plain  *zstd.Encoder       // without
	dec    *zstd.Decoder       // with all
	cbor   cbor.UserBufferEncMode
	spare  *sync.Pool // of buffers for documents
}

// New makes the codec for the dictionaries by number, of which the highest is the newest.
func New(dicts map[uint32][]byte) (*Codec, error) {
	c := &Codec{short: map[uint32]*s2.Dict{}, spare: &sync.Pool{New: func() any { return new(bytes.Buffer) }}}
	opts := []zstd.EOption{zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithWindowSize(1 << 20), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true)}
	var err error
	if c.plain, err = zstd.NewWriter(nil, opts...); err != nil {
		return nil, err
	}
	if c.cbor, err = (cbor.EncOptions{Time: cbor.TimeRFC3339Nano}).UserBufferEncMode(); err != nil {
		return nil, err
	}
	c.enc = c.plain
	read := []zstd.DOption{zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(256 << 20)}
	for n, d := range dicts {
		read = append(read, zstd.WithDecoderDictRaw(n, d))
		c.short[n] = s2.MakeDict(d, nil)
		c.newest = max(c.newest, n)
	}
	if c.newest > 0 {
		if c.enc, err = zstd.NewWriter(nil, append(opts, zstd.WithEncoderDictRaw(c.newest, dicts[c.newest]))...); err != nil {
			return nil, fmt.Errorf("dictionary %d: %w", c.newest, err)
		}
	}
	c.dec, err = zstd.NewReader(nil, read...)
	return c, err
}

// Pack compresses without a dictionary.
func (c *Codec) Pack(b []byte) []byte { return c.plain.EncodeAll(b, nil) }

// NewReader reads what Pack wrote, also several one behind the other, without having it in memory whole.
func NewReader(z []byte) (io.Reader, error) {
	return zstd.NewReader(bytes.NewReader(z), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(256<<20))
}

// Read is all that NewReader reads.
func Read(z []byte) ([]byte, error) {
	r, err := NewReader(z)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// Unpack reads what stands behind the id in an item's record.
func (c *Codec) Unpack(z []byte) ([]byte, error) { return c.unpack(z, nil) }

// unpack is Unpack into the memory of to, if that is enough.
func (c *Codec) unpack(z, to []byte) ([]byte, error) {
	if len(z) > 0 && z[0] == shortTag {
		return c.unpackShort(z[1:], to)
	}
	return c.dec.DecodeAll(z, to)
}

// IsItem reports whether the bytes, which stand behind an id, begin as those of an item do. A sketch does not.
func IsItem(b []byte) bool {
	return len(b) > 0 && b[0] == shortTag || bytes.HasPrefix(b, []byte{0x28, 0xB5, 0x2F, 0xFD}) // zstd, RFC 8878 section 3.1.1
}

// Item writes the item with the id k.
func (c *Codec) Item(it copytaster.Item, k []byte) ([]byte, error) {
	it.ID = ""
	b := c.spare.Get().(*bytes.Buffer)
	defer c.spare.Put(b)
	b.Reset()
	if err := c.cbor.MarshalToBuffer(&it, b); err != nil {
		return nil, fmt.Errorf("item %x: %w", k, err)
	}
	if d := c.short[c.newest]; d != nil && b.Len() <= longest {
		return c.packShort(b, d, k), nil
	}
	return c.enc.EncodeAll(b.Bytes(), append(make([]byte, 0, 8+b.Len()/2), k...)), nil
}

// ParseItem reads what Item wrote.
func (c *Codec) ParseItem(v []byte) (it copytaster.Item, err error) {
	if len(v) < 8 {
		return it, fmt.Errorf("an item of %d bytes: cut off", len(v))
	}
	id := hex.EncodeToString(v[:8])
	b := c.spare.Get().(*bytes.Buffer)
	b.Reset()
	doc, err := c.unpack(v[8:], b.AvailableBuffer())
	if err == nil {
		err = cbor.Unmarshal(doc, &it)
	}
	c.spare.Put(bytes.NewBuffer(doc))
	if err != nil {
		return it, fmt.Errorf("item %s: %w", id, err)
	}
	it.ID = id
	return it, nil
}

// Seal writes a dictionary with its checksum behind it.
func Seal(d []byte) []byte {
	return binary.BigEndian.AppendUint32(d[:len(d):len(d)], crc32.ChecksumIEEE(d))
}

// Unseal reads what Seal wrote; false if it is damaged.
func Unseal(v []byte) (d []byte, ok bool) {
	if len(v) < 4 {
		return nil, false
	}
	d = v[:len(v)-4]
	return d, crc32.ChecksumIEEE(d) == binary.BigEndian.Uint32(v[len(d):])
}
