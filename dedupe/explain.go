package dedupe

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"copytaster"
	"copytaster/dedupe/shingle"
)

// Explanation says how two articles lie to each other and what decides.
type Explanation struct {
	Match Match     // ContainsA is the share of the first article that stands in the second
	Folds bool      // they match: what remains to keep them apart is the rest of their stories (window, bridges, half of the members)
	Rule  string    // the rule that decides, in words
	A, B  []Passage // the two texts whole, in their order
}

// Passage is a stretch of a text that stands in the other one too, or does not.
type Passage struct {
	Text string `json:"text"` // blocks parted by newlines
	With int    `json:"with"` // index of the same passage on the other side, -1 if it is the text's own
}

// Explain compares two articles, with the blocks that their sets were made of, and shows the shared passages side by side.
func Explain(o Options, a, b Article, blocksA, blocksB []copytaster.Block) Explanation {
	r := newRules(o)
	a.Set, b.Set = Shingles(blocksA), Shingles(blocksB)
	x := Explanation{Match: Compare(a.Set, b.Set)}
	x.Rule, x.Folds = r.why(&a, &b, x.Match)
	x.A, x.B = align(blocksA, blocksB)
	return x
}

// why names the rule that joins the two or keeps them apart.
func (r rules) why(a, b *Article, m Match) (rule string, folds bool) {
	switch {
	case r.split[a.URL] || r.split[b.URL]:
		return "one of them is split off by the configuration", false
	case r.never[[2]string{a.Outlet, b.Outlet}]:
		return "the configuration never folds these outlets", false
	case r.far(a.Published, b.Published):
		return "further apart than the window", false
	}
	short := min(a.Set.Words(), b.Set.Words()) < minWords
	if link := r.linkOf(a, b, short, m); link != "" {
		return link, true
	}
	decided := r.decide(a.Set, b.Set, a.Outlet != "" && a.Outlet == b.Outlet, sameHead(a, b), m)
	if decided > mention {
		return decided.String(), true
	}
	switch {
	case decided == mention && m.Most() >= enough(min(a.Set.Words(), b.Set.Words())):
		return "one quotes the other at length", false
	case short:
		return "too short for the text to say anything", false
	case m.Shared < minShared:
		return "too few shared words outside of quotations", false
	case a.Outlet != "" && a.Outlet == b.Outlet:
		return "too little shared for versions of one outlet's story", false
	}
	return "too little shared for a copy", false
}

// align finds the passages that two texts share: runs of common shingles, each word of either text used once, the longest continuation
// of what was matched before taken first.
func align(a, b []copytaster.Block) (inA, inB []Passage) {
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
