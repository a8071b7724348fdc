package newsroom

import (
	"bytes"
	"embed"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// files holds everything that is served; nothing is read from the disk.
//
//go:embed plan.yaml truth.txt wire desk extra layout
var files embed.FS

// The faults that a feed can have; plan.yaml explains them.
const (
	faultCharset = "windows-1252"
	faultCut     = "cut"
	faultError   = "error"
	faultMoved   = "moved"
	faultGone    = "gone"
)

// outlet is one entry of plan.yaml, which explains the fields.
type outlet struct {
	Name, Slug, Language string
	Feed, Page, Fault    string
	Summary              bool
	Dateline, Byline     string
	Footer, Partial      string
	Nav                  []string
	Items                []item
}

// item is one story in one outlet.
type item struct {
	Story, As, With, Title string
	Of                     []string
	Swap                   map[string]string
	Photo                  *photo
	Endnote                string
	Hours                  float64
	Edition                int
	Corrected              string
}

type photo struct{ Caption, By string }

// Path is the address of the front page.
func (o *outlet) Path() string { return o.path("") }

// path is an address within the outlet.
func (o *outlet) path(rest string) string { return "/" + o.Slug + "/" + rest }

func (o *outlet) feedPath() string {
	if o.Feed == "json" {
		return o.path("feed.json")
	}
	return o.path("feed.xml")
}

// plan reads plan.yaml.
func plan() (outlets []outlet) {
	dec := yaml.NewDecoder(bytes.NewReader(file("plan.yaml")))
	dec.KnownFields(true)
	must(dec.Decode(&outlets))
	return outlets
}

// text is a story, or a piece of one, as it stands in wire, desk or extra.
type text struct {
	agency string // short form; empty for an outlet's own
	name   string // the agency as the story's language writes it
	place  string
	title  string
	author string
	body   []paragraph
}

type paragraph struct {
	Text    string
	Heading bool
}

// texts reads all stories; the key is the path without extension.
func texts() map[string]text {
	all := map[string]text{}
	for _, folder := range []string{"wire", "desk", "extra"} {
		entries, err := files.ReadDir(folder)
		must(err)
		for _, e := range entries {
			name := path.Join(folder, e.Name())
			all[strings.TrimSuffix(name, ".txt")] = parseText(string(file(name)))
		}
	}
	return all
}

// parseText reads a file of texts: lines of "Key: value", which a piece of a story lacks, then paragraphs between empty lines.
func parseText(s string) (t text) {
	blocks := strings.Split(strings.TrimSpace(s), "\n\n")
	if strings.Contains(blocks[0], "Title: ") {
		for line := range strings.SplitSeq(blocks[0], "\n") {
			key, value, _ := strings.Cut(line, ": ")
			*map[string]*string{"Agency": &t.agency, "Name": &t.name, "Place": &t.place, "Title": &t.title, "By": &t.author}[key] = value
		}
		blocks = blocks[1:]
	}
	if t.name == "" {
		t.name = t.agency
	}
	for _, b := range blocks {
		t.body = append(t.body, paragraph{Text: b})
	}
	return t
}

func file(name string) []byte {
	b, err := files.ReadFile(name)
	must(err)
	return b
}

// must is for the embedded files only: they are part of the program.
func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("newsroom: embedded files: %v", err))
	}
}

// Vocabulary lists the words of the newsroom's English agency stories, each once, as they first stand there.
func Vocabulary() (words []string) {
	known := map[string]bool{}
	all := texts()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !strings.HasPrefix(name, "wire/") || strings.ContainsFunc(all[name].title, func(r rune) bool { return r > unicode.MaxLatin1 }) {
			continue
		}
		for _, p := range all[name].body {
			for w := range strings.FieldsFuncSeq(p.Text, func(r rune) bool { return !unicode.IsLetter(r) }) {
				if !known[w] {
					known[w] = true
					words = append(words, w)
				}
			}
		}
	}
	return words
}
