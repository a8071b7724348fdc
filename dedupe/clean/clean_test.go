package clean

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"copytaster"
	"copytaster/dedupe/clean/phrase"
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
		if _, ok := lex.Match(row[3]); !ok || !phrase.Compile(row[2]).Match(phrase.Normal(row[3])) {
			t.Errorf("%s: %q does not match %q (normal form %q)", row[0], row[3], row[2], phrase.Normal(row[3]).Text)
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
		if kind, _ := Default().special(&line{text: row[3]}, phrase.Normal(row[3]), plainTerms(phrase.Normal(row[3]).Text)); kind != "pitch" {
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
