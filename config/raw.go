package config

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// raw is the file as written: values that need more than a YAML type are strings, numbers that have a default are pointers.
type raw struct {
	Database  string               `yaml:"database"`
	Listen    string               `yaml:"listen"`
	Public    bool                 `yaml:"listen_public"`
	Address   string               `yaml:"address"`
	Auth      rawAuth              `yaml:"auth"`
	Images    string               `yaml:"images"`
	IDs       string               `yaml:"ids"`
	Hub       string               `yaml:"hub"`
	Every     string               `yaml:"every"`
	Retention string               `yaml:"retention"`
	MaxSize   string               `yaml:"max_size"`
	Log       rawLog               `yaml:"log"`
	NATS      rawNATS              `yaml:"nats"`
	Fetch     rawFetch             `yaml:"fetch"`
	Feeds     []rawFeed            `yaml:"feeds"`
	Strip     []string             `yaml:"strip"`
	Outlets   map[string]rawOutlet `yaml:"outlets"`
	Stories   rawStories           `yaml:"stories"`
	Exports   []rawExport          `yaml:"exports"`
}

type rawAuth struct {
	User     string `yaml:"user"`
	Password string `yaml:"password"`
	Token    string `yaml:"token"`
}

type rawLog struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

type rawFetch struct {
	Contact      string   `yaml:"contact"`
	Workers      *int     `yaml:"workers"`
	PerHost      *int     `yaml:"per_host"`
	Timeout      string   `yaml:"timeout"`
	MaxBody      string   `yaml:"max_body"`
	AllowPrivate []string `yaml:"allow_private"`
	FullText     string   `yaml:"full_text"`
	Backfill     *int     `yaml:"backfill"`
	Callback     string   `yaml:"callback"`
}

type rawFeed struct {
	URL      string   `yaml:"url"`
	Outlet   string   `yaml:"outlet"`
	Every    string   `yaml:"every"`
	Schedule string   `yaml:"schedule"`
	FullText string   `yaml:"full_text"`
	Tags     []string `yaml:"tags"`
	Language string   `yaml:"language"`
	Enabled  *bool    `yaml:"enabled"`
}

type rawOutlet struct {
	Strip    []string `yaml:"strip"`
	Keep     []string `yaml:"keep"`
	Selector string   `yaml:"selector"`
}

type rawExport struct {
	Name       string    `yaml:"name"`
	Title      string    `yaml:"title"`
	Formats    []string  `yaml:"formats"`
	File       string    `yaml:"file"`
	Limit      *int      `yaml:"limit"`
	Include    rawFilter `yaml:"include"`
	Exclude    rawFilter `yaml:"exclude"`
	MinOutlets *int      `yaml:"min_outlets"`
	OnlyWire   bool      `yaml:"only_wire"`
	NoWire     bool      `yaml:"no_wire"`
	Where      string    `yaml:"where"`
	Updated    string    `yaml:"updated"`
}

type rawFilter struct {
	Tags      []string `yaml:"tags"`
	Outlets   []string `yaml:"outlets"`
	Agencies  []string `yaml:"agencies"`
	Languages []string `yaml:"languages"`
	Words     []string `yaml:"words"`
}

// maxValues bounds the values of one file, since aliases can make a small file huge. Plain lists of 100,000 feeds fit ten times over.
const maxValues = 1_000_000

// document is one file while it is read and checked: where each path stands and what is wrong. yaml.v3's own strict decoding
// names lines but no paths, and stops at the keys; hence the walk over its nodes.
type document struct {
	lines    map[string]int
	wrong    map[string]bool // the paths of mistakes
	mistakes []Mistake
	values   int
}

// read fills into from the YAML text.
func (d *document) read(body []byte, into *raw) {
	d.lines, d.wrong = map[string]int{}, map[string]bool{}
	var n, second yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(body))
	err := dec.Decode(&n)
	if err == nil {
		d.fill(n.Content[0], reflect.ValueOf(into).Elem(), "")
		err = dec.Decode(&second)
		if err == nil {
			d.lines[""] = second.Line
			d.fail("", "a second document begins; one file is one configuration")
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		d.syntax(err)
	}
}

// syntax notes what the YAML reader says, which names its line in the text.
func (d *document) syntax(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(text); m != nil {
		d.lines[""], _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	d.fail("", "not YAML: %s", text)
}

// fill sets v, whose type says what may stand here, from the node at the path.
func (d *document) fill(n *yaml.Node, v reflect.Value, path string) {
	d.lines[path] = n.Line
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if d.values++; d.values > maxValues {
		d.fail("", "more than %d values", maxValues)
		return
	}
	if n.Tag == "!!null" {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		d.fill(n, p.Elem(), path)
		v.Set(p)
	case reflect.Struct:
		d.fillStruct(n, v, path)
	case reflect.Map:
		d.fillMap(n, v, path)
	case reflect.Slice:
		d.fillSlice(n, v, path)
	default:
		d.fillScalar(n, v, path)
	}
}

// fillStruct takes a mapping of known keys, each at most once; a feed may also be its plain URL.
func (d *document) fillStruct(n *yaml.Node, v reflect.Value, path string) {
	if f, ok := v.Addr().Interface().(*rawFeed); ok && n.Kind == yaml.ScalarNode {
		f.URL = n.Value
		return
	}
	d.pairs(n, path, func(key *yaml.Node, value *yaml.Node, at string) {
		names := keys(v.Type())
		for i, name := range names {
			if name == key.Value {
				d.fill(value, v.Field(i), at)
				return
			}
		}
		d.fail(at, "unknown key; known here: %s", strings.Join(names, ", "))
	})
}

// keys lists the YAML keys of a raw struct in the order of its fields.
func keys(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("yaml")
	}
	return names
}

func (d *document) fillMap(n *yaml.Node, v reflect.Value, path string) {
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(n, path, func(key, value *yaml.Node, at string) {
		e := reflect.New(v.Type().Elem()).Elem()
		d.fill(value, e, at)
		v.SetMapIndex(reflect.ValueOf(key.Value), e)
	})
}

// pairs visits the entries of a mapping and notes keys given twice.
func (d *document) pairs(n *yaml.Node, path string, visit func(key, value *yaml.Node, at string)) {
	if n.Kind != yaml.MappingNode {
		d.fail(path, "want keys with values here, not %s", kind(n))
		return
	}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, at := n.Content[i], keyName(n.Content[i].Value)
		if path != "" {
			at = path + "." + at
		}
		if line := first[key.Value]; line > 0 {
			d.lines[at] = key.Line
			d.fail(at, "given twice, first in line %d", line)
			continue
		}
		first[key.Value] = key.Line
		d.lines[at] = key.Line
		visit(key, n.Content[i+1], at)
	}
}

// keyName is a key as part of a path: quoted if it would be hard to see or break the line.
func keyName(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

func (d *document) fillSlice(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		d.fail(path, "want a list here, not %s", kind(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		d.fill(c, v.Index(i), path+"["+strconv.Itoa(i)+"]")
	}
}

func (d *document) fillScalar(n *yaml.Node, v reflect.Value, path string) {
	switch {
	case n.Kind != yaml.ScalarNode:
		d.fail(path, "want one value here, not %s", kind(n))
	case v.Kind() == reflect.String:
		v.SetString(n.Value)
	case n.Decode(v.Addr().Interface()) != nil:
		want := map[reflect.Kind]string{reflect.Int: "a whole number", reflect.Bool: "true or false"}[v.Kind()]
		d.fail(path, "want %s, not %q", want, n.Value)
	}
}

// kind names what a node is, for people.
func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	default:
		return strconv.Quote(n.Value)
	}
}
