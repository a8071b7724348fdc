// Package table prints what the commands show to people: lines until the first error, columns that hold wide characters, shortened
// texts, times to the minute, and how far long work is.
package table

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/text/width"
)

// Table prints until the first error, which it keeps.
type Table struct {
	Out io.Writer
	Err error
}

// Printf prints unless something went wrong before.
func (t *Table) Printf(format string, args ...any) {
	if t.Err == nil {
		_, t.Err = fmt.Fprintf(t.Out, format, args...)
	}
}

// Shorten cuts the text to n runes, the last of them an ellipsis.
func Shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// Percent is a part of 1 as a whole number of hundredths.
func Percent(part float64) int { return int(part*100 + 0.5) }

// Pad fills the text up to n columns, counting wide characters as two.
func Pad(s string, n int) string {
	columns := 0
	for _, r := range s {
		columns++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			columns++
		}
	}
	return s + strings.Repeat(" ", max(0, n-columns))
}

// Minute is a time as a table shows it, "-" for none.
func Minute(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// IsTerminal reports whether the writer is a terminal.
func IsTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Progress shows how far long work is, counted in units: a bar on a terminal, a line every tenth otherwise.
func Progress(out io.Writer, what, units string) func(done, total int) {
	terminal := IsTerminal(out)
	last := -1
	return func(done, total int) {
		tenth := done * 10 / max(total, 1)
		switch {
		case terminal:
			fmt.Fprintf(out, "\r%s [%-20s] %d of %d %s", what, strings.Repeat("#", done*20/max(total, 1)), done, total, units)
			if done == total {
				fmt.Fprintln(out)
			}
		case tenth > last:
			fmt.Fprintf(out, "%s: %d of %d %s\n", what, done, total, units)
		}
		last = tenth
	}
}
