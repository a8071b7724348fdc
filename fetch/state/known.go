package state

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"copytaster/fetch/feed"
)

// Mark stands for an item that is known: hashes of its guid and of its text.
type Mark struct{ GUID, Text uint64 }

// Known are the items that a feed held, 16 bytes each, in JSON as base64.
type Known []Mark

// Spans are hashes of the items as they stood in a feed, in JSON as base64.
type Spans []uint64

// MarshalText writes the hashes as base64 of their bytes, little-endian.
func (s Spans) MarshalText() ([]byte, error) {
	raw := make([]byte, 0, 8*len(s))
	for _, h := range s {
		raw = binary.LittleEndian.AppendUint64(raw, h)
	}
	return base64.RawStdEncoding.AppendEncode(nil, raw), nil
}

// UnmarshalText reads what MarshalText wrote.
func (s *Spans) UnmarshalText(text []byte) error {
	raw, err := base64.RawStdEncoding.AppendDecode(nil, text)
	if err != nil || len(raw)%8 != 0 {
		return fmt.Errorf("spans of items: %d bytes are not hashes", len(raw))
	}
	*s = make(Spans, len(raw)/8)
	for i := range *s {
		(*s)[i] = binary.LittleEndian.Uint64(raw[8*i:])
	}
	return nil
}

// MarshalText writes the marks as base64 of their bytes, little-endian.
func (k Known) MarshalText() ([]byte, error) {
	raw := make([]byte, 0, 16*len(k))
	for _, m := range k {
		raw = binary.LittleEndian.AppendUint64(raw, m.GUID)
		raw = binary.LittleEndian.AppendUint64(raw, m.Text)
	}
	return base64.RawStdEncoding.AppendEncode(nil, raw), nil
}

// UnmarshalText reads what MarshalText wrote.
func (k *Known) UnmarshalText(text []byte) error {
	raw, err := base64.RawStdEncoding.AppendDecode(nil, text)
	if err != nil || len(raw)%16 != 0 {
		return fmt.Errorf("known items: %d bytes are not marks", len(raw))
	}
	*k = make(Known, len(raw)/16)
	for i := range *k {
		(*k)[i] = Mark{binary.LittleEndian.Uint64(raw[16*i:]), binary.LittleEndian.Uint64(raw[16*i+8:])}
	}
	return nil
}

// Shows reports whether the feed showed an item with the guid lately.
func (s State) Shows(guid string) bool {
	id := Sum(guid)
	return slices.ContainsFunc(s.Known, func(m Mark) bool { return m.GUID == id })
}

// Missing are the places in now of marks that are not in k. The newest come first, as feeds have them.
func (k Known) Missing(now Known) (at []int) {
	old := make(map[Mark]bool, len(k))
	for _, m := range k {
		old[m] = true
	}
	for i, m := range now {
		if !old[m] {
			at = append(at, i)
			old[m] = true
		}
	}
	return at
}

// Follow is what is known after a body with the marks now. Items that are not in it are kept for a while, as many again as it has, for
// outlets whose servers do not all show the same feed; of a body that is only a part (status 226), 256.
func (k Known) Follow(now Known, partial bool) Known {
	keep := len(now)
	if partial {
		keep = max(keep, 256)
	}
	have := make(map[uint64]bool, len(now))
	for _, m := range now {
		have[m.GUID] = true
	}
	out := slices.Clone(now)
	for _, m := range k {
		if len(out)-len(now) < keep && !have[m.GUID] {
			out = append(out, m)
		}
	}
	return out
}

// Seen are the marks of the items that the feed showed the last time, by span. There are none if two of them had one guid.
func (s State) Seen() map[uint64]Mark {
	if len(s.Spans) > len(s.Known) {
		return nil
	}
	seen, guids := make(map[uint64]Mark, len(s.Spans)), make(map[uint64]bool, len(s.Spans))
	for i, span := range s.Spans {
		seen[span], guids[s.Known[i].GUID] = s.Known[i], true
	}
	if len(guids) < len(s.Spans) {
		return nil
	}
	return seen
}

// Marks are those of all entries, in their order.
func Marks(doc *feed.Document) Known {
	k := make(Known, len(doc.Entries))
	var said []byte
	for i, n := range doc.Entries {
		k[i], said = mark(n, said[:0])
	}
	return k
}

// mark hashes what names an entry and what it says. Dates and markup are left out: outlets change them for nothing, and an item that
// comes again costs the fetch of its page. It returns the memory that it used beside the mark, for the next one.
func mark(n feed.Node, said []byte) (Mark, []byte) {
	said = append(append(said, n.Title...), 0)
	said = append(append(said, n.Link...), 0)
	for _, a := range n.Authors {
		said = append(append(said, a...), 0)
	}
	for _, e := range n.Enclosures {
		said = append(append(said, e.Type...), 0)
	}
	said = appendText(appendText(said, n.Summary), n.Content)
	text := first8(sha256.Sum256(said))
	if n.ID == "" && n.Link == "" {
		return Mark{GUID: text, Text: text}, said
	}
	if n.ID == "" {
		return Mark{GUID: Sum(n.Link), Text: text}, said
	}
	return Mark{GUID: Sum(strings.TrimSpace(n.ID)), Text: text}, said // as feed.Items makes the guid of it
}

// appendText appends the words of HTML without its tags and spaces.
func appendText(to []byte, s string) []byte {
	for s != "" {
		text, rest, _ := strings.Cut(s, "<")
		to = appendWords(to, text)
		_, s, _ = strings.Cut(rest, ">")
	}
	return append(to, 0)
}

// appendWords appends a text without its spaces.
func appendWords(to []byte, text string) []byte {
	from := 0
	for i := 0; i < len(text); {
		if text[i] > ' ' && text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		if unicode.IsSpace(r) {
			to, from = append(to, text[from:i]...), i+n
		}
		i += n
	}
	return append(to, text[from:]...)
}

func first8(sum [sha256.Size]byte) uint64 { return binary.LittleEndian.Uint64(sum[:]) }

// Sum is 64 bits of SHA-256.
func Sum(s string) uint64 {
	return first8(sha256.Sum256([]byte(s)))
}

// Line is a text from outside on one line, without markup, of n bytes at most.
func Line(s string, n int) string {
	var b strings.Builder
	for rest := s; rest != ""; {
		text, tag, _ := strings.Cut(rest, "<")
		b.WriteString(text + " ")
		_, rest, _ = strings.Cut(tag, ">")
	}
	s = strings.Join(strings.Fields(html.UnescapeString(b.String())), " ")
	if len(s) > n {
		s = s[:n-len("…")] + "…"
	}
	return strings.ToValidUTF8(s, "")
}
