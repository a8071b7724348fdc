package page

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"

	"codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"

	"copytaster"
)

// candidate is one possible text of an article.
type candidate struct {
	engine string
	blocks []copytaster.Block
	size   int // runes of the kept blocks

	captions []copytaster.Block // of the pictures around it
}

// cut makes a candidate from HTML.
func cut(engine, source string) candidate { return candidateOf(engine, Blocks(source)) }

func candidateOf(engine string, blocks []copytaster.Block) candidate {
	c := candidate{engine: engine, blocks: blocks}
	for _, b := range c.blocks {
		if b.Kept {
			c.size += utf8.RuneCountInString(b.Text)
		}
	}
	return c
}

// The largest page that Readability is given, in elements and in bytes of prose; its time grows faster than the page. The largest of
// 900 saved pages has 10,100 tags.
const (
	maxElements = 20000
	maxProse    = 1 << 20
)

// best is the best text of the page among its candidates.
func best(doc *html.Node, source string, base *url.URL, e evidence, hint Hint) candidate {
	subject := subjectOf(hint)
	c := pick(candidates(doc, base, true), e, subject, hint)
	if c.size < 300 || subject.share(c) < 0.3 {
		if again, err := html.Parse(strings.NewReader(source)); err == nil {
			c = fuller(c, candidates(again, base, false), subject)
		}
	}
	if c.size >= 1500 {
		return c
	}
	for _, other := range []candidate{cut("json-ld", paragraphs(e.ld.body)), embedded(e), cut("feed", hint.Content)} {
		if other.size >= 500 && other.size > 3*c.size {
			c = other // what the page shows is a stub
		}
	}
	return c
}

// candidates are the near and the wide text of a page. They change the tree.
func candidates(doc *html.Node, base *url.URL, pruned bool) (list [2]candidate) {
	wide, big := contained(doc, pruned)
	if big {
		return [2]candidate{wide, wide}
	}
	near := readable(doc, base)
	near.captions = wide.captions
	return [2]candidate{near, wide}
}

// pick takes the near candidate, unless the wide one is better, or tells much more of the subject.
func pick(list [2]candidate, e evidence, s subject, hint Hint) candidate {
	near, wide := list[0], list[1]
	switch n, w := s.share(near), s.share(wide); {
	case w > n+0.3:
		return wide
	case w < n-0.15:
		return near
	}
	if better(wide, near, e.ld.body, hint) {
		return wide
	}
	return near
}

// fuller is the candidate that tells more of the subject than the one found before, or is three times as long.
func fuller(c candidate, list [2]candidate, s subject) candidate {
	for _, o := range list {
		if s.share(o) > s.share(c)+0.2 || o.size > 3*c.size && s.share(o) >= s.share(c) {
			c = o
		}
	}
	return c
}

// readable is the article as Mozilla's Readability finds it. It changes the tree.
func readable(doc *html.Node, base *url.URL) candidate {
	p := readability.NewParser()
	p.DisableJSONLD = true
	art, err := p.ParseAndMutate(doc, base)
	if err != nil || art.Node == nil {
		return candidate{}
	}
	return candidateOf("readability", blocksOf(art.Node))
}

// paragraphs wraps the lines of plain text into paragraphs; text with tags is left alone.
func paragraphs(text string) string {
	if strings.Contains(text, "</p>") || text == "" {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("<p>" + html.EscapeString(strings.TrimSpace(line)) + "</p>\n")
	}
	return b.String()
}

// plain is the text of a page that could not be parsed: every block long enough to be prose.
func plain(source string) candidate {
	c := cut("blocks", source)
	var kept []copytaster.Block
	for _, b := range c.blocks {
		if utf8.RuneCountInString(b.Text) >= 80 {
			kept = append(kept, b)
		}
	}
	c.blocks = kept
	return c
}

// better reports whether the wide candidate is to be preferred to the near one. JSON-LD decides if it gives the text and one of them is
// clearly nearer to it. Else the wide one must bring more prose before the near one's last block than a tenth of that, after what it
// loses: on saved pages what it brings behind the last common block is other stories, unless the near one is a mere stub.
func better(wide, near candidate, ld string, hint Hint) bool {
	if len(ld) >= 500 {
		w, n := agreement(wide.blocks, ld), agreement(near.blocks, ld)
		if max(w, n) >= 0.8 && (w > n+0.03 || n > w+0.03) {
			return w > n
		}
	}
	in, total := map[string]bool{}, 0
	for _, b := range near.blocks {
		if b.Kept {
			in[b.Text] = true
			total += len(b.Text)
		}
	}
	most := beside(wide, in, nil) // if nothing of it is furniture, which is dear to know
	if !most.whole(total) && !most.longer(total) {
		return false
	}
	e := beside(wide, in, hint.Boilerplate)
	if e.common == 0 || e.tail > 2*total {
		return e.whole(total)
	}
	return e.longer(total)
}

// extra counts the bytes of a wide candidate: its prose less its furniture up to the near one's last block and behind that, and what both have.
type extra struct{ gain, tail, common int }

// beside counts what the wide candidate has beside the texts of the near one. furniture tells standing lines; nil: none is.
func beside(wide candidate, near map[string]bool, furniture func(line string) bool) (e extra) {
	for _, b := range wide.blocks {
		switch {
		case !b.Kept:
		case near[b.Text]:
			e = extra{e.gain + e.tail, 0, e.common + len(b.Text)}
		case furniture != nil && furniture(b.Text):
			e.tail -= len(b.Text)
		default:
			e.tail += len(b.Text)
		}
	}
	return e
}

// whole reports whether the near candidate, of so many bytes, is a mere stub of the wide one.
func (e extra) whole(total int) bool { return e.gain+e.tail > 3*total }

// longer reports whether the wide candidate brings enough before the near one's last block.
func (e extra) longer(total int) bool { return e.gain > total/10+(total-e.common) }

// agreement is the Dice coefficient of two texts' words.
func agreement(blocks []copytaster.Block, text string) float64 {
	count, na, nb, both := map[string]int{}, 0, 0, 0
	for w := range strings.FieldsSeq(text) {
		count[w]++
		na++
	}
	for _, b := range blocks {
		if !b.Kept {
			continue
		}
		for w := range strings.FieldsSeq(b.Text) {
			nb++
			if count[w] > 0 {
				count[w]--
				both++
			}
		}
	}
	return 2 * float64(both) / float64(max(1, na+nb))
}

// embedded is the longest HTML that a page's JSON scripts hold as a string: pages that a browser would have to build.
func embedded(e evidence) candidate {
	longest := ""
	for _, s := range e.state {
		for len(s) > 500 {
			i := strings.IndexByte(s, '"')
			if i < 0 {
				break
			}
			end := quoted(s[i:])
			if end > len(longest) && end > 500 {
				var v string
				if json.Unmarshal([]byte(s[i:i+end]), &v) == nil && strings.Contains(v, "</p>") {
					longest = v
				}
			}
			s = s[i+max(end, 1):]
		}
	}
	return cut("embedded", longest)
}

// quoted is the length of the JSON string that begins the text, with its quotes.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}
