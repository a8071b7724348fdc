package guard

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// inflate reads a body up to max bytes, inflated. Bytes that do not begin as their Content-Encoding says are taken as they are, for
// servers that announce a compression they leave out.
func inflate(r io.Reader, encoding string, max int64) ([]byte, error) {
	b := bufio.NewReader(r)
	plain, err := decoder(b, strings.ToLower(strings.TrimSpace(encoding)))
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	var out bytes.Buffer
	out.Grow(64 << 10) // most feeds fit; doubling from 512 bytes on copied each twice
	n, err := io.Copy(&out, io.LimitReader(plain, max+1))
	if err != nil {
		return nil, err
	}
	if n > max {
		return nil, fmt.Errorf("the body is over the limit of %d bytes (fetch.max_body)", max)
	}
	return out.Bytes(), nil
}

// decoder undoes the Content-Encoding.
func decoder(b *bufio.Reader, encoding string) (io.ReadCloser, error) {
	begins := func(magic string) bool {
		head, _ := b.Peek(len(magic))
		return string(head) == magic
	}
	switch {
	case encoding == "" || encoding == "identity":
		return io.NopCloser(b), nil
	case encoding == "br":
		return io.NopCloser(brotli.NewReader(b)), nil
	case encoding == "gzip" || encoding == "x-gzip":
		if !begins("\x1f\x8b") {
			return io.NopCloser(b), nil
		}
		return gzip.NewReader(b)
	case encoding == "zstd":
		if !begins("\x28\xb5\x2f\xfd") {
			return io.NopCloser(b), nil
		}
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20)) // RFC 9659: 8 MiB
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
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
