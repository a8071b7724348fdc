package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"copytaster"
)

// TestCases runs testdata/*.txtar: a configuration and either the errors that it gives or what it sets, as far as that differs
// from the smallest configuration.
func TestCases(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	smallest := dump(mustParse(t, "feeds: [https://a.example/f]"))
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			files := section(t, name)
			c, err := Parse([]byte(files["copytaster.yaml"]))
			got, want := "", files["errors"]
			if wrong, ok := errors.AsType[*Errors](err); ok {
				wrong.File = "copytaster.yaml"
				got = wrong.Error() + "\n"
			} else if err != nil {
				t.Fatalf("Parse gives a %T: %v", err, err)
			} else {
				got, want = difference(dump(c), smallest), files["sets"]
			}
			if got != want {
				t.Errorf("%s\n--- got\n%s--- want\n%s", files["copytaster.yaml"], got, want)
			}
		})
	}
}

func section(t *testing.T, name string) map[string]string {
	t.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range a.Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

func mustParse(t testing.TB, text string) *Config {
	t.Helper()
	c, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return c
}

// dump writes every value of a configuration that is not zero on a line of its own: path = value.
func dump(c *Config) []string {
	return dumpValue(nil, "", reflect.ValueOf(*c))
}

func dumpValue(lines []string, path string, v reflect.Value) []string {
	if v.IsZero() {
		return lines
	}
	switch x := v.Interface().(type) {
	case *regexp.Regexp:
		return append(lines, path+" = "+x.String())
	case time.Duration:
		return append(lines, path+" = "+short(x))
	case fmt.Stringer:
		return append(lines, path+" = "+x.String())
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			lines = dumpValue(lines, strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."), v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			lines = dumpValue(lines, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	case reflect.Map:
		for _, k := range slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) }) {
			lines = dumpValue(lines, path+"."+k.String(), v.MapIndex(k))
		}
	default:
		return append(lines, fmt.Sprintf("%s = %v", path, v.Interface()))
	}
	return lines
}

// difference gives the lines of a that b has not.
func difference(a, b []string) string {
	var out strings.Builder
	for _, l := range a {
		if !slices.Contains(b, l) {
			out.WriteString(l + "\n")
		}
	}
	return out.String()
}

func TestDefaults(t *testing.T) {
	got := strings.Join(dump(mustParse(t, "feeds: [https://a.example/f]")), "\n") + "\n"
	want, err := os.ReadFile("testdata/defaults.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestExample holds the embedded example to its promise: it parses, it has every key, and where it shows a default it shows the
// right one.
func TestExample(t *testing.T) {
	c := mustParse(t, string(Example))
	text := string(Example)
	for _, key := range allKeys(reflect.TypeFor[raw]()) {
		if !regexp.MustCompile(`(?m)^[ -]*` + key + `:`).MatchString(text) {
			t.Errorf("the example lacks the key %s", key)
		}
	}
	smallest := mustParse(t, "feeds: [https://a.example/f]")
	c.Fetch.AllowPrivate = nil
	if !reflect.DeepEqual(c.Fetch, smallest.Fetch) {
		t.Errorf("the example's fetch: is %+v, the default %+v", c.Fetch, smallest.Fetch)
	}
	if c.Every != smallest.Every || c.Retention != smallest.Retention || c.MaxSize != smallest.MaxSize || c.Log != smallest.Log || c.Stories.Window != smallest.Stories.Window || c.Database != smallest.Database || c.Listen != smallest.Listen {
		t.Errorf("the example shows other defaults than\n%+v", smallest)
	}
}

// TestExampleComments wants a comment above the first place of every key, save those whose section says it all.
func TestExampleComments(t *testing.T) {
	bare := []string{"fetch", "url", "stories", "name", "title", "tags", "outlets", "agencies", "languages", "words"}
	known, seen := allKeys(reflect.TypeFor[raw]()), map[string]bool{}
	last := ""
	for line := range strings.SplitSeq(string(Example), "\n") {
		key, _, found := strings.Cut(strings.TrimLeft(line, " -"), ":")
		if found && slices.Contains(known, key) && !seen[key] {
			seen[key] = true
			if !strings.HasPrefix(last, "#") && !slices.Contains(bare, key) {
				t.Errorf("no comment above %q", line)
			}
		}
		last = strings.TrimSpace(line)
	}
}

// allKeys lists the YAML keys of a raw struct and of those within it.
func allKeys(t reflect.Type) (all []string) {
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer:
		return allKeys(t.Elem())
	case reflect.Struct:
		all = keys(t)
		for field := range t.Fields() {
			all = append(all, allKeys(field.Type)...)
		}
	}
	return all
}

// TestKeysAreTagged guards the walk: a field without a tag would be a key without a name.
func TestKeysAreTagged(t *testing.T) {
	if slices.Contains(allKeys(reflect.TypeFor[raw]()), "") {
		t.Error("a field of the raw structs has no yaml tag")
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "copytaster.yaml")
	absolute := filepath.Join(t.TempDir(), "elsewhere")
	text := "feeds: [https://a.example/f]\nexports: [{name: a, file: public/front}, {name: b, file: '" + absolute + "'}, {name: c}]\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.Database, c.Exports[0].File, c.Exports[1].File, c.Exports[2].File}
	want := []string{filepath.Join(dir, "copytaster.db"), filepath.Join(dir, "public", "front"), absolute, ""}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestLoadMissing(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "copytaster init") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	if _, err = Load(t.TempDir()); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder gives %v", err)
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "wrong.yaml")
	if err := os.WriteFile(name, []byte("every: 1s\nfeeds:\n  - https://a.example/f\n  - ftp://a.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(name)
	want := name + ":1: every: 1s must lie between 15m and 366d\n" + name + `:4: feeds[1].url: "ftp://a.example" must begin with http:// or https://`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestSelectorsReachFeeds: what an outlet's pages look like goes with every feed of that outlet, and with no other.
func TestSelectorsReachFeeds(t *testing.T) {
	c := mustParse(t, `
outlets: {Herald: {selector: article}}
fetch: {full_text: never}
feeds: [{url: https://a.example/1, outlet: Herald}, {url: https://a.example/2, outlet: Post}, {url: https://a.example/3, full_text: auto}]`)
	want := []copytaster.Feed{
		{URL: "https://a.example/1", Outlet: "Herald", Selector: "article", FullText: copytaster.FullTextNever},
		{URL: "https://a.example/2", Outlet: "Post", FullText: copytaster.FullTextNever},
		{URL: "https://a.example/3", FullText: copytaster.FullTextAuto},
	}
	if !reflect.DeepEqual(c.Feeds, want) {
		t.Errorf("got  %+v\nwant %+v", c.Feeds, want)
	}
}

// TestAliasBomb: aliases multiply, and a small file must not become a large one.
func TestAliasBomb(t *testing.T) {
	tags := "x: &t [" + strings.Repeat("a,", 1001) + "]\n"
	feed := "feeds: [" + strings.Repeat("{url: u, tags: *t},", 1001) + "]\n"
	_, err := Parse([]byte(tags + feed))
	if err == nil || !strings.Contains(err.Error(), "more than 1000000 values") {
		t.Errorf("got %.200v", err)
	}
}
