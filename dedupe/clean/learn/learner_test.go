package learn

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"copytaster"
)

// press makes up articles. Its words are nonsense, but spread as in a language: few small ones everywhere, names of a subject in its articles.
type press struct {
	rng    *rand.Rand
	common []string
}

func newPress(seed uint64) *press {
	p := &press{rng: rand.New(rand.NewPCG(seed, 1))}
	for range 400 {
		p.common = append(p.common, p.word())
	}
	return p
}

func (p *press) word() string {
	var b strings.Builder
	for range 2 + p.rng.IntN(3) {
		b.WriteByte("bdfgklmnprstvz"[p.rng.IntN(14)])
		b.WriteByte("aeiou"[p.rng.IntN(5)])
	}
	return b.String()
}

// names makes the words of one subject.
func (p *press) names() (list []string) {
	for range 8 {
		list = append(list, p.word()+p.word())
	}
	return list
}

// paragraph makes a paragraph of a subject: every fifth word is one of its names.
func (p *press) paragraph(names []string) string {
	var b strings.Builder
	for i := range 20 + p.rng.IntN(30) {
		w := p.common[int(float64(len(p.common))*p.rng.Float64()*p.rng.Float64())]
		if p.rng.IntN(5) == 0 {
			w = names[p.rng.IntN(len(names))]
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String() + "."
}

// story makes five to fifteen paragraphs of a subject.
func (p *press) story(names []string) (list []string) {
	for range 5 + p.rng.IntN(11) {
		list = append(list, p.paragraph(names))
	}
	return list
}

// dress puts the outlet's standing lines around a story: some always, some in part of the articles, some only in a season, one with a number.
func (p *press) dress(story []string, day int) (lines []string, standing []bool) {
	add := func(share float64, text string) {
		if p.rng.Float64() < share {
			lines, standing = append(lines, text), append(standing, true)
		}
	}
	add(0.9, "Lake Herald morning edition")
	add(0.5, fmt.Sprintf("%d people are reading this page", 10+p.rng.IntN(900)))
	for i, s := range story {
		lines, standing = append(lines, s), append(standing, false)
		if i == len(story)/2 {
			add(0.4, "Our harbour camera shows the water level at every hour of the day.")
		}
	}
	add(0.8, "The Herald has been printed at the lake since the year of the great flood and belongs to its readers, who meet each spring in the old mill to choose the board.")
	add(0.6, fmt.Sprintf("Season %d of our harbour podcast is out.", day/100))
	add(0.7, "Write to the desk at https://herald.example/"+p.word())
	return lines, standing
}

func article(lines []string) Article {
	var list []copytaster.Block
	for _, s := range lines {
		list = append(list, copytaster.Block{Text: s, Kept: true})
	}
	return new(Reader).Read(list)
}

// rules asks of single lines whether they were learned of an outlet.
func rules(l *Learner, outlet string) func(line string) bool {
	return func(line string) bool { return l.Rule(outlet, article([]string{line}))(0) }
}

// TestLearnerOverAYear plays 1,500 articles of one outlet in the order of their dates: each is judged by what was learned before it,
// then shown to the learner. Story paragraphs never repeat here, so each cut of one is a mistake.
func TestLearnerOverAYear(t *testing.T) {
	p, l := newPress(1), &Learner{}
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	hit, missed, wrong := 0, 0, 0
	for i := range 1500 {
		day := i * 300 / 1500
		lines, standing := p.dress(p.story(p.names()), day)
		blocks := article(lines)
		rule := l.Rule("Herald", blocks)
		for j := range lines {
			switch cut := rule(j); {
			case standing[j] && cut:
				hit++
			case standing[j]:
				missed++
			case cut:
				wrong++
			}
		}
		l.Add("Herald", fmt.Sprint(i), start.AddDate(0, 0, day), blocks)
		if i%100 == 99 {
			l.Prune(start.AddDate(0, 0, day))
		}
	}
	precision, recall := float64(hit)/float64(hit+wrong), float64(hit)/float64(hit+missed)
	t.Logf("precision %.4f, recall %.4f of %d standing lines", precision, recall, hit+missed)
	if precision < 0.997 || recall < 0.95 {
		t.Errorf("precision %.4f, recall %.4f; want at least .997 and .95", precision, recall)
	}
}

// TestRunningStorySurvives lets one subject run for forty days, among others, with three paragraphs of background that most of its
// articles repeat, at the tail too. They are the outlet's own words, and must not be learned.
func TestRunningStorySurvives(t *testing.T) {
	for seed := range uint64(3) {
		p, l := newPress(10+seed), &Learner{}
		start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
		names := p.names()
		background := []string{p.paragraph(names), p.paragraph(names), p.paragraph(names)}
		for i := range 400 {
			story := p.story(p.names())
			if i%4 == 0 {
				story = p.story(names)
				story = slices.Insert(story, len(story)/2, background[0])
				story = append(story, background[1:]...)
			}
			lines, _ := p.dress(story, i/10)
			l.Add("Herald", fmt.Sprint(i), start.AddDate(0, 0, i/10), article(lines))
		}
		rule := rules(l, "Herald")
		for _, b := range background {
			if rule(b) {
				t.Errorf("seed %d: background was learned: %.60s", seed, b)
			}
		}
		if !rule("Lake Herald morning edition") {
			t.Errorf("seed %d: the masthead was not learned", seed)
		}
	}
}

// TestWireTextIsNotLearned shows two outlets that print an agency's standing paragraph in the same stories.
func TestWireTextIsNotLearned(t *testing.T) {
	p, l := newPress(3), &Learner{}
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	const wire = "The agency's survey asks a thousand households each month and is watched by the markets."
	for i := range 30 {
		story := append(p.story(p.names()), wire)
		at := start.AddDate(0, 0, i)
		for _, outlet := range []string{"Herald", "Post"} {
			l.Add(outlet, fmt.Sprint(i), at, article(append(slices.Clone(story), "All about "+outlet)))
		}
	}
	if rules(l, "Herald")(wire) || rules(l, "Post")(wire) {
		t.Error("wire text was learned")
	}
	if !rules(l, "Herald")("All about Herald") {
		t.Error("the outlet's own line was not learned")
	}
}

func TestFingerprint(t *testing.T) {
	want := fingerprint("Season 12: write to https://herald.example/a")
	for text, same := range map[string]bool{
		"SEASON 7 – write to http://post.example/b?c=d": true,
		"ｓｅａｓｏｎ 300 … Write to https://x.example":       true,
		"Season: write to https://herald.example/a":     false,
		"Season 12: write to the desk":                  false,
		"Season 1 2: write to https://herald.example/a": false,
	} {
		if got := fingerprint(text) == want; got != same {
			t.Errorf("%q: same %t, want %t", text, got, same)
		}
	}
}

func TestLearnerCountsAStoryOnce(t *testing.T) {
	p, l := newPress(4), &Learner{}
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 20 {
		lines := append(p.story(p.names()), "Once more.")
		l.Add("Herald", "one", at.AddDate(0, 0, i), article(lines))
	}
	if got := l.Learned("Herald"); len(got) != 0 {
		t.Errorf("learned %+v from one story", got)
	}
}

func TestLearnerForgets(t *testing.T) {
	p, l := newPress(5), &Learner{}
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 12 {
		l.Add("Herald", fmt.Sprint(i), at.AddDate(0, 0, i), article(append(p.story(p.names()), "Old slogan")))
	}
	l.Prune(at.AddDate(0, 0, 60))
	if n := len(l.outlets["Herald"].counts); n != 1 || len(l.lone) != 0 || len(l.articles) != 0 {
		t.Errorf("%d blocks and %d seen once kept after 60 days, want the slogan alone", n, len(l.lone))
	}
	l.Prune(at.AddDate(4, 0, 0))
	if len(l.outlets) != 0 || len(l.seen) != 0 {
		t.Errorf("still %d outlets and %d sightings after four years", len(l.outlets), len(l.seen))
	}
}

// whole is what the learner writes of itself; it fails never.
func whole(l *Learner) (all []byte) {
	for b, err := range l.Whole() {
		if err != nil {
			panic(err)
		}
		all = append(all, b...)
	}
	return all
}

// read puts the learner into the state that was written.
func read(l *Learner, data []byte) error {
	_, err := l.ReadFrom(bytes.NewReader(data))
	return err
}

// TestLearnerAtRest: a learner that is written piece by piece, pruned between, and read again is the one that went on, whenever the whole was
// written in place of the pieces.
func TestLearnerAtRest(t *testing.T) {
	p, a := newPress(6), &Learner{}
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	var stored []byte
	wholes := 0
	for i := range 400 {
		lines, _ := p.dress(p.story(p.names()), i)
		now := at.AddDate(0, 0, i/4)
		a.Add("Herald", fmt.Sprint(i), now, article(lines))
		a.Add("Post", fmt.Sprint(i), now, article(lines[:4]))
		if i%40 == 39 {
			a.Prune(now)
		}
		if i%7 != 0 {
			continue
		}
		full := a.Full()
		write := a.Lessons
		if full {
			stored, write = nil, func() ([]byte, error) { return whole(a), nil }
			wholes++
		}
		data, err := write()
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, data...)
		var b Learner
		if err := read(&b, stored); err != nil {
			t.Fatal(err)
		}
		if b.base != a.base || b.grown != a.grown || b.pruned != a.pruned {
			t.Errorf("article %d: of %d and %d bytes and %d articles %d, %d and %d were read", i, a.base, a.grown, a.pruned, b.base, b.grown, b.pruned)
		}
		x, y := a.Learned("Herald"), b.Learned("Herald")
		if !slices.Equal(x, y) || i > 100 && len(x) == 0 {
			t.Errorf("article %d: learned %v, after reading %v", i, x, y)
		}
		if i%35 == 0 {
			a = &b // goes on from what was read
		}
	}
	if wholes < 2 || wholes > 40 {
		t.Errorf("written whole %d times of 58, want the first time and when the lessons are many", wholes)
	}
	var b Learner
	if read(&b, stored[:len(stored)-1]) == nil || read(&b, nil) == nil || read(&b, []byte{2, 1, 1}) == nil {
		t.Error("a broken learner was read")
	}
}

// TestLearnerMarshals: written, read and written again it is the same.
func TestLearnerMarshals(t *testing.T) {
	p, a := newPress(8), &Learner{}
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 40 {
		lines, _ := p.dress(p.story(p.names()), i)
		a.Add("Herald", fmt.Sprint(i), at.AddDate(0, 0, i), article(lines))
		a.Add("Post", fmt.Sprint(i), at.AddDate(0, 0, i), article(lines[:4]))
	}
	data := whole(a)
	var b Learner
	if err := read(&b, data); err != nil {
		t.Fatal(err)
	}
	if again := whole(&b); !bytes.Equal(data, again) {
		t.Error("written, read and written again, the learner differs")
	}
}

// TestSpan: blocks seen once are remembered for 30 days, or as many whole days as there is room for, but always today's.
func TestSpan(t *testing.T) {
	for _, c := range []struct{ perDay, days, want int }{{10, 60, 30}, {32, 31, 30}, {100, 30, 9}, {101, 30, 8}, {1000, 3, 0}, {2000, 2, 0}} {
		var l Learner
		for day := range c.days {
			l.articles = append(l.articles, slices.Repeat([]sighting{{Day: 1000 - int32(day)}}, c.perDay)...)
		}
		if got := l.span(1000, 1000); got != int32(c.want) {
			t.Errorf("%d articles a day for %d days: remembered for %d days, want %d", c.perDay, c.days, got, c.want)
		}
	}
}

// spelt is a number in letters: digits are all one to a learner.
func spelt(n int) string {
	return strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(n))
}

