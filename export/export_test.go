package export

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"copytaster"
)

var update = flag.Bool("update", false, "write the golden files anew")

// channel is the channel of the tests.
func channel() Channel {
	return Channel{
		Title: "Front & <back> page", Description: "Every story once", Link: "http://127.0.0.1:7777/", Self: "http://127.0.0.1:7777/feeds/front",
		ID: "tag:news.example,2026:feed/front", Language: "en", Host: "news.example", Stories: "http://127.0.0.1:7777/story/", Hub: "https://hub.example/",
	}
}

func stories(t testing.TB, name string) (list []copytaster.Story) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// formats are the three feeds by the ending of their golden files.
func formats() map[string]func(io.Writer, Channel, []copytaster.Story) error {
	return map[string]func(io.Writer, Channel, []copytaster.Story) error{"rss": RSS, "atom": Atom, "jsonfeed": JSON}
}

func render(t testing.TB, f func(io.Writer, Channel, []copytaster.Story) error, c Channel, list []copytaster.Story) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b, c, list); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"front", "hostile"} {
		for ext, f := range formats() {
			got := render(t, f, channel(), stories(t, name+".json"))
			golden(t, name+"."+ext, readable(t, ext, got))
			if again := render(t, f, channel(), stories(t, name+".json")); !bytes.Equal(got, again) {
				t.Errorf("%s.%s: written twice, it differs", name, ext)
			}
		}
	}
}

// readable breaks JSON into lines.
func readable(t *testing.T, ext string, data []byte) []byte {
	t.Helper()
	if ext != "jsonfeed" {
		return data
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: output differs (go test -update writes it anew); got\n%.2000s", name, got)
	}
}

// wellFormed fails the test if data is no XML document to its end.
func wellFormed(t testing.TB, data []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("not well-formed: %v in\n%.3000s", err, data)
		}
	}
}

func TestWellFormed(t *testing.T) {
	for _, name := range []string{"front.json", "hostile.json"} {
		wellFormed(t, render(t, RSS, channel(), stories(t, name)))
		wellFormed(t, render(t, Atom, channel(), stories(t, name)))
		wellFormed(t, render(t, RSS, Channel{}, stories(t, name)))
		wellFormed(t, render(t, Atom, Channel{}, nil))
		if out := render(t, JSON, channel(), stories(t, name)); !json.Valid(out) {
			t.Errorf("%s: not JSON", name)
		}
	}
}

type badWriter struct{}

func (badWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriteErrors(t *testing.T) {
	for ext, f := range formats() {
		if err := f(badWriter{}, channel(), nil); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: got %v, want the writer's error", ext, err)
		}
	}
}

func TestOPML(t *testing.T) {
	var b bytes.Buffer
	err := OPML(&b, "Sources & more", []copytaster.Feed{
		{URL: "https://harbour.example/rss?a=1&b=2", Outlet: "Harbour \"Courier\"", Tags: []string{"coast", "a/b,c"}, Language: "en-GB"},
		{URL: "https://gull.example/atom", Disabled: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, b.Bytes())
	golden(t, "sources.opml", b.Bytes())
	b.Reset()
	if err := OPML(&b, "", nil); err != nil || strings.Count(b.String(), "<outline") != 1 {
		t.Errorf("no feeds: got %v\n%s", err, &b)
	}
}
