package opml

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"copytaster"
	"copytaster/config"
	"copytaster/export"
)

// TestCases reads testdata/*.txtar: list.opml is read and added to config.yaml, if there is one; want is what comes out, or the error.
func TestCases(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) < 5 {
		t.Fatalf("got %d cases, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string]string{}
			for _, f := range a.Files {
				files[f.Name] = string(f.Data)
			}
			if got := carryOut(files); got != files["want"] {
				t.Errorf("%s\ngot\n%s\nwant\n%s", a.Comment, got, files["want"])
			}
		})
	}
}

func carryOut(files map[string]string) string {
	feeds, err := Read(strings.NewReader(files["list.opml"]))
	if err != nil {
		return err.Error() + "\n"
	}
	if files["config.yaml"] == "" {
		list, err := Entries(feeds)
		if err != nil {
			return err.Error() + "\n"
		}
		return list
	}
	out, n, err := Add([]byte(files["config.yaml"]), feeds)
	if err != nil {
		return err.Error() + "\n"
	}
	return fmt.Sprintf("%sadded %d\n", out, n)
}

// TestWhatIsExportedIsImported: the program's own OPML gives the configuration's feeds back.
func TestWhatIsExportedIsImported(t *testing.T) {
	cfg, err := config.Parse(config.Example)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := export.OPML(&b, "sources", cfg.Feeds); err != nil {
		t.Fatal(err)
	}
	got, err := Read(strings.NewReader(b.String()))
	if err != nil || len(got) == 0 {
		t.Fatalf("got %d feeds, %v from\n%s", len(got), err, b.String())
	}
	for _, f := range got {
		i := slices.IndexFunc(cfg.Feeds, func(g copytaster.Feed) bool { return g.URL == f.URL })
		if i < 0 || !slices.Equal(f.Tags, cfg.Feeds[i].Tags) {
			t.Errorf("got %+v, want a feed of %+v", f, cfg.Feeds)
		}
	}
}

// FuzzAdd: whatever the list, what comes out is the old configuration with lines added, and parses.
func FuzzAdd(f *testing.F) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	const old = "# mine\nfeeds:\n  - https://a.example/f # first\n\nretention: 30d # long\n"
	f.Fuzz(func(t *testing.T, list string) {
		feeds, err := Read(strings.NewReader(list))
		if err != nil {
			return
		}
		out, n, err := Add([]byte(old), feeds)
		if err != nil {
			return // an address that the configuration refuses
		}
		if !strings.HasPrefix(string(out), "# mine\nfeeds:\n  - https://a.example/f # first\n") || !strings.HasSuffix(string(out), "\n\nretention: 30d # long\n") {
			t.Errorf("got %q, want the old lines kept", out)
		}
		if got := strings.Count(string(out), "\n") - strings.Count(old, "\n"); got != n {
			t.Errorf("got %d lines more, want %d", got, n)
		}
	})
}
