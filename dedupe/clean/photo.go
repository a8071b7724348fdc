package clean

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isPhoto reports whether the line is a picture's caption or credit: it begins with a picture word and a colon, ends in a
// photographer and agency, or names a source of nothing but pictures.
func (g glance) isPhoto() bool {
	head, tail := g.low[:around(g.low, min(len(g.low), 40))], g.low[around(g.low, len(g.low)-90):]
	return g.labelled(tail) || g.stocked(tail) || g.runes <= 200 && g.labelled(head) || g.stocked(head) || g.agencyAtEnd() || g.marked() || g.pictured() || g.shot()
}

// pictured reports whether the line is words for pictures and agencies with nothing else: "Foto ANP", "[연합뉴스 자료사진]".
func (g glance) pictured() bool {
	if len(g.agencies) == 0 || g.runes > 40 {
		return false
	}
	words := strings.FieldsFunc(strings.ToLower(without(g.text, g.agencies)), func(r rune) bool { return !unicode.IsLetter(r) })
	return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !isCue("picture", w) })
}

// shot reports whether the line ends in the Chinese or Japanese word for "taken by the photographer": "（新华社发（王小明摄）".
func (g glance) shot() bool { return g.runes <= 150 && taken(g.text) }

func taken(text string) bool {
	text = strings.TrimRight(text, " )）]】")
	if text, ok := strings.CutSuffix(text, "撮影"); ok {
		return !strings.HasSuffix(text, "を")
	}
	return slices.ContainsFunc([]string{"摄", "攝", "摄影", "攝影"}, func(w string) bool { return strings.HasSuffix(text, w) })
}

// marked reports whether a © with a name behind it ends the line.
func (g glance) marked() bool {
	i := strings.LastIndex(g.text, "©")
	return i > 0 && len(g.text)-i < 70 && len(g.text)-i > 4 && !strings.Contains(g.text[i:], "20") && g.runes <= 300
}

// labelMarks are what makes a picture word before them a label.
const labelMarks = ":：=©/／・"

// labelled reports whether a picture word with a colon, slash, bracket or copyright mark after it stands in low, a part of the line.
func (g glance) labelled(low string) bool {
	return g.cued("picture", func(c string) bool {
		i := strings.Index(low, c)
		if i < 0 || wordBefore(low, i) || inProse(low[:i]) && !g.capital(c) && !g.afterAgency(low[:i]) {
			return false
		}
		rest := strings.TrimLeft(low[i+len(c):], " \u00a0")
		mark, _ := utf8.DecodeRuneInString(rest)
		return strings.ContainsRune(labelMarks, mark) || c == "fot" && mark == '.'
	})
}

// stocked reports whether a source of pictures is named at the end or beside a slash, bracket, bar or © of the text.
func (g glance) stocked(low string) bool {
	return g.cued("stock", func(c string) bool {
		i := strings.Index(low, c)
		if i < 0 || wordBefore(low, i) || startsWord(low[i+len(c):]) {
			return false
		}
		left, right := strings.TrimRight(low[:i], " "), strings.TrimLeft(low[i+len(c):], " ")
		return left == "" && !startsWord(right) || right == "" || strings.HasSuffix(left, "via") || strings.Contains("/|©-–—(.:,", lastRune(left)) || strings.HasPrefix(right, ")") || strings.Contains(c, " by") || strings.Contains(c, "caption")
	})
}

// inProse reports whether a picture word follows upon words without a mark between: then only a capital makes it a label.
func inProse(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(before, " "))
	return unicode.IsLetter(r)
}

// afterAgency reports whether the text, a part of low, ends in an agency's name: "Reuters photo: Ann Miller".
func (g glance) afterAgency(before string) bool {
	return slices.ContainsFunc(g.agencies, func(m mention) bool {
		return strings.HasSuffix(strings.TrimRight(before, " "), strings.ToLower(g.text[m.start:m.end]))
	})
}

// capital reports whether the word stands somewhere in the line with a capital.
func (g glance) capital(word string) bool {
	r, n := utf8.DecodeRuneInString(word)
	return strings.Contains(g.text, string(unicode.ToUpper(r))+word[n:]) || strings.Contains(g.text, strings.ToUpper(word))
}

func lastRune(s string) string {
	_, n := utf8.DecodeLastRuneInString(s)
	return s[len(s)-n:]
}

func startsWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r)
}

func wordBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return unicode.IsLetter(r)
}

// agencyAtEnd reports whether the line ends in a person's name, a slash and an agency ("Ann Miller / TASS"), or has © right before the agency.
func (g glance) agencyAtEnd() bool {
	if len(g.agencies) == 0 {
		return false
	}
	m := g.agencies[0]
	left := strings.TrimRight(g.text[:m.start], " ")
	if rest, ok := strings.CutSuffix(left, "The"); ok {
		left = strings.TrimRight(rest, " ")
	}
	right := strings.Trim(g.text[m.end:], " .)]")
	if credited(right) {
		return true
	}
	if utf8.RuneCountInString(right) > 40 {
		return false
	}
	switch {
	case strings.HasSuffix(left, "©") && left != "©" && !strings.Contains(strings.ToLower(left), "copyright"):
		return true
	case strings.HasSuffix(left, "©"):
		return strings.ContainsAny(right, "|/") && names(right) >= 2
	case strings.HasSuffix(left, "/"), strings.HasSuffix(left, "|"), strings.HasSuffix(left, "("):
		left = strings.TrimRight(left, "/|( ")
		return names(left) >= 2 || strings.Contains(left, " via ")
	}
	return strings.HasPrefix(right, "/") && names(right) >= 2
}

// credited reports whether the text behind an agency is a slash and a person's name, perhaps with a caption behind it.
func credited(right string) bool {
	rest, ok := strings.CutPrefix(right, "/")
	w := strings.Fields(rest)
	return ok && len(w) >= 2 && utf8.RuneCountInString(right) < 200 && names(w[0]+" "+w[1]) == 2
}

// names counts the capitalised words at the end of the text; a lower-case word ends the count.
func names(text string) (n int) {
	words := strings.Fields(strings.Trim(text, "/ "))
	for _, w := range slices.Backward(words) {
		r, _ := utf8.DecodeRuneInString(strings.TrimLeft(w, "(["))
		if !unicode.IsUpper(r) {
			break
		}
		n++
		if strings.HasSuffix(w, ".") && utf8.RuneCountInString(w) > 3 {
			break
		}
	}
	return n
}
