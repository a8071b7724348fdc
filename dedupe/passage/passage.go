// Package passage lays two texts side by side by the stretches of words that both have. It never says what that means. It is pure.
package passage

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"copytaster"
	"copytaster/dedupe/shingle"
)

// Passage is a stretch of a text that stands in the other one too, or does not.
type Passage struct {
	Text string `json:"text"` // blocks parted by newlines
	With int    `json:"with"` // index of the same passage on the other side, -1 if it is the text's own
}

// Align finds the passages that two texts share: runs of common shingles, each word of either text used once, the longest continuation
// of what was matched before taken first.
func Align(a, b []copytaster.Block) (inA, inB []Passage) {
	wa, wb := shingle.Words(a), shingle.Words(b)
	markA, markB := fill(len(wa)), fill(len(wb))
	places := map[uint64][]int{}
	for j := range wb {
		if h, n := shingle.Run(wb[j:]); n > 0 {
			places[h] = append(places[h], j)
		}
	}
	next := 0
	for i, last := 0, -1; i < len(wa); i++ {
		h, n := shingle.Run(wa[i:])
		if n == 0 || markA[i] >= 0 {
			continue
		}
		j, length := longest(wa[i:], wb, markB, places[h], last)
		if length == 0 {
			continue
		}
		for k := range length {
			markA[i+k], markB[j+k] = next, next
		}
		next, last = next+1, j+length
	}
	inA, inB = passages(a, wa, markA), passages(b, wb, markB)
	pairUp(inA, inB)
	return inA, inB
}

func fill(n int) []int {
	marks := make([]int, n)
	for i := range marks {
		marks[i] = -1
	}
	return marks
}

// longest finds where among the places in b the run of words that begins a goes on longest, of equal ones nearest behind last.
func longest(a, b []shingle.Word, used, places []int, last int) (at, length int) {
	for _, j := range places {
		n := 0
		for n < len(a) && j+n < len(b) && a[n].Hash == b[j+n].Hash && used[j+n] < 0 {
			n++
		}
		if _, least := shingle.Run(a); n < least {
			continue
		}
		if n > length || n == length && at < last && j >= last {
			at, length = j, n
		}
	}
	return at, length
}

// passages cuts a text where the marks of its words change. A passage's With is its mark for the time being.
func passages(blocks []copytaster.Block, ws []shingle.Word, marks []int) []Passage {
	var all []Passage
	var text strings.Builder
	block, offset := 0, 0
	upTo := func(b, to int) {
		for block < b {
			if blocks[block].Kept {
				text.WriteString(blocks[block].Text[offset:])
				text.WriteByte('\n')
			}
			block, offset = block+1, 0
		}
		if b < len(blocks) && to > offset {
			text.WriteString(blocks[b].Text[offset:to])
			offset = to
		}
	}
	for i := range ws {
		if i > 0 && marks[i] != marks[i-1] {
			upTo(int(ws[i].Block), withMark(blocks[ws[i].Block].Text, int(ws[i].From)))
			all = append(all, Passage{text.String(), marks[i-1]})
			text.Reset()
		}
	}
	upTo(len(blocks), 0)
	if len(ws) > 0 {
		all = append(all, Passage{strings.TrimSuffix(text.String(), "\n"), marks[len(ws)-1]})
	}
	return all
}

// withMark is where the word at byte i begins with the marks that open it, quotation marks and brackets.
func withMark(text string, i int) int {
	for {
		r, n := utf8.DecodeLastRuneInString(text[:i])
		if n == 0 || !strings.ContainsRune("\"'“”„‚‘«»‹›「『（(【[¿¡", r) {
			return i
		}
		if before, _ := utf8.DecodeLastRuneInString(text[:i-n]); i > n && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
			return i // it closes what stands before
		}
		i -= n
	}
}

// pairUp turns marks into indexes of the other side.
func pairUp(a, b []Passage) {
	at := func(ps []Passage) map[int]int {
		m := map[int]int{-1: -1}
		for i, p := range ps {
			m[p.With] = i
		}
		m[-1] = -1
		return m
	}
	atA, atB := at(a), at(b)
	for i := range a {
		a[i].With = atB[a[i].With]
	}
	for i := range b {
		b[i].With = atA[b[i].With]
	}
}
