package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/s2"
)

const (
	shortTag = 'S'     // begins what is written in S2
	longest  = 2 << 10 // bytes of a document that is
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// packShort writes the document in b, which it uses, behind the id k.
func (c *Codec) packShort(b *bytes.Buffer, d *s2.Dict, k []byte) []byte {
	b.Grow(s2.MaxEncodedLen(b.Len()))
	doc := b.Bytes()
	z := d.Encode(b.AvailableBuffer()[:s2.MaxEncodedLen(len(doc))], doc)
	out := append(make([]byte, 0, len(k)+1+binary.MaxVarintLen32+crc32.Size+len(z)), k...)
	out = binary.AppendUvarint(append(out, shortTag), uint64(c.newest))
	out = binary.BigEndian.AppendUint32(out, crc32.Checksum(doc, castagnoli))
	return append(out, z...)
}

// unpackShort reads what stands behind the tag.
func (c *Codec) unpackShort(z, to []byte) ([]byte, error) {
	number, n := binary.Uvarint(z)
	if n <= 0 || len(z) < n+crc32.Size {
		return nil, errors.New("cut off")
	}
	d := c.short[uint32(number)]
	if d == nil || number>>32 != 0 {
		return nil, fmt.Errorf("dictionary %d is missing", number)
	}
	sum, z := binary.BigEndian.Uint32(z[n:]), z[n+crc32.Size:]
	if size, err := s2.DecodedLen(z); err != nil || size > longest {
		return nil, errors.New("damaged: its length is wrong")
	}
	doc, err := d.Decode(to[:cap(to)], z)
	if err != nil {
		return nil, fmt.Errorf("damaged: %w", err)
	}
	if crc32.Checksum(doc, castagnoli) != sum {
		return nil, errors.New("damaged: its checksum is wrong")
	}
	return doc, nil
}
