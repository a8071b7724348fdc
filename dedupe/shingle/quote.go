package shingle

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// quote follows the quotation marks of one block. The zero quote stands outside of any.
type quote struct {
	closers string // the marks that would end the present quotation, "" outside
	from    int    // the first word inside
	firm    bool   // it runs to the end of the block if nothing closes it
}

// closers gives the marks that end a quotation opened by c: of every script the usual pairs, the reversed guillemets of German and
// the twin marks of Swedish. It is "" for what opens nothing.
func closers(c rune) string {
	switch c {
	case '“', '‟':
		return "”\""
	case '„', '‚', '〝':
		return "“”\"‘’〞〟"
	case '”':
		return "”"
	case '«':
		return "»"
	case '»':
		return "«»"
	case '‹':
		return "›"
	case '›':
		return "‹›"
	case '「':
		return "」"
	case '『':
		return "』"
	case '"':
		return "\"”"
	case '‘':
		return "’"
	case '\'':
		return "'"
	}
	return ""
}

// mark takes a mark c that stands behind the words read so far, between the texts before and after.
func (q *quote) mark(read []Word, c rune, before, after string) {
	prev, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	single := c == '\'' || c == '’' || c == '‘'
	if q.closers != "" {
		if strings.ContainsRune(q.closers, c) && !(single && unicode.IsLetter(next)) {
			q.cover(read)
			*q = quote{}
		}
		return
	}
	open := closers(c)
	if open == "" || single && (unicode.IsLetter(prev) || unicode.IsDigit(prev) || !unicode.IsLetter(next)) {
		return
	}
	blank := before == "" || unicode.IsSpace(prev)
	*q = quote{closers: open, from: len(read), firm: !single && (c != '"' || blank && after != "" && !unicode.IsSpace(next))}
}

// end closes the block: a speech of several paragraphs opens each and closes only the last, so an open quotation runs to the end
// if its mark was a clear one.
func (q *quote) end(read []Word) {
	if q.closers == "" || !q.firm {
		return
	}
	q.cover(read)
}

// cover marks the words since the opening mark.
func (q quote) cover(read []Word) {
	for i := range read[q.from:] {
		read[q.from+i].quoted = 1
	}
}
