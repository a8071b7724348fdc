package web

import (
	"cmp"
	"strings"
)

// reasons reads the words for why a block was not kept: a line each, the reason as it is stored, a tab, the words.
func reasons() func(why string) string {
	text, err := files.ReadFile("assets/reasons.txt")
	if err != nil {
		panic(err) // built in: cannot be missing in a program that compiles
	}
	words := map[string]string{"": "no reason was recorded"}
	for line := range strings.Lines(string(text)) {
		why, said, _ := strings.Cut(strings.TrimSpace(line), "\t")
		words[why] = said
	}
	return func(why string) string { return cmp.Or(words[why], why) }
}
