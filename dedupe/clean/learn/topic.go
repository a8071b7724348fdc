package learn

import (
	"slices"
	"strings"
)

// topic is what an article is about: hashes of up to topicWords words that it repeats, the most frequent first, 0 for none.
type topic [topicWords]uint32

const (
	topicWords  = 12
	recentSize  = 24 // articles of an outlet whose words say what is common there
	commonShare = 2  // a word is common if every second of them is about it
	kinship     = 3  // words that two articles on one subject share at least
)

// related reports whether two articles are about one subject.
func (t topic) related(o topic) bool {
	shared := 0
	for _, w := range t {
		if w != 0 && slices.Contains(o[:], w) {
			shared++
		}
	}
	return shared >= kinship
}

// about is what an article of the outlet is about, without the words that are common at the outlet. It leaves in ranked only what it looked at.
func (o *outlet) about(ranked *[]uint32) (own topic) {
	var plain topic
	looked, kept := copy(plain[:], *ranked), 0
	for i, w := range *ranked {
		if kept == topicWords {
			break
		}
		looked = max(looked, i+1)
		if !o.common(w) {
			own[kept] = w
			kept++
		}
	}
	*ranked = (*ranked)[:looked]
	if len(o.recent) < recentSize {
		o.recent = append(o.recent, plain)
	} else {
		o.recent[o.next] = plain
		o.next = (o.next + 1) % recentSize
	}
	return own
}

// common reports whether every second of the outlet's last articles, and three at least, is about the word.
func (o *outlet) common(w uint32) bool {
	n := 0
	for i := range o.recent {
		if slices.Contains(o.recent[i][:], w) {
			n++
		}
	}
	return n >= 3 && n*commonShare >= len(o.recent)
}

// subject ranks the words that stand in several blocks of the article: by the number of blocks, then length. So neither the words of
// one standing line nor those of one paragraph make the subject.
func (r *Reader) subject() []uint32 {
	r.repeated = r.repeated[:0]
	for i := range r.words {
		if w := &r.words[i]; w.blocks > 1 {
			w.text = strings.ToLower(w.text)
			r.repeated = append(r.repeated, w)
		}
	}
	slices.SortFunc(r.repeated, compare)
	hashes := make([]uint32, min(len(r.repeated), 3*topicWords))
	for i := range hashes {
		hashes[i] = uint32(hash(r.repeated[i].text)) | 1
	}
	return hashes
}

func compare(a, b *word) int {
	switch {
	case a.blocks != b.blocks:
		return b.blocks - a.blocks
	case a.runes != b.runes:
		return b.runes - a.runes
	}
	return strings.Compare(a.text, b.text)
}
