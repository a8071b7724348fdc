package rig

import (
	"bytes"
	"strings"
	"sync"
)

// Output is what a program said so far, to be looked at while it goes on.
type Output struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

// Write adds to it.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

// Count is how often the words stand in it.
func (o *Output) Count(words string) int { return strings.Count(o.String(), words) }

// String is all of it.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
