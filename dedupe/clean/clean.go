// Package clean turns the blocks of an item into the text of its story: it marks what the outlet put around the story (by a lexicon,
// by head and tail, by what it learned of the outlet) and reads whose copy the story is. It never deletes a block, does no I/O,
// reads no clock and starts no goroutine.
package clean

import (
	"regexp"
	"slices"
	"strings"

	"copytaster"

	"copytaster/dedupe/clean/learn"
	"copytaster/dedupe/clean/phrase"
)

// Rules are what the caller knows of one item's outlet and of the item. The zero Rules are fine.
type Rules struct {
	Strip, Keep []*regexp.Regexp     // lines pinned by the configuration; Keep wins over everything
	Title       string               // the item's headline, cut where the head repeats it
	Learned     func(block int) bool // what a Learner says of the block with the number; nil: nothing is learned
}

// Learner learns the standing lines of each outlet; its Rule is what Rules.Learned wants. The zero Learner is ready.
type Learner = learn.Learner

// Article is what a Learner looks at in an article; an ArticleReader makes it.
type Article = learn.Article

// ArticleReader reads articles for a Learner, one after the other. The zero ArticleReader is ready; each goroutine wants its own.
type ArticleReader = learn.Reader

// Line is a learned block as it is shown to people.
type Line = learn.Line

// The reasons of Strip beside the lexicon's kinds.
const (
	Caption = "caption" // marked by who cut the page: a figure's caption
	Link    = "link"    // marked by who cut the page: nothing but links
	Pinned  = "pinned"  // a strip rule of the configuration
	Headed  = "head"    // before the story
	Tailed  = "tail"    // after the story
	Learned = "learned" // learned of the outlet
	Titled  = "title"   // repeats the headline
)

// Strip returns the blocks with Kept and Why set anew: first the pinned rules, then the lexicon, then head and tail, then what was
// learned of the outlet. No block is deleted, and the given slice is left alone. Blocks marked as captions stay so.
func (l *Lexicon) Strip(blocks []copytaster.Block, r Rules) []copytaster.Block {
	return l.strip(blocks, linesOf(blocks), r)
}

// strip is Strip, with the lines of the blocks.
func (l *Lexicon) strip(blocks []copytaster.Block, lines []line, r Rules) []copytaster.Block {
	out := slices.Clone(blocks)
	pinned := make([]bool, len(out)) // by Keep
	var head [headBlocks]string      // normal forms of the first, where they were made
	for i := range out {
		b := &out[i]
		if b.Why != Caption && b.Why != Link {
			b.Kept, b.Why = true, ""
			pinned[i] = matches(r.Keep, b.Text)
		}
		if b.Kept && !pinned[i] {
			normal := l.judge(b, &lines[i], r)
			if i < len(head) {
				head[i] = normal
			}
		}
	}
	cutTitle(out, r.Title, head)
	cutTail(out)
	cutHead(out)
	cutLearned(out, r.Learned)
	for i := range out {
		if pinned[i] {
			out[i].Kept, out[i].Why = true, ""
		}
	}
	return out
}

// judge drops the block if a pinned rule or the lexicon knows it. It returns the block's normal form if it made that.
func (l *Lexicon) judge(b *copytaster.Block, of *line, r Rules) (normal string) {
	if matches(r.Strip, b.Text) {
		drop(b, Pinned)
		return ""
	}
	kind, form, ok := l.match(of)
	if ok {
		drop(b, kind)
	}
	return form.Text
}

func drop(b *copytaster.Block, why string) { b.Kept, b.Why = false, why }

func matches(list []*regexp.Regexp, text string) bool {
	return slices.ContainsFunc(list, func(r *regexp.Regexp) bool { return r.MatchString(text) })
}

// headBlocks is among how many blocks the headline may be repeated.
const headBlocks = 6

// cutTitle drops a block that repeats the headline among the first ones, some of whose normal forms are known.
func cutTitle(blocks []copytaster.Block, title string, normal [headBlocks]string) {
	want := phrase.Normal(title).Text
	for i := range blocks[:min(headBlocks, len(blocks))] {
		b := &blocks[i]
		if !b.Kept || want == "" {
			continue
		}
		form := normal[i]
		if form == "" {
			form = phrase.Normal(b.Text).Text
		}
		if form == want {
			drop(b, Titled)
		}
	}
}

// furniture reports whether the block was cut as something around the story; bylines, times and photos stand inside stories too.
func furniture(b copytaster.Block) bool {
	switch b.Why {
	case "", Caption, Link, "photo", "wire", "byline", "time", "empty", Titled:
		return false
	}
	return !b.Kept
}

// cutTail finds the first two hits in a row after which at least half of the remaining four or more blocks are hits, and drops all
// from there: so the plain prose of a donation plea goes with its heading. A lone hit stands inside stories too. It never drops more
// than a quarter of the kept text.
func cutTail(blocks []copytaster.Block) {
	total := 0
	for _, b := range blocks {
		total += kept(b)
	}
	hits, prose, best := 0, 0, -1
	for i := len(blocks) - 1; i > 0; i-- {
		prose += kept(blocks[i])
		if furniture(blocks[i]) {
			hits++
		}
		if n := len(blocks) - i; n >= 4 && hits*2 >= n && furniture(blocks[i]) && furniture(blocks[i+1]) && prose*4 <= total {
			best = i
		}
	}
	if best < 0 {
		return
	}
	for i := best; i < len(blocks); i++ {
		if blocks[i].Kept {
			drop(&blocks[i], Tailed)
		}
	}
}

// kept is the length of the block's text if it is kept, in bytes.
func kept(b copytaster.Block) int {
	if b.Kept {
		return len(b.Text)
	}
	return 0
}

// cutHead drops short lines (no sentence of the story) between hits at the beginning.
func cutHead(blocks []copytaster.Block) {
	last := -1
	for i, b := range blocks {
		if b.Kept && (len(b.Text) > 80 || strings.ContainsAny(b.Text, ".!?。")) || i >= 12 {
			break
		}
		if furniture(b) {
			last = i
		}
	}
	for i := 1; i < last; i++ {
		if blocks[i].Kept && !blocks[i-1].Kept {
			drop(&blocks[i], Headed)
		}
	}
}

// cutLearned drops what was learned, unless that were more than 40 % of the kept text, and never the only block that is left.
func cutLearned(blocks []copytaster.Block, learned func(block int) bool) {
	if learned == nil {
		return
	}
	total, cut, left := 0, 0, 0
	var found []int
	for i, b := range blocks {
		if !b.Kept {
			continue
		}
		total += len(b.Text)
		if learned(i) {
			found, cut = append(found, i), cut+len(b.Text)
		} else {
			left++
		}
	}
	if cut*5 > total*2 || left == 0 {
		return
	}
	for _, i := range found {
		drop(&blocks[i], Learned)
	}
}
