package clean

import (
	"slices"
	"strings"
	"sync"

	"copytaster/dedupe/clean/phrase"
)

// cue is a piece of text in lower case that tells a credit. Most lines hold none, which one pass over their bytes tells.
type cue struct {
	kind string // contributed, picture or stock
	text string
}

// hints lists the cues of these kinds.
var hints = sync.OnceValue(func() (list []*cue) {
	for row := range rows(cueTable, 4) {
		switch row[0] {
		case "contributed", "picture", "stock":
			list = append(list, &cue{row[0], row[2]})
		}
	}
	return list
})

// cueKeys finds cues, by their places in the list.
var cueKeys = sync.OnceValue(func() *phrase.Keys {
	k := new(phrase.Keys)
	for i, c := range hints() {
		for _, literal := range keysOf(c.text) {
			k.Add(literal, uint16(i))
		}
	}
	return k
})

// keysOf lists literals of which one stands wherever the cue does. A cue too short for a key is one for pictures, which counts with a space or
// mark behind it only.
func keysOf(cue string) (list []string) {
	if len(cue) >= phrase.KeySize {
		return []string{cue}
	}
	for _, r := range " \u00a0" + labelMarks + "." {
		list = append(list, cue+string(r))
	}
	return list
}

// formsOf lists literals of which one stands in the normal form of each line in which the cue stands, and each of whose runes is told alone.
func formsOf(cue string) (list []string) {
	for _, literal := range keysOf(cue) {
		if n := phrase.Normal("x" + literal + "x"); n.Told {
			list = append(list, n.Text[1:len(n.Text)-1])
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// cuesIn lists the cues in a text in lower case.
func cuesIn(text string) (list []*cue) {
	var room [16]uint16
	for _, i := range cueKeys().Find(text, room[:0]) {
		list = append(list, hints()[i])
	}
	return list
}

// hinted reports whether the line may be a credit: it names an agency, or holds a cue, or the © or the words for "taken by" that may end a
// caption.
func (l *line) hinted() bool {
	switch {
	case len(l.names()) > 0 || strings.Contains(l.text, "©"):
		return true
	case l.told:
		return len(l.cues) > 0
	}
	low := phrase.Lower(strings.ReplaceAll(l.text, "\u200b", ""))
	return len(cuesIn(low)) > 0 || taken(low)
}
