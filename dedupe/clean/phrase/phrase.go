// Package phrase matches whole lines of text against patterns, both in a form in which case, numbers and marks do not matter. It knows
// no language and holds no patterns itself.
package phrase

import (
	"strings"
	"unicode/utf8"
)

// A Pattern describes a whole line in its normal form (see Normal). It is written as that form with
//
//	(a|b|)  one of the alternatives, which may be empty, and may hold patterns in turn
//	*       any text, on a line of at most 120 runes
//	**      any text, on a line of at most 700 runes
//	!  ?    at the end of an alternative: the line must end in this mark
//	:       the line's first colon or bar stands here
//
// Everything else must stand there as it is; marks other than these are overlooked. A 0 is a number. Where an alternative is empty or a
// star stands for nothing, two spaces count as one, and one at either end as none.
type Pattern struct {
	limit int // runes that the line may have
	first *node
}

// node is one step of a pattern: a literal, a star, a mark, a choice, or the end.
type node struct {
	sort    byte   // l, *, !, ?, :, | or 0 for the end
	literal string // of l
	next    *node
	choice  []*node // of |: each leads on to what follows the group
}

// The limits of a line.
const (
	Short = 120 // runes of a line on which * may stand; hardly a paragraph of a story is as short
	Long  = 700 // runes of a line on which ** may stand
)

// Compile reads a pattern. Every text is one; a bracket that is never closed ends with the text.
func Compile(source string) Pattern {
	p := Pattern{limit: Short}
	if strings.Contains(source, "**") {
		p.limit = Long
		source = strings.ReplaceAll(source, "**", "*")
	}
	p.first = parse(source, &node{})
	return p
}

// Holding is the pattern of lines of at most Long runes that hold a text in its normal form, where spaces at its ends begin and end words.
func Holding(text string) Pattern {
	steps := [...]node{{sort: '*'}, {sort: 'l', literal: text}, {sort: '*'}, {}}
	for i := range steps[1:] {
		steps[i].next = &steps[i+1]
	}
	return Pattern{Long, &steps[0]}
}

// parse builds the steps of the source, which lead on to then.
func parse(source string, then *node) *node {
	i := strings.IndexAny(source, "(*!?:")
	if i < 0 {
		return literal(source, then)
	}
	if source[i] != '(' {
		return literal(source[:i], &node{sort: source[i], next: parse(source[i+1:], then)})
	}
	end := i + closing(source[i:])
	after := parse(source[min(end+1, len(source)):], then)
	list := alternatives(source[i+1 : end])
	group := &node{sort: '|', choice: make([]*node, len(list))}
	for k, a := range list {
		group.choice[k] = parse(a, after)
	}
	return literal(source[:i], group)
}

// unmarked drops marks that the normal form does not have.
var unmarked = strings.NewReplacer(".", "", ",", "", "-", "", "'", "")

// literal is the step of plain text, without marks that the normal form does not have; none for empty text.
func literal(text string, then *node) *node {
	text = unmarked.Replace(text)
	if text == "" {
		return then
	}
	return &node{sort: 'l', literal: text, next: then}
}

// closing is where the bracket that begins the text closes; its length if nowhere.
func closing(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// alternatives cuts a group at the bars that stand in no inner group.
func alternatives(s string) []string {
	list, depth, from := make([]string, 0, 1+strings.Count(s, "|")), 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '|':
			if depth == 0 {
				list, from = append(list, s[from:i]), i+1
			}
		}
	}
	return append(list, s[from:])
}

// Match reports whether the line is what the pattern describes.
func (p Pattern) Match(l Line) bool {
	if l.Runes > p.limit {
		return false
	}
	start := 1
	if p.first.sort == '*' {
		start = 0
	}
	return p.first.match(&l, start)
}

// match reports whether the padded text from byte i on is what the step and those after it describe.
func (n *node) match(l *Line, i int) bool {
	switch n.sort {
	case 'l':
		end, ok := n.here(l.padded, i)
		return ok && n.next.match(l, end)
	case '*':
		if i > 0 && l.padded[i-1] == ' ' {
			i-- // the star may stand for nothing, and its two spaces count as one
		}
		return n.next.search(l, i)
	case '!', '?':
		return l.Mark == n.sort && n.next.match(l, i)
	case ':':
		return l.Colon == i && n.next.match(l, i)
	case '|':
		for _, c := range n.choice {
			if c.match(l, i) {
				return true
			}
		}
		return false
	}
	return i >= len(l.padded)-1
}

// here reports whether the literal stands at byte i, and where it ends. A space of it that was passed already needs not stand there again.
func (n *node) here(s string, i int) (int, bool) {
	want := n.literal
	if want[0] == ' ' && i > 0 && s[i-1] == ' ' {
		want = want[1:]
	}
	return i + len(want), strings.HasPrefix(s[i:], want)
}

// search reports whether the step matches at byte i or anywhere behind it.
func (n *node) search(l *Line, i int) bool {
	switch n.sort {
	case 'l':
		for {
			at := strings.Index(l.padded[i:], n.literal)
			if at < 0 {
				return false
			}
			if i += at; n.next.match(l, i+len(n.literal)) {
				return true
			}
			_, size := utf8.DecodeRuneInString(l.padded[i:])
			i += size
		}
	case '|':
		for _, c := range n.choice {
			if c.search(l, i) {
				return true
			}
		}
		return false
	case '!', '?':
		return l.Mark == n.sort && n.next.search(l, i)
	case ':':
		return l.Colon >= i && n.next.match(l, l.Colon)
	case '*':
		return n.next.search(l, i)
	}
	return true
}
