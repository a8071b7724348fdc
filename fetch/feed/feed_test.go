package feed

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"copytaster"

	"golang.org/x/net/html/charset"
)

// A case is a file: lines of a head, a line of three equals signs, the body. The head holds comments (#), what to do to the body
// (encode: LABEL, gzip, cut: BYTES off the end, join: no line feed at the end), how it came (type:, base:), and expectations "path = value": entries (their
// number), feed.FIELD or N.FIELD by the names of the JSON form, lists joined by " | ", and "error" for a part of the message.
type testCase struct {
	contentType, base string
	body              []byte
	want              [][2]string
}

func readCase(t *testing.T, name string) testCase {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, body, ok := bytes.Cut(raw, []byte("\n===\n"))
	if !ok {
		t.Fatalf("%s: no line of ===", name)
	}
	c := testCase{body: body, base: "https://outlet.example/feeds/all.xml"}
	for line := range strings.Lines(string(head)) {
		line = strings.TrimSpace(line)
		if path, value, ok := strings.Cut(line, " = "); ok {
			c.want = append(c.want, [2]string{path, value})
			continue
		}
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "type":
			c.contentType = value
		case "base":
			c.base = value
		case "encode":
			c.body = encodeAs(t, c.body, value)
		case "gzip":
			c.body = zipped(t, c.body)
		case "cut":
			var n int
			fmt.Sscan(value, &n)
			c.body = c.body[:len(c.body)-n]
		default:
			if line != "" && !strings.HasPrefix(line, "#") {
				t.Fatalf("%s: %q", name, line)
			}
		}
	}
	return c
}

func encodeAs(t *testing.T, body []byte, label string) []byte {
	t.Helper()
	e, _ := charset.Lookup(label)
	if e == nil {
		t.Fatalf("no encoding %s", label)
	}
	out, err := e.NewEncoder().Bytes(body)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func zipped(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(body)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCases(t *testing.T) {
	names, err := filepath.Glob("testdata/cases/*")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			c := readCase(t, name)
			d, err := Parse(c.body, c.contentType, c.base)
			clear(c.body) // its memory serves the next feed
			for _, w := range c.want {
				if got := lookUp(t, d, err, w[0]); got != w[1] && !(w[0] == "error" && strings.Contains(got, w[1])) {
					t.Errorf("%s: got %q, want %q", w[0], got, w[1])
				}
			}
		})
	}
}

// lookUp finds what stands at a path of the document.
func lookUp(t *testing.T, d *Document, err error, path string) string {
	t.Helper()
	switch {
	case path == "error":
		return fmt.Sprint(err)
	case err != nil:
		return "error: " + err.Error()
	case path == "entries":
		return fmt.Sprint(len(d.Entries))
	}
	where, field, _ := strings.Cut(path, ".")
	n := d.Feed
	if where != "feed" {
		var i int
		if _, err := fmt.Sscan(where, &i); err != nil || i >= len(d.Entries) {
			return "no entry " + where
		}
		n = d.Entries[i]
	}
	raw, _ := json.Marshal(n)
	var fields map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&fields); err != nil {
		t.Fatal(err)
	}
	return show(field, fields[field])
}

func show(field string, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = show("", x)
		}
		return strings.Join(parts, " | ")
	case map[string]any:
		return fmt.Sprint(v["url"])
	case json.Number:
		if sec, err := v.Int64(); err == nil && (field == "published" || field == "updated") {
			return time.Unix(sec, 0).UTC().Format("2006-01-02T15:04:05Z")
		}
	}
	return fmt.Sprint(v)
}

func TestItems(t *testing.T) {
	c := readCase(t, "testdata/cases/rss20")
	d, err := Parse(c.body, c.contentType, c.base)
	if err != nil {
		t.Fatal(err)
	}
	f := copytaster.Feed{URL: "https://outlet.example/feeds/all.xml", Tags: []string{"north"}}
	seen := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	items := d.Items(f, seen)
	if len(items) != len(d.Entries) {
		t.Fatalf("got %d items of %d entries", len(items), len(d.Entries))
	}
	it := items[0]
	if it.Outlet != "Harbour Post" || it.Title != "Ferry & tug collide" || it.ID != copytaster.ItemID(f.URL, "hp-1") || it.Seen != seen {
		t.Errorf("got %+v", it)
	}
	if items[1].Published != seen {
		t.Errorf("a date in the future: got %v, want %v", items[1].Published, seen)
	}
}

func feedOf(url string) copytaster.Feed { return copytaster.Feed{URL: url} }
