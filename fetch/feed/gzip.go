package feed

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// maxRatio is how many times larger than its gzip form a body may be once it exceeds freeInflation bytes. Text rarely passes 30:1.
const (
	maxRatio      = 100
	freeInflation = 1 << 20
)

// inflate undoes gzip that no header announced (twice at most) and keeps what a cut stream still gives.
func inflate(body []byte) ([]byte, error) {
	for range 2 {
		if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
			break
		}
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		limit := min(maxBody, max(freeInflation, len(body)*maxRatio))
		out, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
		if len(out) > limit {
			return nil, fmt.Errorf("the body inflates to more than %d bytes", limit)
		}
		if len(out) == 0 && err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		body = out
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("the body has more than %d bytes", maxBody)
	}
	return body, nil
}
