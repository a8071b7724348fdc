package clean

import "copytaster"

// Reading is what an item's blocks and the rest of what is known of it say.
type Reading struct {
	Blocks  []copytaster.Block // as Strip marks them
	Credits []copytaster.Credit
	Place   string             // where it was filed, by its dateline
	Notes   []string           // corrections and stamps of time, which are no part of the story
	Body    []copytaster.Block // as Body gives it
}

// Read strips the blocks and reads from them and from the rest whose copy the item is, where it was filed, and what the outlet notes of
// the text itself.
func (l *Lexicon) Read(blocks []copytaster.Block, r Rules, m Meta) Reading {
	lines := linesOf(blocks)
	out := l.strip(blocks, lines, r)
	at, d, _ := openingOf(out)
	return Reading{out, readCredits(out, lines, m), d.place, notes(out), bodyFrom(out, at, d.end)}
}

func notes(blocks []copytaster.Block) (list []string) {
	for _, b := range blocks {
		if b.Why == "correction" || b.Why == "time" {
			list = append(list, b.Text)
		}
	}
	return list
}
