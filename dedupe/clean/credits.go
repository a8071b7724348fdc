package clean

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"copytaster"
)

// Meta is what is known of an item beside its blocks.
type Meta struct {
	Outlet, URL, Publisher string
	Authors                []string // of the feed or the page
	Keys                   []string // agency ids found in the page
}

// Credits reads which agencies had a part in the item, from its blocks as Strip returned them (kept and cut alike: where the prose begins and ends
// says what a bare name means), authors, publisher and agency ids. An agency has at most one credit for the text (Full, Partial or Cited: the strongest) and one for pictures. Agencies are named by
// their short forms, in the order of the table.
func Credits(blocks []copytaster.Block, m Meta) []copytaster.Credit {
	return readCredits(blocks, linesOf(blocks), m)
}

// readCredits is Credits, with the lines of the blocks.
func readCredits(blocks []copytaster.Block, lines []line, m Meta) []copytaster.Credit {
	named := false
	for i := range lines {
		named = named || len(lines[i].names()) > 0
	}
	if !named {
		return strongest(m.credits())
	}
	var found []copytaster.Credit
	first, last := prose(blocks)
	for i, b := range blocks {
		found = append(found, credit(b, &lines[i], place(i, first, last))...)
	}
	found = append(found, m.credits()...)
	return strongest(found)
}

// position is where a block stands: before the story's prose, in it, or behind it.
type position int

const (
	before position = iota
	opening
	inside
	last
	behind
)

// prose is the first and the last block that is prose: kept, and longer than a credit line.
func prose(blocks []copytaster.Block) (first, last int) {
	first, last = len(blocks), -1
	for i, b := range blocks {
		if b.Why == "" && longer(b.Text, 80) || b.Why == "" && i > first {
			first, last = min(first, i), i
		}
	}
	return first, last
}

func place(i, first, final int) position {
	switch {
	case i < first:
		return before
	case i > final:
		return behind
	case i == final && i > first:
		return last
	case i <= first+1:
		return opening
	}
	return inside
}

// credit reads one block.
func credit(b copytaster.Block, l *line, at position) []copytaster.Credit {
	if b.Why == Caption {
		return credits(l.names(), copytaster.Photo, "photo", b.Text)
	}
	if r, ok := l.asCredit(); ok {
		if r.alone && at != before && at != behind {
			r.role, r.where = copytaster.Photo, "photo" // a name or notice between paragraphs stands under a picture
		}
		return credits(r.agencies, r.role, r.where, b.Text)
	}
	named := l.names()
	if list, ok := trailing(b.Text, named); ok {
		if at == behind || at == last {
			return credits(list, copytaster.Full, "footer", b.Text)
		}
		return credits(list, copytaster.Photo, "photo", b.Text)
	}
	var found []copytaster.Credit
	if len(named) > 0 && (at == before || at == opening) {
		if d, ok := dateline(b.Text); ok {
			found = credits(d.agencies, copytaster.Full, "dateline", b.Text[:d.end])
		}
	}
	return append(found, citations(b.Text, named)...)
}

func credits(list []mention, role copytaster.Role, where, evidence string) (out []copytaster.Credit) {
	for _, m := range list {
		out = append(out, copytaster.Credit{Agency: m.agency, Role: role, Where: where, Evidence: clip(evidence)})
	}
	return out
}

// clip shortens an evidence to 200 bytes at most.
func clip(s string) string {
	if len(s) <= 200 {
		return s
	}
	return strings.ToValidUTF8(s[:200], "")
}

// trailing finds agencies at the very end of a line, in brackets or after its last sentence: "… in Geneva. (AP)", "… in Geneva. EFE".
func trailing(text string, list []mention) ([]mention, bool) {
	if len(list) == 0 || longer(text, creditLine) {
		return nil, false
	}
	m := list[len(list)-1]
	if cited(text, m) || strings.Trim(text[m.end:], " )]") != "" {
		return nil, false
	}
	left := strings.TrimRight(text[:m.start], " ")
	if left == "" {
		return nil, false
	}
	bracket := strings.ContainsAny(lastRune(left), "([:") && strings.HasSuffix(strings.TrimSpace(text), ")") || strings.HasSuffix(text, "]")
	return list[len(list)-1:], bracket || strings.ContainsAny(lastRune(left), ".。＝=—–-/") || utf8.RuneCountInString(text) <= 160 && !strings.ContainsAny(lastRune(left), ",") && !acronym(left)
}

