package config

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Mistake is one wrong place of a configuration.
type Mistake struct {
	Line int    // counted from 1
	Path string // of the key, such as feeds[3].url, lists counted from 0; empty for the file as a whole
	Text string // what is wrong and what would be right
}

// Errors holds every mistake of one configuration, by line, then path.
type Errors struct {
	File     string // empty if the configuration came from no file
	Mistakes []Mistake
}

// Error gives one mistake a line: FILE:LINE: PATH: what is wrong.
func (e *Errors) Error() string {
	lines := make([]string, len(e.Mistakes))
	for i, m := range e.Mistakes {
		place := fmt.Sprintf("line %d: ", m.Line)
		if e.File != "" {
			place = fmt.Sprintf("%s:%d: ", e.File, m.Line)
		}
		if m.Path != "" {
			place += m.Path + ": "
		}
		lines[i] = place + m.Text
	}
	return strings.Join(lines, "\n")
}

// oneLine keeps a mistake, which may quote the file, on its line.
var oneLine = strings.NewReplacer("\n", `\n`, "\r", `\r`)

// fail notes a mistake at the path, unless one is there or above already: the second would be its consequence.
func (d *document) fail(path, format string, args ...any) {
	for p := range upwards(path) {
		if d.wrong[p] {
			return
		}
	}
	d.wrong[path] = true
	d.mistakes = append(d.mistakes, Mistake{d.line(path), path, oneLine.Replace(fmt.Sprintf(format, args...))})
}

// line is where the path stands, or else the nearest path above it that stands somewhere.
func (d *document) line(path string) int {
	for p := range upwards(path) {
		if n := d.lines[p]; n > 0 {
			return n
		}
	}
	return 1
}

// upwards gives the path and those above it, up to the empty one: feeds[3].url, feeds[3], feeds, "".
func upwards(path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for yield(path) && path != "" {
			path = path[:max(0, strings.LastIndexAny(path, ".["))]
		}
	}
}

// errors gives the mistakes by line, then path.
func (d *document) errors() *Errors {
	slices.SortFunc(d.mistakes, func(a, b Mistake) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Path, b.Path)) })
	return &Errors{Mistakes: d.mistakes}
}
