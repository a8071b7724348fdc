// Package date reads the dates that feeds carry: RFC 822 and RFC 3339 and what outlets write instead, in 15 languages. It never guesses:
// a date with a word, a number or a zone that cannot be is no date.
package date

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones by region must not depend on the machine
)

// maxLength is how many bytes a date may have; the longest of Go's and of browsers have 62.
const maxLength = 120

var (
	comment = regexp.MustCompile(`\([^()]*\)`)
	isoT    = regexp.MustCompile(`(\d)t(\d)`)
	compact = regexp.MustCompile(`^(\d{4})(\d\d)(\d\d) ?(\d\d)(\d\d)(\d\d)?`)
	clock   = regexp.MustCompile(`(오전|오후|上午|下午)?\s*\b(\d{1,2})(?::|h|時|시)\s*(\d{1,2})(?::(\d{1,2})(?:[.,]\d+)?)?(?:\s*(am|pm|a\.m\.?|p\.m\.?)(?:[^a-z]|$))?`)
	hour    = regexp.MustCompile(`()\b(\d{1,2})()()\s*(am|pm|a\.m\.|p\.m\.)`)
	offset  = regexp.MustCompile(`^[\s:]*(?:gmt|utc|ut|z)?\s*([+-])[+-]?\s?(\d{1,2})(?::?(\d\d))?(?::?00)?(?:\s*(?:gmt|utc))?(?:[\s,]|$)`)
	zone    = regexp.MustCompile(`^[\s,]*([a-z]+(?:/[a-z_]+){0,2})(?:[\s,.]|$)`)
)

// Parse reads a date. Without a zone it is UTC, without a day the first. The year must lie between 1800 and 2999.
func Parse(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range likely(s) {
		if t, err := time.Parse(layout, s); err == nil {
			return possible(t)
		}
	}
	if s == "" || len(s) > maxLength {
		return time.Time{}, false
	}
	s = strings.Join(strings.Fields(comment.ReplaceAllString(strings.ToLower(s), " ")), " ")
	if t, ok := digits(s); ok {
		return possible(t)
	}
	return parse(s)
}

// likely are the layouts of sound dates that begin as this one does.
func likely(s string) []string {
	switch {
	case s == "":
		return nil
	case '0' <= s[0] && s[0] <= '9':
		return []string{time.RFC3339}
	case strings.HasSuffix(s, "GMT"):
		return []string{"Mon, 02 Jan 2006 15:04:05 GMT"}
	}
	return []string{time.RFC1123Z}
}

// possible refuses years that only mistakes give, such as the year 1 of a date that was never set.
func possible(t time.Time) (time.Time, bool) {
	if y := t.UTC().Year(); y < 1800 || y > 2999 {
		return time.Time{}, false
	}
	return t, true
}

// digits reads seconds and milliseconds of Unix time.
func digits(s string) (time.Time, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil || n <= 0:
		return time.Time{}, false
	case len(s) == 9 || len(s) == 10:
		return time.Unix(n, 0).UTC(), true
	case len(s) == 13:
		return time.UnixMilli(n).UTC(), true
	}
	return time.Time{}, false
}

// parse takes the time of day and the zone behind it out of the date and reads the rest as day, month and year.
func parse(s string) (time.Time, bool) {
	s = isoT.ReplaceAllString(s, "$1 $2")
	if m := compact.FindStringSubmatch(s); m != nil {
		s = m[1] + "-" + m[2] + "-" + m[3] + " " + m[4] + ":" + m[5] + ":" + cmp.Or(m[6], "00") + s[len(m[0]):]
	}
	var day, tail string
	var c timeOfDay
	at := clock.FindStringSubmatchIndex(s)
	if at == nil {
		at = hour.FindStringSubmatchIndex(s)
	}
	if at == nil {
		day = s
	} else {
		var ok bool
		if c, ok = readClock(s, at); !ok {
			return time.Time{}, false
		}
		end := at[1]
		if at[10] >= 0 {
			end = at[11]
		}
		day, tail = s[:at[0]], s[end:]
	}
	loc, rest := readZone(tail, c.korean)
	d, ok := readDay(day+" | "+rest, c.half)
	if !ok || loc == nil {
		return time.Time{}, false
	}
	return possible(time.Date(d.year, time.Month(d.month), d.day, c.hour, c.minute, c.second, 0, loc))
}