// TestWholeInPages: a large learner is written in pages of which none is long, and one that was written whole in one page, as before version 4, is read too.
func TestWholeInPages(t *testing.T) {
	a := &Learner{}
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range pageArticles + 1 {
		lines := article([]string{"Only here: " + spelt(i), "In four: " + spelt(i/4), "Often: " + spelt(i%3)})
		a.Add(fmt.Sprint("Outlet ", i%(pageOutlets+1)), fmt.Sprint(i/2), at, lines)
	}
	pages := 0
	for b, err := range a.Whole() {
		if pages++; err != nil || len(b) > 6<<20 {
			t.Errorf("a page of %d bytes, %v", len(b), err)
		}
	}
	if pages < 6 || len(a.lone) == 0 || len(a.seen) == 0 || len(a.wire) == 0 {
		t.Errorf("%d pages with %d, %d and %d blocks, want some of each", pages, len(a.lone), len(a.seen), len(a.wire))
	}
	var one rest
	for r := range a.parts() {
		one.Outlets, one.Articles = append(one.Outlets, r.Outlets...), append(one.Articles, r.Articles...)
		one.Lone, one.Seen, one.Wire = append(one.Lone, r.Lone...), append(one.Seen, r.Seen...), append(one.Wire, r.Wire...)
	}
	old, err := a.write(page{Version: 3, Whole: &one})
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{whole(a), old} {
		var b Learner
		if err := read(&b, data); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(whole(&b), whole(a)) {
			t.Error("written, read and written again, the learner differs")
		}
	}
}

