package date

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// day is a day of the Gregorian calendar.
type day struct{ year, month, day int }

var part = regexp.MustCompile(`\d+|[\p{L}\p{M}]+|.`)

// number is a run of digits with the sign before it.
type number struct {
	value, width int
	sep          string
}

// readDay reads day, month and year. The bar parts what stood before the time of day from what stood behind it. half says that
// the time was of twelve hours, which is American and puts the month first.
func readDay(s string, half bool) (day, bool) {
	s = strings.NewReplacer("年", "-", "月", "-", "日", " ", "년", "-", "월", "-", "일", " ").Replace(s)
	var nums []number
	var months []int
	sep := ""
	for _, p := range part.FindAllString(s, -1) {
		switch r := rune(p[0]); {
		case '0' <= r && r <= '9':
			n, err := strconv.Atoi(p)
			if err != nil {
				return day{}, false
			}
			nums = append(nums, number{n, len(p), strings.TrimSpace(sep)})
			sep = ""
		case strings.Contains(" |,.;-/'’", p):
			sep += p
		default:
			m := month(p)
			switch {
			case m > 0:
				months = append(months, m)
			case filler(p) || weekday(p) || len(nums) == 0 && len(months) == 0 && letters(p) || ordinal(p) && sep == "" && len(nums) > 0:
			default:
				return day{}, false
			}
			sep = ""
		}
	}
	switch {
	case len(months) > 2 || len(months) == 2 && len(nums) > 2:
		return day{}, false
	case len(months) > 0:
		return named(nums, months[len(months)-1])
	}
	return numeric(nums, half)
}

// named completes a month that is a word. The year is what cannot be a day, else the second number.
func named(nums []number, month int) (day, bool) {
	switch len(nums) {
	case 1:
		if nums[0].width == 4 {
			return check(nums[0].value, month, 1)
		}
	case 2:
		a, b := nums[0], nums[1]
		if a.width == 4 {
			a, b = b, a
		}
		if b.width == 4 || b.width == 2 {
			return check(year(b), month, a.value)
		}
	}
	return day{}, false
}

// numeric reads a date of numbers only, by their widths and what parts them.
func numeric(nums []number, half bool) (day, bool) {
	switch len(nums) {
	case 1:
		return single(nums[0])
	case 2:
		return pair(nums[0], nums[1])
	case 3:
	default:
		return day{}, false
	}
	a, b, c := nums[0], nums[1], nums[2]
	switch {
	case a.width == 4:
		return check(a.value, b.value, c.value)
	case c.width == 4 && b.value > 12 || c.width == 4 && half && a.value <= 12 && b.sep == "/":
		return check(c.value, a.value, b.value)
	case c.width == 4:
		return check(c.value, b.value, a.value)
	case b.sep == ".":
		return check(year(c), b.value, a.value)
	case a.width <= 2 && c.width <= 2:
		if a.value > 31 || a.width == 2 || c.width == 1 {
			return check(year(a), b.value, c.value)
		}
		return check(year(c), a.value, b.value)
	}
	return day{}, false
}

// single reads 20040131, 2004031 (the day of the year), 2004 and ISO 8601's -040131, -0401 and -04.
func single(n number) (day, bool) {
	short := n.sep == "-"
	v := n.value
	switch {
	case n.width == 8:
		return check(v/10000, v/100%100, v%100)
	case n.width == 7:
		return ordinalDay(v/1000, v%1000)
	case n.width == 6 && short:
		return check(2000+v/10000, v/100%100, v%100)
	case n.width == 4 && short:
		return check(2000+v/100, v%100, 1)
	case n.width == 4:
		return check(v, 1, 1)
	case n.width == 2 && short:
		return check(2000+v, 1, 1)
	}
	return day{}, false
}

