package shingle

import (
	"encoding/binary"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"copytaster"
)

// text makes one kept block.
func text(s string) []copytaster.Block { return []copytaster.Block{{Text: s, Kept: true}} }

// languages are short reports in scripts with and without spaces, each with a quotation.
var languages = map[string]string{
	"English":  `The harbour board said on Tuesday that the ferry would not sail before the weekend. "We have looked at every rivet of the hull and we are not content," said its engineer, Ida Lunde. Some 300 passengers were put up in a school.`,
	"German":   `Die Hafenverwaltung teilte am Dienstag mit, dass die Fähre nicht vor dem Wochenende auslaufen werde. „Wir haben jede Niete des Rumpfes geprüft und sind nicht zufrieden“, sagte die Ingenieurin Ida Lunde. Rund 300 Reisende schliefen in einer Schule.`,
	"Russian":  `Управление порта сообщило во вторник, что паром не выйдет в море до выходных. «Мы осмотрели каждую заклёпку корпуса и пока не довольны», сказала инженер Ида Лунде. Около трёхсот пассажиров разместили в школе.`,
	"Arabic":   `أعلنت إدارة الميناء يوم الثلاثاء أن العبّارة لن تبحر قبل نهاية الأسبوع. «لقد فحصنا كل مسمار في الهيكل ولسنا راضين بعد» قالت المهندسة إيدا لوندي. وأقام نحو ثلاثمئة مسافر في مدرسة قريبة من الميناء.`,
	"Hindi":    `बंदरगाह प्रशासन ने मंगलवार को कहा कि नौका सप्ताहांत से पहले रवाना नहीं होगी। “हमने पतवार की हर कील देखी है और हम संतुष्ट नहीं हैं,” इंजीनियर इडा लुंडे ने कहा। लगभग तीन सौ यात्री एक विद्यालय में ठहरे।`,
	"Chinese":  `港务局星期二表示,渡轮在周末之前不会启航。“我们检查了船体的每一颗铆钉,目前还不满意,”工程师伊达说。大约三百名乘客被安置在一所学校里过夜。`,
	"Japanese": `港湾局は火曜日、フェリーは週末まで出航しないと発表した。「船体のリベットを一つ残らず調べたが、まだ納得できない」と技師のイーダさんは述べた。乗客およそ三百人は学校に泊まった。`,
}

func TestSetOfOneTextInAnyDress(t *testing.T) {
	dresses := map[string]func(string) string{
		"upper case":  strings.ToUpper,
		"wide spaces": func(s string) string { return strings.ReplaceAll(s, " ", " \u00a0\n ") },
		"no full stops": func(s string) string {
			return strings.NewReplacer(".", " ;", ",", " –", "。", "!", "।", " ").Replace(s)
		},
		"soft hyphens":    func(s string) string { return strings.ReplaceAll(s, "ss", "s\u00ads") },
		"decomposed":      decompose,
		"dashes for dots": func(s string) string { return strings.ReplaceAll(s, ". ", " — ") },
	}
	for language, s := range languages {
		a := Shingles(text(s))
		if a.Len() < 20 {
			t.Errorf("%s: %d shingles, want 20 or more", language, a.Len())
		}
		for name, dress := range dresses {
			if m := Compare(a, Shingles(text(dress(s)))); m.Resemblance != 1 {
				t.Errorf("%s in %s: resemblance %v, want 1", language, name, m.Resemblance)
			}
		}
	}
}

// decompose parts Latin letters from their umlauts as some content systems do.
func decompose(s string) string {
	return strings.NewReplacer("ä", "a\u0308", "ü", "u\u0308").Replace(s)
}

func TestParagraphsDoNotMatter(t *testing.T) {
	for language, s := range languages {
		var blocks []copytaster.Block
		for _, line := range strings.SplitAfter(s, ". ") {
			blocks = append(blocks, copytaster.Block{Text: line, Kept: true}, copytaster.Block{Text: "Subscribe to our newsletter and win"})
		}
		if got, want := Shingles(blocks).hashes, Shingles(text(s)).hashes; !slices.Equal(got, want) {
			t.Errorf("%s: other shingles in paragraphs", language)
		}
	}
}