// timeOfDay is a time as written; half says that it is of twelve hours, korean that its words are.
type timeOfDay struct {
	hour, minute, second int
	half, korean         bool
}

func readClock(s string, at []int) (c timeOfDay, ok bool) {
	part := func(i int) string {
		if at[2*i] < 0 {
			return ""
		}
		return s[at[2*i]:at[2*i+1]]
	}
	c.hour, _ = strconv.Atoi(part(2))
	c.minute, _ = strconv.Atoi(cmp.Or(part(3), "0"))
	c.second, _ = strconv.Atoi(cmp.Or(part(4), "0"))
	before, half := part(1), part(5)
	c.half, c.korean = half != "" || before != "", strings.HasPrefix(before, "오")
	late := strings.HasPrefix(half, "p") || before == "오후" || before == "下午"
	early := c.half && !late
	switch {
	case late && c.hour < 12:
		c.hour += 12
	case early && c.hour == 12:
		c.hour = 0
	}
	ok = c.hour <= 23 && c.minute <= 59 && c.second <= 60 || c.hour == 24 && c.minute+c.second == 0
	return c, ok
}

// readZone reads the zone at the start of what follows the time of day and gives what follows it. A nil location is an impossible zone.
func readZone(s string, korean bool) (*time.Location, string) {
	if m := offset.FindStringSubmatch(s); m != nil {
		h, _ := strconv.Atoi(m[2])
		minutes, _ := strconv.Atoi(m[3])
		if h > 14 || minutes > 59 {
			return nil, ""
		}
		east := h*3600 + minutes*60
		if m[1] == "-" {
			east = -east
		}
		return time.FixedZone("", east), dropName(s[len(m[0]):])
	}
	if m := zone.FindStringSubmatch(s); m != nil && month(m[1]) == 0 && !filler(m[1]) {
		rest := s[len(m[0]):]
		if east, ok := zones[m[1]]; ok {
			return time.FixedZone("", east*60), rest
		}
		if name, ok := regional(m[1]); ok {
			return name, rest
		}
		if len(m[1]) <= 5 && !strings.Contains(m[1], "/") {
			return time.UTC, rest // an unknown abbreviation, RFC 5322 section 4.3
		}
		return nil, ""
	}
	if korean {
		return time.FixedZone("", 9*3600), s
	}
	return time.UTC, s
}

// dropName drops an abbreviation that repeats what the offset said.
func dropName(s string) string {
	if m := zone.FindStringSubmatch(s); m != nil {
		if _, ok := zones[m[1]]; ok {
			return s[len(m[0]):]
		}
	}
	return s
}

// regional finds a zone of the tz database by its name in lower case, and those that stand for a region's time of the season.
func regional(name string) (*time.Location, bool) {
	switch name {
	case "et":
		name = "america/new_york"
	case "ct":
		name = "america/chicago"
	case "mt":
		name = "america/denver"
	case "pt":
		name = "america/los_angeles"
	}
	if !strings.Contains(name, "/") {
		return nil, false
	}
	upper := true
	b := []byte(name)
	for i, c := range b {
		if upper && 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
		upper = c == '/' || c == '_'
	}
	loc, err := time.LoadLocation(string(b))
	return loc, err == nil
}

// zones holds the offsets of abbreviations in minutes. Where one means several, it is the one that most feeds mean.
var zones = map[string]int{
	"z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "cest": 120, "met": 60, "mest": 120, "mez": 60, "mesz": 120,
	"eet": 120, "eest": 180, "sast": 120, "cat": 120, "wat": 60, "eat": 180, "msk": 180, "msd": 240, "trt": 180, "ist": 330, "pkt": 300, "npt": 345,
	"ict": 420, "wib": 420, "wita": 480, "wit": 540, "hkt": 480, "sgt": 480, "myt": 480, "pht": 480, "awst": 480, "jst": 540, "kst": 540,
	"acst": 570, "acdt": 630, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
	"nst": -210, "ndt": -150, "ast": -240, "adt": -180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
	"pst": -480, "pdt": -420, "akst": -540, "akdt": -480, "hst": -600, "brt": -180, "art": -180, "clt": -240,
}
