package main

import (
	"io"
	"runtime/debug"

	"copytaster/cmd/copytaster/lines"
)

// ample is the memory above which garbage is collected as usual all the same.
const ample = 192 << 20

// bulk is how much garbage may gather beside what lives while a pipe runs, in percent: at 400 instead of 100, 300 pages take 12 % less CPU at
// 60 MB instead of 36, 4,700 articles 14 %.
const bulk = 400

// answer is the pipe of a command that answers line for line.
func answer[In, Out any](in io.Reader, out io.Writer, f func(In) Out) error {
	defer debug.SetGCPercent(debug.SetGCPercent(bulk))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(ample))
	return lines.Answer(in, out, f)
}