// acronym reports whether the text ends in a word of two to four capitals: "SAT ACT" before AP makes that an exam.
func acronym(text string) bool {
	w := text[strings.LastIndexByte(text, ' ')+1:]
	return len(w) >= 2 && len(w) <= 4 && strings.Trim(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// citations finds the agencies that the prose names as a source.
func citations(text string, named []mention) (out []copytaster.Credit) {
	for _, m := range named {
		if cited(text, m) {
			out = append(out, copytaster.Credit{Agency: m.agency, Role: copytaster.Cited, Where: "text", Evidence: clip(text[around(text, m.start-60):])})
		}
	}
	return out
}

// around is the byte i of the text moved to the start of a rune.
func around(text string, i int) int {
	for i = min(max(i, 0), len(text)); i > 0 && i < len(text) && !utf8.RuneStart(text[i]); i-- {
	}
	return i
}

// cited reports whether a cue of citation stands right before or after the mention.
func cited(text string, m mention) bool {
	left := strings.ToLower(text[around(text, m.start-40):m.start])
	right := strings.ToLower(text[m.end:min(len(text), m.end+40)])
	return slices.ContainsFunc(citing(), func(c [2]string) bool { return strings.HasSuffix(left, c[0]) && strings.HasPrefix(right, c[1]) })
}

// citing lists the cues of citation: what stands before the mention, and behind it.
var citing = sync.OnceValue(func() (list [][2]string) {
	for _, c := range cues("cited") {
		before, behind, _ := strings.Cut(c, "_")
		list = append(list, [2]string{before, behind})
	}
	return list
})

// credits reads authors, publisher and ids.
func (m Meta) credits() (out []copytaster.Credit) {
	for _, a := range m.Authors {
		if k := keyAgency(a); k != "" {
			out = append(out, copytaster.Credit{Agency: k, Role: copytaster.Partial, Where: "meta", Evidence: a, StoryID: a})
		}
		a = strings.TrimPrefix(strings.ReplaceAll(a, "News", " News"), "@")
		for _, c := range find(a) {
			role := copytaster.Full
			if r, ok := look(a).bare(); !ok || r.role == copytaster.Partial || len(m.Authors) > 1 && !sameAgency(m.Authors, c.agency) {
				role = copytaster.Partial
			}
			out = append(out, copytaster.Credit{Agency: c.agency, Role: role, Where: "byline", Evidence: clip(a)})
		}
	}
	if r, ok := look(m.Publisher).bare(); ok {
		out = append(out, credits(r.agencies, copytaster.Full, "meta", m.Publisher)...)
	}
	for _, k := range m.Keys {
		if a := keyAgency(k); a != "" {
			out = append(out, copytaster.Credit{Agency: a, Role: copytaster.Partial, Where: "meta", Evidence: k, StoryID: k})
		}
	}
	return out
}

// sameAgency reports whether every author names the agency.
func sameAgency(authors []string, agency string) bool {
	return !slices.ContainsFunc(authors, func(a string) bool {
		return !slices.ContainsFunc(find(a), func(m mention) bool { return m.agency == agency })
	})
}

// keyAgency is the agency that minted an id, "" if none is known.
func keyAgency(key string) string {
	for _, k := range [...][2]string{{"urn:newsml:dpa.com:", "dpa"}, {"dpa:", "dpa"}, {"urn:publicid:ap.org:", "AP"}, {"urn:newsml:reuters.com:", "Reuters"},
		{"urn:newsml:afp.com:", "AFP"}, {"urn:newsml:apa.at:", "APA"}, {"urn:newsml:tt.se:", "TT"}, {"urn:newsml:ntb.no:", "NTB"}, {"urn:newsml:efe.com:", "EFE"}} {
		if strings.HasPrefix(key, k[0]) {
			return k[1]
		}
	}
	return ""
}

// strongest keeps for each agency the strongest text credit and the first photo credit, in the order in which agencies appear.
func strongest(list []copytaster.Credit) (out []copytaster.Credit) {
	for _, c := range list {
		i := slices.IndexFunc(out, func(o copytaster.Credit) bool {
			return o.Agency == c.Agency && (o.Role == copytaster.Photo) == (c.Role == copytaster.Photo)
		})
		switch {
		case i < 0:
			out = append(out, c)
		case rank(c.Role) < rank(out[i].Role):
			c.StoryID = cmp.Or(c.StoryID, out[i].StoryID)
			out[i] = c
		default:
			out[i].StoryID = cmp.Or(out[i].StoryID, c.StoryID)
		}
	}
	return out
}

func rank(r copytaster.Role) int {
	return slices.Index([]copytaster.Role{copytaster.Full, copytaster.Partial, copytaster.Cited, copytaster.Photo}, r)
}
