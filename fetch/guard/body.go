package guard

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// read reads a body up to limit bytes as it comes; length is what the header says of it, negative if nothing.
func (c Client) read(r io.Reader, length, limit int64) (*bytes.Buffer, error) {
	if length < 0 {
		length = 64 << 10 // most feeds fit; doubling from 512 bytes on copied each twice
	}
	b := c.Spare.buffer()
	b.Grow(int(min(length, limit, trusted)) + bytes.MinRead) // at the end it wants so much room
	_, err := b.ReadFrom(io.LimitReader(r, limit+1))
	if err == nil && int64(b.Len()) > limit {
		err = fmt.Errorf("the body is over the limit of %d bytes (fetch.max_body)", limit)
	}
	if err != nil {
		c.Spare.give(b)
		return nil, err
	}
	return b, nil
}

// trusted is how many bytes there may be room for because a header or a trailer says that so many will come.
const trusted = 256 << 10

// small is how many bytes of a body are read before it is inflated. Of a longer one no more is read than is wanted: what blows up is cut off.
const small = 32 << 10

// inflate undoes the Content-Encoding of a body, up to limit bytes: of head, which it gives away or gives back as the body, and of what comes behind it; rest is nil where
// head is all. Bytes that do not begin as the encoding says are taken as they are, for servers that announce a compression they leave out.
func (c Client) inflate(head *bytes.Buffer, rest io.Reader, encoding string, limit int64) (*bytes.Buffer, error) {
	begins := func(magic string) bool { return bytes.HasPrefix(head.Bytes(), []byte(magic)) }
	encoding = strings.ToLower(strings.TrimSpace(encoding))
	plain := encoding == "" || encoding == "identity" || (encoding == "gzip" || encoding == "x-gzip") && !begins("\x1f\x8b") || encoding == "zstd" && !begins("\x28\xb5\x2f\xfd")
	if plain && rest == nil && int64(head.Len()) <= limit {
		return head, nil
	}
	defer c.Spare.give(head)
	var wire io.Reader = bytes.NewReader(head.Bytes())
	length := int64(-1)
	if rest != nil {
		wire = io.MultiReader(wire, rest)
	} else if n := head.Len(); n >= 4 {
		length = int64(binary.LittleEndian.Uint32(head.Bytes()[n-4:])) // gzip says at its end how long the result is
	}
	switch {
	case plain:
		return c.read(wire, -1, limit)
	case encoding == "br":
		return c.read(brotli.NewReader(wire), -1, limit)
	case encoding == "gzip" || encoding == "x-gzip":
		z := c.Spare.gunzip()
		defer c.Spare.giveReader(z)
		if err := z.Reset(wire); err != nil {
			return nil, err
		}
		return c.read(z, length, limit)
	case encoding == "zstd":
		z, err := zstd.NewReader(wire, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20)) // RFC 9659: 8 MiB
		if err != nil {
			return nil, err
		}
		defer z.Close()
		return c.read(z, -1, limit)
	}
	return nil, fmt.Errorf("unknown Content-Encoding %q", encoding)
}

// watchdog ends a request whose header or body comes too slowly. It runs on a timer alone and costs no goroutine.
type watchdog struct {
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	reading atomic.Bool  // the header is there
	bytes   atomic.Int64 // of the body, since the window began
}

// watch starts with the header's limit; the context ends with the reason as its cause.
func watch(parent context.Context) (*watchdog, context.Context) {
	ctx, cancel := context.WithCancelCause(parent)
	w := &watchdog{cancel: cancel}
	w.timer = time.AfterFunc(headerLimit, w.look)
	return w, ctx
}

// body goes over from the header's limit to the pace of the body.
func (w *watchdog) body() {
	w.reading.Store(true)
	w.timer.Reset(slowWindow)
}

func (w *watchdog) look() {
	switch {
	case !w.reading.Load():
		w.cancel(fmt.Errorf("no answer within %v", headerLimit))
	case w.bytes.Swap(0) < slowBytes:
		w.cancel(fmt.Errorf("the body comes too slowly, below %d bytes in %v", slowBytes, slowWindow))
	default:
		w.timer.Reset(slowWindow)
	}
}

func (w *watchdog) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// counter counts the bytes of a body as they come.
type counter struct {
	r io.Reader
	w *watchdog
	n int64
}

// Read reads on and counts.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.w.bytes.Add(int64(n))
	return n, err
}
