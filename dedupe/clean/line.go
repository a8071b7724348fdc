package clean

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"copytaster"
	"copytaster/dedupe/clean/phrase"
)

// creditLine is the longest line, in runes, that may be a credit or a caption as a whole.
const creditLine = 400

// line is a block's text with what was read of it so far: nothing is read twice.
type line struct {
	text     string
	agencies []mention // named in it
	named    bool      // they were looked for
	cues     []*cue    // in it, if it is told
	told     bool
	reading  reading
	credit   bool // it is one as a whole
	read     bool // that was looked for
}

// longer reports whether the text has more than n runes.
func longer(text string, n int) bool { return len(text) > n && utf8.RuneCountInString(text) > n }

func linesOf(blocks []copytaster.Block) []line {
	list := make([]line, len(blocks))
	for i, b := range blocks {
		list[i].text = b.Text
	}
	return list
}

// names lists the agencies named in the line.
func (l *line) names() []mention {
	if !l.named {
		l.agencies, l.named = find(l.text), true
	}
	return l.agencies
}

// asCredit reads the line as readLine does.
func (l *line) asCredit() (reading, bool) {
	if !l.read {
		l.reading, l.credit = l.readLine()
		l.read = true
	}
	return l.reading, l.credit
}

// glance is a line with what every reading of it needs.
type glance struct {
	text     string // without spaces of no width
	low      string // in lower case, with straight apostrophes
	cues     []*cue // in low
	runes    int
	agencies []mention
}

func look(text string) glance { return (&line{text: text}).look() }

func (l *line) look() glance {
	if strings.Contains(l.text, "\u200b") {
		l = &line{text: strings.ReplaceAll(l.text, "\u200b", ""), cues: l.cues, told: l.told}
	}
	g := glance{text: l.text, low: phrase.Lower(l.text), runes: utf8.RuneCountInString(l.text), agencies: l.names()}
	if g.cues = l.cues; !l.told {
		g.cues = cuesIn(g.low)
	}
	return g
}

// reading is what a line that is a credit and nothing else says.
type reading struct {
	role     copytaster.Role
	where    string // footer, photo, byline or source
	alone    bool   // nothing but a name or a notice, which may also stand under a picture
	agencies []mention
}

// readLine reads a line that is a credit as a whole; not ok for prose. The agencies may be none: "Ann Miller contributed to this report".
func (l *line) readLine() (reading, bool) {
	if len(l.text) > 4*creditLine || !l.hinted() {
		return reading{}, false
	}
	return l.look().credit()
}

// credit reads the line.
func (g glance) credit() (reading, bool) {
	if g.runes > creditLine {
		return reading{}, false
	}
	if g.contributed() {
		return reading{copytaster.Partial, "footer", false, g.agencies}, true
	}
	if g.isPhoto() {
		return reading{copytaster.Photo, "photo", false, g.agencies}, true
	}
	if len(g.agencies) == 0 {
		return reading{}, false
	}
	if r, ok := g.bare(); ok {
		return r, true
	}
	switch {
	case g.writer():
		return reading{copytaster.Full, "byline", false, g.agencies}, true
	case g.copyrighted():
		return reading{copytaster.Full, "footer", true, g.agencies}, true
	}
	return reading{}, false
}

// cued reports whether a cue of the kind that may stand in the line tells so.
func (g glance) cued(kind string, tells func(cue string) bool) bool {
	return slices.ContainsFunc(g.cues, func(c *cue) bool { return c.kind == kind && tells(c.text) })
}

// writer reports whether the line is on an author who works for an agency: "Ann Miller covers lakes for The Associated Press."
func (g glance) writer() bool {
	left := strings.ToLower(g.text[:g.agencies[0].start])
	if g.runes > 200 || !strings.HasSuffix(left, "for ") && !strings.HasSuffix(left, "for the ") {
		return false
	}
	return slices.ContainsFunc(cues("work"), func(c string) bool { return strings.Contains(left, c) })
}

// contributed reports whether the line credits text that was worked in: "AFP contributed reporting", "With inputs from PTI".
func (g glance) contributed() bool {
	return g.runes <= 300 && g.cued("contributed", func(cue string) bool {
		i := strings.Index(g.low, cue)
		return i >= 0 && (i < 3 || len(g.low) <= phrase.Short || strings.HasPrefix(cue, "contributed"))
	})
}

// copyrighted reports whether the line is a notice of copyright: of an agency, if one is named.
func (g glance) copyrighted() bool {
	return g.runes <= 250 && (strings.Contains(g.low[:min(len(g.low), 12)], "©") || strings.HasPrefix(g.low, "copyright") || strings.HasPrefix(g.low, "(c)"))
}

// bare reads a line that holds nothing but agencies, words of sourcing, initials and names of persons: "Quelle: dpa", "SDA/sep", "Ann Miller, AP".
func (g glance) bare() (reading, bool) {
	if len(g.agencies) == 0 || g.runes > 110 {
		return reading{}, false
	}
	rest := without(g.text, g.agencies)
	names, joined, worker, sourced := 0, false, false, startsWithSource(g.text) && len(g.text) <= 70
	for _, w := range strings.FieldsFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' && r != '-' }) {
		low := strings.ToLower(strings.Trim(w, "-"))
		switch {
		case low == "" || isCue("source", low):
		case isCue("join", low):
			joined = joined || len(low) <= 3
			worker = worker || strings.HasPrefix(low, "writer")
		case Default().times[low]:
		case initials(w, rest):
		case unicode.IsUpper([]rune(w)[0]):
			names++
		case !sourced:
			return reading{}, false
		}
	}
	if names > 6 || names > 0 && !strings.ContainsAny(g.text, ",/(|:–—-\n") && !joined && !worker && !sourced {
		return reading{}, false
	}
	r := reading{copytaster.Full, "source", true, g.agencies}
	if names > 0 {
		r.where = "byline"
		if joined || strings.Contains(rest, "avec") || strings.Contains(rest, "with") || strings.Contains(rest, "mit ") {
			r.role = copytaster.Partial
		}
	}
	return r, true
}

func startsWithSource(text string) bool {
	w, _, _ := strings.Cut(text, " ")
	return isCue("source", strings.ToLower(strings.Trim(w, ":")))
}

// initials reports whether the word is an editor's mark: up to four letters next to a slash or bracket.
func initials(w, rest string) bool {
	return utf8.RuneCountInString(w) <= 4 && (strings.Contains(rest, "/"+w) || strings.Contains(rest, w+"/") || strings.Contains(rest, "("+w+")"))
}

// without is the text with a space in the place of every mention.
func without(text string, list []mention) string {
	var b strings.Builder
	at := 0
	for _, m := range list {
		b.WriteString(text[at:m.start])
		b.WriteByte(' ')
		at = m.end
	}
	b.WriteString(text[at:])
	return b.String()
}
