package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A pattern describes a whole line in its normal form (see normal). It is written as that form with
//
//	(a|b|)  one of the alternatives, of which one may be empty
//	*       any text, on a line of at most 120 runes
//	**      any text, on a line of at most 700 runes
//	!  ?    at the end: the line must end in this mark
//
// Everything else must stand there as it is. A 0 is a number.
type pattern struct {
	kind   string
	pieces []string // the literal text between the stars
	mark   byte     // the mark that the line must end in, 0 for any
	limit  int      // runes that the line may have
}

const (
	shortLine = 120 // no cut paragraph of the reference texts may be longer
	longLine  = 700
)

// compile writes a pattern's alternatives out, at most some dozens.
func compile(kind, source string) (list []pattern) {
	for _, s := range expand(source) {
		p := pattern{kind: kind, limit: shortLine}
		if strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") {
			p.mark = s[len(s)-1]
			s = s[:len(s)-1]
		}
		if strings.Contains(s, "**") {
			p.limit = longLine
			s = strings.ReplaceAll(s, "**", "*")
		}
		p.pieces = strings.Split(tidy(s), "*")
		list = append(list, p)
	}
	return list
}

// tidy takes out the double spaces that an empty alternative leaves.
func tidy(s string) string {
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	return strings.TrimSpace(s)
}

// expand writes the alternatives out, from the left.
func expand(s string) []string {
	open := strings.IndexByte(s, '(')
	if open < 0 {
		return []string{s}
	}
	end := strings.IndexByte(s[open:], ')')
	if end < 0 {
		return []string{s}
	}
	end += open
	var list []string
	for _, a := range strings.Split(s[open+1:end], "|") {
		list = append(list, expand(s[:open]+a+s[end+1:])...)
	}
	return list
}

// match reports whether the line is what the pattern describes.
func (p pattern) match(l line) bool {
	if l.runes > p.limit || p.mark != 0 && p.mark != l.mark {
		return false
	}
	rest, ok := strings.CutPrefix(l.text, p.pieces[0])
	if !ok {
		return false
	}
	if len(p.pieces) == 1 {
		return rest == ""
	}
	last := len(p.pieces) - 1
	for _, piece := range p.pieces[1:last] {
		i := strings.Index(rest, piece)
		if i < 0 {
			return false
		}
		rest = rest[i+len(piece):]
	}
	return strings.HasSuffix(rest, p.pieces[last])
}

// line is a block's text in its normal form.
type line struct {
	text  string
	mark  byte // the ! or ? in which it ended
	runes int  // length of the original
}

// normal is the form in which lines are compared: NFKC, lower case, every run of digits a 0, every run of other characters than
// letters, digits, © and @ one space.
func normal(s string) line {
	l := line{runes: utf8.RuneCountInString(s)}
	if t := strings.TrimRight(s, " .…\"”»"); t != "" && (t[len(t)-1] == '!' || t[len(t)-1] == '?') {
		l.mark = t[len(t)-1]
	}
	var b strings.Builder
	b.Grow(len(s))
	space, digit := false, false
	for _, r := range norm.NFKC.String(s) {
		switch {
		case unicode.IsDigit(r):
			if !digit || space {
				space = put(&b, '0', space)
			}
			digit = true
		case r == '\'' || r == '’' || r == '\u00ad' || r == '\u200b':
		case unicode.IsLetter(r) || unicode.IsMark(r) || r == '©' || r == '@':
			space = put(&b, unicode.ToLower(r), space)
			digit = false
		default:
			space = true
		}
	}
	l.text = b.String()
	return l
}

// put writes the rune, after a space if one is due; no space is due then.
func put(b *strings.Builder, r rune, space bool) bool {
	if space && b.Len() > 0 {
		b.WriteByte(' ')
	}
	b.WriteRune(r)
	return false
}
