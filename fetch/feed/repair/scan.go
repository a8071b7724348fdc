package repair

import (
	"strings"

	"copytaster/fetch/feed/repair/chars"
)

type kind byte

const (
	text       kind = iota // character data
	cdata                  // a CDATA section
	other                  // a comment, an instruction or a declaration
	startTag               // <name …>
	emptyTag               // <name …/>
	endTag                 // </name>
	endOfInput             // nothing is left
)

// token is a piece of the input, s[from:to]. It is sound if an XML parser takes it as it stands (text is not looked into).
type token struct {
	kind     kind
	from, to int
	name     string // of a tag, as an XML parser takes it
	sound    bool
}

// attr is an attribute with its value as it stands between the quotes.
type attr struct {
	name, value string
	quoted      bool
}

// scanner cuts the input into tokens; it takes any input and always advances.
type scanner struct {
	s     string
	attrs []attr           // of the tag scanned last, valid until the next one
	seen  map[string]found // what find found, so that marks that never come are searched for once
}

type found struct{ from, at int }

// find is the index of the mark at or behind from, or -1.
func (sc *scanner) find(mark string, from int) int {
	if f, ok := sc.seen[mark]; ok && f.from <= from && (f.at < 0 || from <= f.at) {
		return f.at
	}
	at := strings.Index(sc.s[from:], mark)
	if at >= 0 {
		at += from
	}
	sc.seen[mark] = found{from, at}
	return at
}

// scan reads the token that begins at i.
func (sc *scanner) scan(i int) token {
	s := sc.s
	switch {
	case i >= len(s):
		return token{kind: endOfInput, from: len(s), to: len(s)}
	case s[i] != '<':
		return sc.text(i, i)
	case strings.HasPrefix(s[i:], "<![CDATA["):
		return sc.section(i)
	case strings.HasPrefix(s[i:], "<!--"):
		return sc.comment(i)
	case strings.HasPrefix(s[i:], "<!"):
		return sc.until(token{kind: other, from: i}, ">")
	case strings.HasPrefix(s[i:], "<?"):
		return sc.until(token{kind: other, from: i}, "?>")
	}
	if t, ok := sc.tag(i); ok {
		return t
	}
	return sc.text(i, i+1)
}

// text reaches to the next < at or behind from.
func (sc *scanner) text(i, from int) token {
	to := strings.IndexByte(sc.s[from:], '<')
	if to < 0 {
		to = len(sc.s) - from
	}
	return token{kind: text, from: i, to: from + to, sound: from == i}
}

// section is sound if it ends and no further one begins inside.
func (sc *scanner) section(i int) token {
	end := sc.find("]]>", i)
	if end < 0 {
		return token{kind: cdata, from: i, to: len(sc.s)}
	}
	return token{kind: cdata, from: i, to: end + 3, sound: !strings.Contains(sc.s[i+9:end], "<![CDATA[")}
}

// comment ends at the first --> or, where none comes, at the first >.
func (sc *scanner) comment(i int) token {
	end := sc.find("-->", i+4)
	if end < 0 {
		return sc.until(token{kind: other, from: i}, ">")
	}
	return token{kind: other, from: i, to: end + 3, sound: !strings.Contains(sc.s[i+4:end], "--") && sc.s[end-1] != '-'}
}

// until ends the token behind the mark; without one it ends at the next tag or with the input. Of these tokens only instructions are
// sound inside a feed.
func (sc *scanner) until(t token, mark string) token {
	end := sc.find(mark, t.from)
	if end < 0 {
		t.to = sc.text(t.from, t.from+1).to
		return t
	}
	t.to = end + len(mark)
	target := sc.s[t.from+2 : nameEnd(sc.s, t.from+2)]
	t.sound = mark == "?>" && target != "" && !strings.HasPrefix(target, "xml") && !strings.Contains(target, ":")
	return t
}

// tag reads a start, empty or end tag. A tag that is not closed ends before the next <.
func (sc *scanner) tag(i int) (token, bool) {
	s, j := sc.s, i+1
	t := token{kind: startTag, from: i}
	if j < len(s) && s[j] == '/' {
		t.kind = endTag
		j++
	}
	from := skipSpace(s, j)
	end := nameEnd(s, from)
	t.name = tagName(s[from:end])
	if t.name == "" || from > j && !core(t.name) {
		return t, false
	}
	t.sound = from == j && t.name == s[from:end]
	sc.attributes(&t, end)
	if t.kind == endTag && len(sc.attrs) > 0 {
		t.sound = false
	}
	return t, true
}

// attributes reads up to the end of the tag and sets its kind, soundness and end.
func (sc *scanner) attributes(t *token, j int) {
	s := sc.s
	sc.attrs = sc.attrs[:0]
	for {
		k := skipSpace(s, j)
		switch {
		case k >= len(s) || s[k] == '<':
			t.to, t.sound = k, false
			return
		case s[k] == '>':
			t.to = k + 1
			return
		case s[k] == '/' && k+1 < len(s) && s[k+1] == '>':
			if t.kind == endTag {
				t.sound = false
			} else {
				t.kind = emptyTag
			}
			t.to = k + 2
			return
		}
		end := nameEnd(s, k)
		if end == k { // a character that no tag holds
			t.sound, j = false, k+1
			continue
		}
		a := attr{name: s[k:end]}
		if k == j || strings.Count(a.name, ":") > 1 || sc.repeats(a.name) {
			t.sound = false
		}
		j = sc.value(&a, end)
		if !a.quoted || strings.ContainsAny(a.value, "<&") && !chars.Sound(a.value) {
			t.sound = false
		}
		sc.attrs = append(sc.attrs, a)
	}
}

// repeats reports whether the tag already has the attribute. Beyond maxAttrs every one is too many.
func (sc *scanner) repeats(name string) bool {
	for i, a := range sc.attrs {
		if a.name == name || i >= maxAttrs {
			return true
		}
	}
	return false
}

// value reads what follows the name of an attribute and returns where it ends.
func (sc *scanner) value(a *attr, j int) int {
	s := sc.s
	k := skipSpace(s, j)
	if k >= len(s) || s[k] != '=' {
		return j
	}
	if k = skipSpace(s, k+1); k >= len(s) {
		return k
	}
	if q := s[k]; q == '"' || q == '\'' {
		if end := sc.find(s[k:k+1], k+1); end >= 0 && (closes(s, end+1) || !strings.ContainsAny(s[k+1:end], "<>") && s[end-1] != '=') {
			a.value, a.quoted = s[k+1:end], true
			return end + 1
		}
		k++ // the closing quote is missing
	}
	end := k + strings.IndexAny(s[k:min(len(s), k+maxBare)]+" ", " \t\r\n<>")
	if end > k && end < len(s) && s[end] == '>' && s[end-1] == '/' {
		end--
	}
	a.value = strings.Trim(s[k:end], `"'`)
	return end
}

// closes reports whether a tag may go on at i behind a quoted value.
func closes(s string, i int) bool {
	return i >= len(s) || strings.IndexByte(" \t\r\n/>?", s[i]) >= 0
}

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// nameEnd is where the name that begins at i ends; i if none does. No vocabulary of feeds or HTML has names beyond ASCII.
func nameEnd(s string, i int) int {
	for j := i; j < len(s); j++ {
		c := s[j]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == ':' && j > i || j > i && (c == '-' || c == '.' || '0' <= c && c <= '9') {
			continue
		}
		return j
	}
	return len(s)
}
