package learn

import (
	"unicode/utf8"

	"copytaster"
)

// Article is what a Learner looks at in an article. A Reader makes it, beside the learner and before it is asked.
type Article struct {
	prints []uint64 // of the blocks: see fingerprint
	marks  []byte   // how each stands there
	ranked []uint32 // hashes of the words that it repeats: see subject
	texts  []string // of the blocks; of an article that is read back only those that were new samples
}

// The marks of a block.
const (
	atEnds  = 1 << iota // among the first or the last blocks
	odd                 // long or very short
	caption             // says nothing of the outlet's lines
)

// alone is a mark of a ref in the place of caption: no other article of the outlet had the block.
const alone = caption

// refBits is how many of the marks stand beside the number of an article in a ref.
const refBits = 3

// captioned is the Why of captions: clean.Caption.
const captioned = "caption"

// Read looks at the blocks of an article, kept or not.
func (r *Reader) Read(blocks []copytaster.Block) Article {
	r.start()
	a := Article{prints: make([]uint64, len(blocks)), marks: make([]byte, len(blocks)), texts: make([]string, len(blocks))}
	for i, b := range blocks {
		a.prints[i], a.texts[i] = r.read(b.Text, i), b.Text
		if edge(i, len(blocks)) {
			a.marks[i] |= atEnds
		}
		if n := len(b.Text); n > longBlock || n < tinyBlock*utf8.UTFMax { // else there is no need to count
			if n = utf8.RuneCountInString(b.Text); n > longBlock || n < tinyBlock {
				a.marks[i] |= odd
			}
		}
		if b.Why == captioned {
			a.marks[i] |= caption
		}
	}
	a.ranked = r.subject()
	return a
}

func edge(i, total int) bool { return i < edgeBlocks || i >= total-edgeBlocks }
