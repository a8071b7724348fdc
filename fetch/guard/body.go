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
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// read reads a body up to limit bytes as it comes; length is what the header says of it, negative if nothing.
func read(r io.Reader, length, limit int64) ([]byte, error) {
	if length < 0 {
		length = 64 << 10 // most feeds fit; doubling from 512 bytes on copied each twice
	}
	b := bytes.NewBuffer(make([]byte, 0, min(length, limit, trusted)+bytes.MinRead)) // at the end it wants so much room
	_, err := b.ReadFrom(io.LimitReader(r, limit+1))
	if err == nil && int64(b.Len()) > limit {
		err = fmt.Errorf("the body is over the limit of %d bytes (fetch.max_body)", limit)
	}
	return b.Bytes(), err
}

// trusted is how many bytes there may be room for because a header or a trailer says that so many will come.
const trusted = 256 << 10

// inflate undoes the Content-Encoding of a body, up to limit bytes. Bytes that do not begin as it says are taken as they are, for servers that
// announce a compression they leave out.
func (c Client) inflate(wire []byte, encoding string, limit int64) ([]byte, error) {
	begins := func(magic string) bool { return bytes.HasPrefix(wire, []byte(magic)) }
	switch encoding = strings.ToLower(strings.TrimSpace(encoding)); {
	case encoding == "" || encoding == "identity", (encoding == "gzip" || encoding == "x-gzip") && !begins("\x1f\x8b"), encoding == "zstd" && !begins("\x28\xb5\x2f\xfd"):
		return wire, nil
	case encoding == "br":
		return read(brotli.NewReader(bytes.NewReader(wire)), -1, limit)
	case encoding == "gzip" || encoding == "x-gzip":
		return c.gunzip(wire, limit)
	case encoding == "zstd":
		z, err := zstd.NewReader(bytes.NewReader(wire), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20)) // RFC 9659: 8 MiB
		if err != nil {
			return nil, err
		}
		defer z.Close()
		return read(z, -1, limit)
	}
	return nil, fmt.Errorf("unknown Content-Encoding %q", encoding)
}

// gunzip inflates with a spare reader, if there is one: its tables and window are 40 KB. The last four bytes say how long the result is.
func (c Client) gunzip(wire []byte, limit int64) ([]byte, error) {
	z := new(gzip.Reader)
	if c.Spare != nil {
		if old, ok := c.Spare.Get().(*gzip.Reader); ok {
			z = old
		}
		defer c.Spare.Put(z)
	}
	if err := z.Reset(bytes.NewReader(wire)); err != nil {
		return nil, err
	}
	return read(z, int64(binary.LittleEndian.Uint32(wire[len(wire)-4:])), limit)
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

// counter tells the watchdog of the bytes of a body as they come.
type counter struct {
	r io.Reader
	w *watchdog
}

// Read reads on and counts.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.w.bytes.Add(int64(n))
	return n, err
}
