package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistake is one wrong place of a configuration.
type Mistake struct {
	Line int    // counted from 1
	Path string // of the key, such as feeds[3].url, lists counted from 0; empty for the file as a whole
	Text string // what is wrong and what would be right
}

// Errors holds every mistake of one configuration, by line.
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

// fail notes a mistake at the path, unless one is there or above already: the second would be its consequence.
func (d *document) fail(path, format string, args ...any) {
	if slices.ContainsFunc(d.mistakes, func(m Mistake) bool { return covers(m.Path, path) }) {
		return
	}
	d.mistakes = append(d.mistakes, Mistake{d.line(path), path, fmt.Sprintf(format, args...)})
}

// covers reports whether the path is that of above or lies within it.
func covers(above, path string) bool {
	rest, ok := strings.CutPrefix(path, above)
	return ok && (above == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// line is where the path stands, or else the nearest path above it that stands somewhere.
func (d *document) line(path string) int {
	for {
		if n := d.lines[path]; n > 0 {
			return n
		}
		if path == "" {
			return 1
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

// errors gives the mistakes by line.
func (d *document) errors() *Errors {
	slices.SortStableFunc(d.mistakes, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	return &Errors{Mistakes: d.mistakes}
}
