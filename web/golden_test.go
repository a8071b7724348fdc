package web

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hashRE is what changes in a page with every change of the style sheet.
var hashRE = regexp.MustCompile(`/assets/[0-9a-f]+/`)

// TestGoldenPages holds the pages over front.json to files, so that what a change does to them can be seen in its diff.
func TestGoldenPages(t *testing.T) {
	h := site0(t)
	for name, path := range map[string]string{
		"front.html": "/", "empty.html": "/?agency=Nobody", "story.html": "/story/5d1f0c8a9b3e7742", "beside.html": "/story/5d1f0c8a9b3e7742?beside=a1",
		"outlets.html": "/outlets", "outlet.html": "/outlet?name=Harbour+Courier", "agencies.html": "/agencies", "status.html": "/status", "feeds.html": "/feeds", "missing.html": "/nowhere",
	} {
		got := hashRE.ReplaceAll(ask(h, "GET", path).Body.Bytes(), []byte("/assets/HASH/"))
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from %s (go test -update writes it anew); got\n%s", path, file, got)
		}
	}
}

// TestPagesStay shows that the same stories give the same page, to the byte.
func TestPagesStay(t *testing.T) {
	one, two := site0(t), site0(t)
	for _, path := range paths() {
		if a, b := ask(one, "GET", path).Body.Bytes(), ask(two, "GET", path).Body.Bytes(); !bytes.Equal(a, b) {
			t.Errorf("%s: made twice, it differs", path)
		}
	}
}
