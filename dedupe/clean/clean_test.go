package clean

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"copytaster"
)

// blocks makes a block of every line.
func blocks(lines ...string) (list []copytaster.Block) {
	for _, s := range lines {
		list = append(list, copytaster.Block{Text: s, Kept: true})
	}
	return list
}

func TestLexiconExamples(t *testing.T) {
	lex := Default()
	for row := range rows(lexiconTable, 4) {
		if _, ok := lex.Match(row[3]); !ok || !compile(row[0], row[2]).match(normal(row[3])) {
			t.Errorf("%s: %q does not match %q (normal form %q)", row[0], row[3], row[2], normal(row[3]).text)
		}
	}
}

func TestAgencyExamples(t *testing.T) {
	for row := range rows(agencyTable, 3) {
		if got := find(row[2]); !slices.ContainsFunc(got, func(m mention) bool { return m.agency == row[0] }) {
			t.Errorf("find(%q) = %v, want %s", row[2], got, row[0])
		}
	}
}

func TestPitchExamples(t *testing.T) {
	for row := range rows(pitchTable, 4) {
		if !isPitch(row[3], normal(row[3])) {
			t.Errorf("%s: %q is no pitch", row[0], row[3])
		}
	}
}

func TestTablesAreWellFormed(t *testing.T) {
	for name, table := range map[string]struct {
		text   string
		fields int
	}{"lexicon": {lexiconTable, 4}, "agencies": {agencyTable, 3}, "cues": {cueTable, 4}, "time": {timeTable, 2}, "pitch": {pitchTable, 4}} {
		for s := range strings.Lines(table.text) {
			if f := strings.Split(s, "\t"); !strings.HasPrefix(s, "#") && len(f) != table.fields {
				t.Errorf("%s: %q has %d fields, want %d", name, s, len(f), table.fields)
			}
		}
	}
}

func TestStripKeepsRawBlocks(t *testing.T) {
	in := blocks("Support the Herald!", "The lake rose by a metre on Tuesday, the harbour master said in the afternoon.", "Read more")
	out := Default().Strip(in, Rules{Keep: []*regexp.Regexp{regexp.MustCompile("^Read")}, Strip: []*regexp.Regexp{regexp.MustCompile("harbour")}})
	for i, want := range []string{"donation", Pinned, ""} {
		if out[i].Why != want || out[i].Kept != (want == "") || !in[i].Kept || out[i].Text != in[i].Text {
			t.Errorf("block %d: got %+v, want reason %q", i, out[i], want)
		}
	}
}

func TestLearnerMarshals(t *testing.T) {
	var a, b Learner
	start := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range 12 {
		a.Add("Herald", string(rune('a'+i)), start.AddDate(0, 0, i), blocks("Call our tip line at 555.", "Story "+strings.Repeat(string(rune('a'+i)), 9)))
	}
	data, err := a.MarshalBinary()
	if err != nil || b.UnmarshalBinary(data) != nil {
		t.Fatalf("cannot be read back: %v", err)
	}
	if got := b.Learned("Herald"); len(got) != 1 || got[0].Text != "Call our tip line at 555." {
		t.Errorf("Learned = %+v, want the tip line", got)
	}
	if b.UnmarshalBinary(data[:len(data)-1]) == nil {
		t.Error("a cut learner was read without error")
	}
}