func TestCuttingKeepsContainment(t *testing.T) {
	for language, s := range languages {
		rs := []rune(s)
		cut := len(rs) * 3 / 5
		for cut < len(rs) && !unicode.IsSpace(rs[cut]) && !unspaced(rs[cut]) {
			cut++
		}
		m := Compare(Shingles(text(string(rs[:cut]))), Shingles(text(s)))
		if m.ContainsA < 0.95 || m.ContainsB > 0.8 {
			t.Errorf("%s cut at %d: contained %.2f, contains %.2f", language, cut, m.ContainsA, m.ContainsB)
		}
	}
}

func TestQuotationsOfAllScriptsCountHalf(t *testing.T) {
	for language, s := range languages {
		quoted := 0
		a := Shingles(text(s))
		for _, p := range a.places {
			quoted += int(p & 1)
		}
		if share := float64(quoted) / float64(a.Len()); share < 0.2 || share > 0.6 {
			t.Errorf("%s: %.2f of the shingles are quoted, want about a third", language, share)
		}
	}
}

// TestMarshal: an outline is read as it was written, and as that of a set that was written whole.
func TestMarshal(t *testing.T) {
	for language, source := range languages {
		s := Shingles(text(source))
		want := s.Outline()
		b, err := want.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var got Outline
		if err := got.UnmarshalBinary(b); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v read back as %+v, %v", language, want, got, err)
		}
		whole := wholeForm(s)
		if err := got.UnmarshalBinary(whole); err != nil || got.words != want.words || got.weight != want.weight {
			t.Errorf("%s: %+v read from the whole set as %+v, %v", language, want, got, err)
		}
		if slices.Sort(got.posted); !slices.Equal(got.posted, want.posted) {
			t.Errorf("%s: posted %v, from the whole set %v", language, want.posted, got.posted)
		}
		for _, b := range [][]byte{b, whole} {
			for n := range b {
				if err := got.UnmarshalBinary(b[:n]); err == nil {
					t.Errorf("%s: no error from %d of %d bytes", language, n, len(b))
				}
			}
		}
	}
}

// wholeForm writes a set as it was once stored.
func wholeForm(s Set) []byte {
	b := binary.AppendUvarint([]byte{wholeSet}, uint64(s.words))
	b = binary.AppendUvarint(b, uint64(len(s.hashes)))
	marks := make([]byte, (len(s.hashes)+7)/8)
	order := make([]int, len(s.hashes))
	for i, p := range s.places {
		order[p>>1] = i
	}
	for at, i := range order {
		b = binary.LittleEndian.AppendUint32(b, s.hashes[i])
		marks[at/8] |= byte(s.places[i]&1) << (at % 8)
	}
	return append(b, marks...)
}

// FuzzUnmarshal: whatever the bytes, an outline is read that is written as it was read, or an error given.
func FuzzUnmarshal(f *testing.F) {
	s := Shingles(text(languages["English"]))
	b, _ := s.Outline().MarshalBinary()
	f.Add(b)
	f.Add(wholeForm(s))
	f.Fuzz(func(t *testing.T, b []byte) {
		var o, again Outline
		if o.UnmarshalBinary(b) != nil {
			return
		}
		b2, err := o.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalBinary(b2); err != nil || !slices.Equal(again.posted, o.posted) || again.words != o.words || again.weight != o.weight {
			t.Errorf("%x: got %+v, then %+v, %v", b, o, again, err)
		}
	})
}

func FuzzCompare(f *testing.F) {
	f.Add(languages["English"], languages["Japanese"])
	f.Add(languages["Arabic"], languages["Hindi"])
	f.Fuzz(func(t *testing.T, x, y string) {
		a, b := Shingles(text(x)), Shingles(text(y))
		m := Compare(a, b)
		if m != Compare(b, a).Swap() {
			t.Errorf("%q, %q: %+v is not symmetric", x, y, m)
		}
		if m.Resemblance > m.ContainsA || m.Resemblance > m.ContainsB || m.Most() > 1 {
			t.Errorf("%q, %q: impossible %+v", x, y, m)
		}
		if m := Compare(a, a); a.Len() > 0 && m.Resemblance != 1 {
			t.Errorf("%q: resemblance to itself %v", x, m.Resemblance)
		}
	})
}
