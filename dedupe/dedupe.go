// Package dedupe folds the copies of one wire story, and only copies: which articles match, and which of those are one story. What a text
// is to it is package shingle's. It is pure: no I/O, no clock, no goroutine.
package dedupe

import (
	"copytaster"
	"copytaster/dedupe/shingle"
)

// Set is a text's shingles: what is compared of an Article.
type Set = shingle.Set

// Shingler makes sets one after the other.
type Shingler = shingle.Shingler

// Outline is what the index needs of a set.
type Outline = shingle.Outline

// Match says how two texts lie to each other.
type Match = shingle.Match

// Shingles makes the set of the kept blocks, read as one text.
func Shingles(blocks []copytaster.Block) Set { return shingle.Shingles(blocks) }

// Compare measures two sets against each other exactly.
func Compare(a, b Set) Match { return shingle.Compare(a, b) }
