package dedupe

import (
	"copytaster"
	"copytaster/dedupe/passage"
)

// Explanation says how two articles lie to each other and what decides.
type Explanation struct {
	Match Match     // ContainsA is the share of the first article that stands in the second
	Folds bool      // they match: what remains to keep them apart is the rest of their stories (window, bridges, half of the members)
	Rule  string    // the rule that decides, in words
	A, B  []Passage // the two texts whole, in their order
}

// Passage is a stretch of a text that stands in the other one too, or does not.
type Passage = passage.Passage

// Explain compares two articles, with the blocks that their sets were made of, and shows the shared passages side by side.
func Explain(o Options, a, b Article, blocksA, blocksB []copytaster.Block) Explanation {
	r := rulesOf(o)
	a.Set, b.Set = Shingles(blocksA), Shingles(blocksB)
	x := Explanation{Match: Compare(a.Set, b.Set)}
	x.Rule, x.Folds = r.Why(&a, &b, x.Match)
	x.A, x.B = passage.Align(blocksA, blocksB)
	return x
}
