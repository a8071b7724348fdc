package phrase

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"copytaster/dedupe/clean/nfkc"
)

// Line is a text in its normal form.
type Line struct {
	Text   string
	padded string // with a space at either end
	Mark   byte   // the mark in which it ended: . ! ? or 0
	Colon  int    // where in padded the first colon or bar stood, -1 if nowhere
	Runes  int    // length of the original
	Told   bool   // each rune of it became what it becomes alone
}

// Normal is the form in which lines are compared: NFKC, lower case, every run of digits a 0, every run of other characters than
// letters, digits, © and @ one space. The vowel signs of Arabic, which are written or not, are left out.
func Normal(s string) Line {
	l := Line{Mark: lastMark(s)}
	if l.Told = l.simple(s); !l.Told {
		l.general(s)
	}
	l.Text = l.padded[1:max(1, len(l.padded)-1)]
	return l
}

// letter is what a rune of a text in NFKC becomes: itself in lower case, a 0, a space, or nothing.
func letter(r rune) rune {
	switch {
	case unicode.IsDigit(r):
		return '0'
	case r == '\'' || r == '’' || r == '\u00ad' || r == '\u200b' || vowel(r):
		return gone
	case unicode.IsLetter(r) || unicode.IsMark(r) || r == '©' || r == '@':
		return unicode.ToLower(r)
	}
	return ' '
}

func isColon(r rune) bool { return r == ':' || r == '|' }

// vowel reports whether the rune is a vowel sign of Arabic, or the stroke that makes a word longer.
func vowel(r rune) bool { return '\u064b' <= r && r <= '\u0652' || r == '\u0640' }

// What a rune may become beside a letter, a space and a 0; all of these are at most '0'.
const (
	gone   = 0 // nothing
	unlike = 1 // not told by the rune alone: it joins its neighbours, or becomes several
	colon  = 2 // a space, and the mark that a pattern's colon is
)

// alphabet says what the first runes become, and of bytes that begin or continue others that they are unlike.
type alphabet struct {
	bytes [256]byte
	runes [nfkc.End]uint16
}

var forms = sync.OnceValue(func() *alphabet {
	var t alphabet
	for r := range rune(nfkc.End) {
		as, told := nfkc.Alone(r)
		_, lowToo := nfkc.Alone(unicode.ToLower(r))
		switch {
		case isColon(r):
			t.runes[r] = colon
		case !told || !lowToo:
			t.runes[r] = unlike
		default:
			t.runes[r] = uint16(letter(as))
		}
	}
	for c := range t.bytes {
		if t.bytes[c] = unlike; c < utf8.RuneSelf {
			t.bytes[c] = byte(t.runes[c])
		}
	}
	return &t
})

// simple is general for a text all of whose runes are told alone, for a tenth of the time. It does nothing and reports false for others.
func (l *Line) simple(s string) bool {
	var room [512]byte
	b := room[:]
	if len(b) < len(s)*3/2+4 { // two bytes may become three
		b = make([]byte, len(s)*3/2+4)
	}
	b[0] = ' '
	n, last, runes, first, forms := 1, byte(' '), len(s), -1, forms()
	for i := 0; ; i++ {
		for ; i < len(s) && forms.bytes[s[i]] > colon; i++ { // most of a text
			if f := forms.bytes[s[i]]; f > '0' || f != last { // many spaces are one, a run of digits one 0
				b[n], last = f, f
				n++
			}
		}
		if i == len(s) {
			break
		}
		f := rune(forms.bytes[s[i]])
		if f == unlike {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r >= nfkc.End || forms.runes[r] == unlike {
				return false
			}
			f = rune(forms.runes[r])
			i, runes = i+size-1, runes-size+1
		}
		if f == colon {
			if first < 0 {
				first = behind(b[:n])
			}
			f = ' '
		}
		if f > '0' || f != gone && byte(f) != last {
			n, last = n+utf8.EncodeRune(b[n:], f), byte(min(f, utf8.RuneSelf))
		}
	}
	l.padded, l.Runes, l.Colon = string(pad(b[:n])), runes, first
	return true
}

// general makes the normal form of a text, and finds the first colon or bar.
func (l *Line) general(s string) {
	b, last, first := append(make([]byte, 0, len(s)+2), ' '), ' ', -1
	for _, r := range norm.NFKC.String(strings.ToValidUTF8(s, " ")) {
		if isColon(r) && first < 0 {
			first = behind(b)
		}
		if f := letter(r); f > '0' || f != gone && f != last {
			b, last = utf8.AppendRune(b, f), f
		}
	}
	l.padded, l.Runes, l.Colon = string(pad(b)), utf8.RuneCountInString(s), first
	if text := l.padded[1 : len(l.padded)-1]; !norm.NFKC.IsNormalString(text) {
		l.compose(text)
	}
}

// behind is where a mark behind the padded text counts: a space before it stands behind it in the normal form.
func behind(b []byte) int {
	if n := len(b); n > 1 && b[n-1] == ' ' {
		return n - 1
	}
	return len(b)
}

// pad ends a padded text in a space.
func pad(b []byte) []byte {
	if len(b) > 1 && b[len(b)-1] == ' ' {
		return b
	}
	return append(b, ' ')
}

// compose makes the text NFKC again: a letter and a mark may meet only in lower case (J̌ has no single rune, ǰ has), or once an
// apostrophe between them is gone.
func (l *Line) compose(text string) {
	if l.Colon > 0 {
		l.Colon = 1 + len(norm.NFKC.String(text[:l.Colon-1]))
	}
	l.padded = " " + norm.NFKC.String(text) + " "
}

// lastMark is the mark in which the text ends, a full stop in any script as '.', 0 if there is none.
func lastMark(s string) byte {
	if s == "" {
		return 0
	}
	if c := s[len(s)-1]; c < utf8.RuneSelf && strings.IndexByte(" \"')", c) < 0 {
		return markOf(rune(c))
	}
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, " …\"'”’»)"))
	return markOf(r)
}

func markOf(r rune) byte {
	switch r {
	case '!', '！':
		return '!'
	case '?', '？', '؟':
		return '?'
	case '.', '。', '۔':
		return '.'
	}
	return 0
}