// pair reads 2004-01, 01/2004, 2004-031 (the day of the year) and -04-01.
func pair(a, b number) (day, bool) {
	switch {
	case a.width == 4 && b.width == 3:
		return ordinalDay(a.value, b.value)
	case a.width == 4 && b.width <= 2 && b.sep != "":
		return check(a.value, b.value, 1)
	case a.width <= 2 && b.width == 4 && b.sep != "":
		return check(b.value, a.value, 1)
	case a.sep == "-" && a.width == 2 && b.width == 2:
		return check(2000+a.value, b.value, 1)
	}
	return day{}, false
}

func ordinalDay(y, n int) (day, bool) {
	t := time.Date(y, 1, n, 0, 0, 0, 0, time.UTC)
	return day{y, int(t.Month()), t.Day()}, n > 0 && t.Year() == y
}

// year completes one of two digits: 70 to 99 are of the last century.
func year(n number) int {
	switch {
	case n.width > 2:
		return n.value
	case n.value >= 70:
		return 1900 + n.value
	}
	return 2000 + n.value
}

// check refuses days that no calendar has.
func check(y, m, d int) (day, bool) {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return day{y, m, d}, m >= 1 && m <= 12 && d >= 1 && t.Day() == d
}

func letters(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
}

// ordinal reports whether the word is what stands behind a day's number: 16th, 1er, 2ème.
func ordinal(s string) bool {
	switch s {
	case "st", "nd", "rd", "th", "er", "ère", "ème", "e", "o", "º", "ª":
		return true
	}
	return false
}

// filler reports whether the word says nothing: the T of ISO 8601, at, of, Uhr.
func filler(s string) bool {
	switch s {
	case "t", "at", "on", "of", "the", "de", "del", "di", "le", "el", "à", "a", "às", "um", "uhr", "den", "der", "am", "kl", "klo", "om", "o", "г", "в", "los", "ore":
		return true
	}
	return false
}

// weekday reports whether the word is an English day of the week, which may stand anywhere; others stand first.
func weekday(s string) bool {
	for _, d := range [...]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		if len(s) >= 3 && strings.HasPrefix(d, s) {
			return true
		}
	}
	return s == "thur" || s == "thurs" || s == "tues"
}

// month is the number of a month by its name or the first three letters of it or more, in any of the languages below; 0 if it is none.
func month(word string) int {
	w := fold(word)
	if len([]rune(w)) < 3 {
		return 0
	}
	for _, names := range months {
		for i, name := range names {
			if strings.HasPrefix(name, w) {
				return i + 1
			}
		}
	}
	if w == "sept" {
		return 9
	}
	return 0
}

// fold drops accents, so that déc and dec are one.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// months holds the months without accents: English, German, Austrian, French, Spanish, Italian, Portuguese, Dutch, Scandinavian,
// Polish, Czech, Russian, Greek, Hungarian, Turkish.
var months = fields(

	"january february march april may june july august september october november december",
	"januar februar marz april mai juni juli august september oktober november dezember",
	"janner feber maerz april mai juni juli august september oktober november dezember",
	"janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
	"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
	"gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
	"janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
	"januari februari maart april mei juni juli augustus september oktober november december",
	"januar februar mars april maj juni juli augusti september oktober november desember",
	"stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia",
	"ledna unora brezna dubna kvetna cervna cervence srpna zari rijna listopadu prosince",
	"января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
	"ιανουαριος φεβρουαριος μαρτιος απριλιος μαιος ιουνιος ιουλιος αυγουστος σεπτεμβριος οκτωβριος νοεμβριος δεκεμβριος",
	"ιανουαριου φεβρουαριου μαρτιου απριλιου μαιου ιουνιου ιουλιου αυγουστου σεπτεμβριου οκτωβριου νοεμβριου δεκεμβριου",
	"januar februar marcius aprilis majus junius julius augusztus szeptember oktober november december",
	"ocak subat mart nisan mayıs haziran temmuz agustos eylul ekim kasım aralık",
)

func fields(lists ...string) [][]string {
	out := make([][]string, len(lists))
	for i, l := range lists {
		out[i] = strings.Fields(l)
	}
	return out
}