func BenchmarkRead(b *testing.B) {
	p := newPress(8)
	lines, _ := p.dress(p.story(p.names()), 1)
	var list []copytaster.Block
	for _, s := range lines {
		list = append(list, copytaster.Block{Text: s, Kept: true})
	}
	b.SetBytes(int64(len(strings.Join(lines, ""))))
	var r Reader
	r.Read(list) // the tables are made once
	for b.Loop() {
		r.Read(list)
	}
}

// FuzzUnmarshal: what can be read is written as something that reads the same; nothing panics.
func FuzzUnmarshal(f *testing.F) {
	var l Learner
	l.Add("Herald", "1", time.Unix(0, 0), article([]string{"One", "Two"}))
	lessons, _ := l.Lessons()
	f.Add(whole(&l))
	f.Add(append(whole(&l), lessons...))
	f.Add([]byte{1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		var a, b Learner
		if read(&a, data) != nil {
			return
		}
		once := whole(&a)
		if err := read(&b, once); err != nil {
			t.Fatalf("own form is not read: %v", err)
		}
		if twice := whole(&b); !bytes.Equal(once, twice) {
			t.Error("not the same when written twice")
		}
	})
}

// TestHead: byte strings of all lengths begin as the library writes them.
func TestHead(t *testing.T) {
	for _, size := range []int{0, 1, 23, 24, 255, 256, 65535, 65536, 1 << 20} {
		want, err := cbor.Marshal(make([]byte, size))
		if got := append(appendHead(nil, size), make([]byte, size)...); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: got %x…, want %x…, %v", size, got[:min(len(got), 9)], want[:min(len(want), 9)], err)
		}
	}
}
