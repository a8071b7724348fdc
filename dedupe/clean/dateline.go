package clean

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"copytaster"
)

// opened is the beginning of a story that names its agency.
type opened struct {
	agencies []mention
	end      int // bytes up to where the story's own words begin
	place    string
}

// dateline reads the beginning of a first paragraph: "WASHINGTON (AP) —", "BEIRUT, March 7 (Reuters) -", "(ANSA) - ROMA, 22 MAR -",
// "新华社北京4月24日电", "МОСКВА, 25 ноября. /ТАСС/.". The agency must stand within the first 100 runes, after nothing but a place and a date.
func dateline(text string) (opened, bool) {
	head := text[:around(text, min(len(text), 240))]
	list := find(head)
	if len(list) == 0 {
		return opened{}, false
	}
	m := list[0]
	end, ok := enclosed(head, m)
	if !ok {
		end, ok = dashed(head, m)
	}
	if !ok {
		end, ok = telegraphed(head, m)
	}
	if !ok || !placeAndDate(head[:m.start]) {
		return opened{}, false
	}
	list = slices.DeleteFunc(list, func(o mention) bool { return o.start >= end })
	return opened{list, end, placeIn(head[:end], list)}, true
}

// placeIn is the place that a dateline names, before its agencies or behind them: what stands there up to a date or mark.
func placeIn(head string, agencies []mention) string {
	for _, part := range [...]string{head[:agencies[0].start], head[agencies[len(agencies)-1].end:]} {
		part = strings.TrimLeft(part, " \u00a0-–—.:=()[]/【】（）")
		if i := strings.IndexFunc(part, func(r rune) bool { return unicode.IsDigit(r) || strings.ContainsRune(",.(/[–—（电電", r) }); i >= 0 {
			part = part[:i]
		}
		part, _, _ = strings.Cut(part, " - ")
		if place := strings.TrimRight(part, " -"); place != "" && !Default().times[strings.ToLower(place)] {
			return place
		}
	}
	return ""
}

// enclosed finds the end of a dateline whose agency stands in brackets or slashes, alone or with initials or a second agency.
func enclosed(head string, m mention) (int, bool) {
	opened := strings.LastIndexAny(head[:m.start], "([/【（<")
	if opened > 0 && head[opened] == '/' && !strings.Contains(head[m.end:], "/") {
		opened = strings.LastIndexAny(head[:opened], "([【（<") // "(WebNoviny.sk/SITA)"
	}
	if opened < 0 || utf8.RuneCountInString(head[opened:m.start]) > 40 {
		return 0, false
	}
	closer := map[byte]string{'(': ")", '[': "]", '/': "/", '<': ">", "【"[0]: "】"}[head[opened]]
	if strings.HasPrefix(head[opened:], "（") {
		closer = "）"
	}
	within, _, ok := strings.Cut(head[m.end:], closer)
	if !ok || len(within) > 60 || strings.HasPrefix(within, " ") && len(within) > 1 && !strings.ContainsAny(within[1:2], "-–—/|") {
		return 0, false
	}
	return afterPlace(head, afterMarks(head, m.end+len(within)+len(closer))), true
}

// afterPlace skips a place and date that stand behind the agency: "(ANSA) - ROMA, 22 MAR - ".
func afterPlace(head string, end int) int {
	place, _, ok := strings.Cut(head[end:], " - ")
	if !ok || len(place) > 40 || !strings.ContainsAny(place, "0123456789") || strings.ToUpper(place) != place {
		return end
	}
	return afterMarks(head, end+len(place))
}

// dashed finds the end of a dateline whose agency stands bare between marks: "Москва. 3 мая. ИНТЕРФАКС -", "21 июл - РИА Новости.", "AGI -".
func dashed(head string, m mention) (int, bool) {
	left := strings.TrimRight(head[:m.start], " ")
	right := strings.TrimLeft(head[m.end:], " ")
	dated := left != "" && unicode.IsDigit([]rune(lastRune(left))[0]) && strings.HasPrefix(head[m.end:], "-") // "7-3-2025 وفا-"
	if left != "" && !dated && !strings.ContainsAny(lastRune(left), "-–—.,/:") {
		return 0, false
	}
	if left == "" && !strings.HasPrefix(right, "-") && !strings.HasPrefix(right, "–") && !strings.HasPrefix(right, "—") || right == "" {
		return 0, false
	}
	if r, _ := utf8.DecodeRuneInString(right); !strings.ContainsRune("-–—.,:/", r) {
		return 0, false
	}
	return afterMarks(head, m.end), true
}

// telegraphed finds the end of a dateline in Chinese: the agency, a place and a date, then the sign for a telegram.
func telegraphed(head string, m mention) (int, bool) {
	rest := head[m.end:]
	for _, sign := range []string{"电", "電"} {
		if i := strings.Index(rest, sign); i >= 0 && utf8.RuneCountInString(rest[:i]) <= 25 {
			return afterMarks(head, m.end+i+len(sign)), true
		}
	}
	return 0, false
}

// afterMarks skips spaces and marks from byte i on.
func afterMarks(s string, i int) int {
	return len(s) - len(strings.TrimLeft(s[i:], " \u00a0\u3000-–—.:=)]/】）।"))
}

// placeAndDate reports whether the text before the agency is at most a place and a date: no more than 90 runes, and no word in
// lower case but those of names of months and places, or a number among them.
func placeAndDate(s string) bool {
	if utf8.RuneCountInString(s) > 90 || strings.ContainsAny(s, "!?;\"“”«»") {
		return false
	}
	lower, number := 0, false
	for w := range strings.FieldsSeq(s) {
		r, _ := utf8.DecodeRuneInString(strings.TrimLeft(w, "([/"))
		number = number || unicode.IsDigit(r)
		if unicode.IsLower(r) && !Default().times[strings.Trim(w, ".,")] {
			lower++
		}
	}
	return lower <= 2 || number && lower <= 4
}

// openingOf is the first of three kept blocks that begins with a dateline, by its index, with what it says.
func openingOf(blocks []copytaster.Block) (int, opened, bool) {
	kept := 0
	for i, b := range blocks {
		if !b.Kept {
			continue
		}
		if d, ok := dateline(b.Text); ok {
			return i, d, true
		}
		if kept++; kept == 3 {
			break
		}
	}
	return 0, opened{}, false
}

// Body is what goes into the shingles: the kept blocks, with a dateline's place and agency cut from the first that has one.
func Body(blocks []copytaster.Block) []copytaster.Block {
	at, d, _ := openingOf(blocks)
	return bodyFrom(blocks, at, d.end)
}

// bodyFrom is the body whose words begin in the block with the number, at a byte of it.
func bodyFrom(blocks []copytaster.Block, at, start int) []copytaster.Block {
	body := make([]copytaster.Block, 0, len(blocks))
	for i, b := range blocks {
		if i == at {
			b.Text = b.Text[start:]
		}
		if b.Kept && b.Text != "" {
			body = append(body, b)
		}
	}
	return body
}
