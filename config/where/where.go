// Package where reads and answers one expression over a story, such as len(outlets) >= 3 and "AFP" in agencies. Pure.
package where

import (
	"fmt"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"copytaster"
)

// Expr is a checked expression. The zero Expr holds of every story.
type Expr struct {
	text    string
	program *vm.Program
}

// story is what an expression may name.
type story struct {
	Title     string    `expr:"title"`     // of the lead
	Titles    []string  `expr:"titles"`    // of all items
	Outlet    string    `expr:"outlet"`    // of the lead
	Outlets   []string  `expr:"outlets"`   // each once, the lead's first
	Agencies  []string  `expr:"agencies"`  // whose text it is or holds
	Tags      []string  `expr:"tags"`      // of the feeds that carry it
	Languages []string  `expr:"languages"` // as the feeds say, in lower case
	Items     int       `expr:"items"`     // how many items it has
	Published time.Time `expr:"published"` // when it was first shown
	Hours     float64   `expr:"hours"`     // from the first item to the last
}

// maxNodes bounds an expression: it is asked of every story.
const maxNodes = 1000

// Parse checks an expression. It must be true or false, and name only what there is; the error says where it goes wrong.
func Parse(text string) (Expr, error) {
	if strings.TrimSpace(text) == "" {
		return Expr{}, nil
	}
	p, err := expr.Compile(text, expr.Env(story{}), expr.AsBool(), expr.MaxNodes(maxNodes), expr.DisableBuiltin("now"))
	if err != nil {
		return Expr{}, fmt.Errorf("%s", strings.Join(strings.Fields(err.Error()), " "))
	}
	return Expr{text, p}, nil
}

// String is the expression as it was written.
func (e Expr) String() string { return e.text }

// MarshalText is the expression as it was written.
func (e Expr) MarshalText() ([]byte, error) { return []byte(e.text), nil }

// Holds answers for a story whose lead is its first item. What cannot be answered, such as the third outlet of two, does not hold.
func (e Expr) Holds(s copytaster.Story) bool {
	if e.program == nil {
		return true
	}
	out, err := expr.Run(e.program, seen(s))
	yes, ok := out.(bool)
	return err == nil && ok && yes
}

// seen is the story as an expression sees it.
func seen(s copytaster.Story) story {
	v := story{Outlets: s.Outlets(), Agencies: s.Agencies(), Items: len(s.Items), Published: s.Published}
	var first, last time.Time
	for i, it := range s.Items {
		if i == 0 {
			v.Title, v.Outlet, first, last = it.Title, it.Outlet, it.Time(), it.Time()
		}
		v.Titles = append(v.Titles, it.Title)
		v.Tags = append(v.Tags, it.Tags...)
		v.Languages = append(v.Languages, strings.ToLower(it.Language))
		if it.Time().Before(first) {
			first = it.Time()
		}
		if it.Time().After(last) {
			last = it.Time()
		}
	}
	v.Hours = last.Sub(first).Hours()
	return v
}
