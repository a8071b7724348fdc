package opml

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"

	"copytaster"
	"copytaster/config"
)

// Add returns the configuration with those feeds added behind its own that it does not have yet, and how many these are. Every line
// that stood in it stays as it is. A configuration with mistakes is an error, as is one whose feeds are a list in brackets.
func Add(yamlFile []byte, feeds []copytaster.Feed) (out []byte, added int, err error) {
	old, err := config.Parse(yamlFile)
	if err != nil {
		return nil, 0, err
	}
	have := map[string]bool{}
	for _, f := range old.Feeds {
		have[f.URL] = true
	}
	var lines []string
	at, indent, err := endOfFeeds(yamlFile)
	if err != nil {
		return nil, 0, err
	}
	for _, f := range feeds {
		if have[f.URL] {
			continue
		}
		have[f.URL] = true
		line, err := entry(f)
		if err != nil {
			return nil, 0, err
		}
		lines = append(lines, indent+"- "+line)
	}
	out = insert(yamlFile, at, lines)
	if now, err := config.Parse(out); err != nil {
		return nil, 0, fmt.Errorf("with the new feeds: %w", err)
	} else if len(now.Feeds) != len(old.Feeds)+len(lines) {
		return nil, 0, errors.New("the list of feeds is written in a way that cannot be added to (--print shows what to add)")
	}
	return out, len(lines), nil
}

// Left is a feed that a configuration cannot have.
type Left struct {
	URL string // without a password
	Why string
}

// Usable parts the feeds into those that a configuration can have, and the others with what is wrong with them.
func Usable(feeds []copytaster.Feed) (good []copytaster.Feed, left []Left, err error) {
	for _, f := range feeds {
		line, err := entry(f)
		if err != nil {
			return nil, nil, err
		}
		var mistakes *config.Errors
		switch _, err = config.Parse([]byte("feeds:\n  - " + line + "\n")); {
		case errors.As(err, &mistakes):
			left = append(left, Left{redacted(f.URL), mistakes.Mistakes[0].Text})
		case err != nil:
			return nil, nil, err
		default:
			good = append(good, f)
		}
	}
	return good, left, nil
}

// redacted is the address with xxxxx for a password in it.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Redacted()
}

// Entries writes the feeds as they would stand in a configuration's list.
func Entries(feeds []copytaster.Feed) (string, error) {
	var b strings.Builder
	b.WriteString("feeds:\n")
	for _, f := range feeds {
		line, err := entry(f)
		if err != nil {
			return "", err
		}
		b.WriteString("  - " + line + "\n")
	}
	return b.String(), nil
}

// entry is a feed on one line: the plain address if there is nothing else to say.
func entry(f copytaster.Feed) (string, error) {
	m := struct {
		URL      string   `yaml:"url"`
		Outlet   string   `yaml:"outlet,omitempty"`
		Tags     []string `yaml:"tags,omitempty"`
		Language string   `yaml:"language,omitempty"`
	}{f.URL, oneLine(f.Outlet), f.Tags, f.Language}
	var n yaml.Node
	if err := n.Encode(m); err != nil {
		return "", err
	}
	n.Style = yaml.FlowStyle
	if len(n.Content) == 2 { // the address alone
		n = *n.Content[1]
	}
	b, err := yaml.Marshal(&n)
	return oneLine(string(b)), err
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// endOfFeeds is the number of the line behind which feeds can be added, and the indent of the list's dashes.
func endOfFeeds(yamlFile []byte) (line int, indent string, err error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(yamlFile, &doc); err != nil {
		return 0, "", err
	}
	top := doc.Content[0]
	for i := 0; i+1 < len(top.Content); i += 2 {
		if list := top.Content[i+1]; top.Content[i].Value == "feeds" && list.Kind == yaml.SequenceNode && list.Style&yaml.FlowStyle == 0 {
			return lastLine(list), strings.Repeat(" ", list.Column-1), nil
		}
	}
	return 0, "", errors.New("feeds: is not a list with a dash a line (--print shows what to add)")
}

// lastLine is the last line on which a node of the tree begins.
func lastLine(n *yaml.Node) int {
	last := n.Line
	for _, c := range n.Content {
		last = max(last, lastLine(c))
	}
	return last
}

// insert puts the lines behind the line with the number.
func insert(text []byte, behind int, lines []string) []byte {
	if len(lines) == 0 {
		return text
	}
	all := strings.SplitAfter(string(text), "\n")
	if behind > len(all) {
		behind = len(all)
	}
	head := strings.Join(all[:behind], "")
	if !strings.HasSuffix(head, "\n") {
		head += "\n"
	}
	return []byte(head + strings.Join(lines, "\n") + "\n" + strings.Join(all[behind:], ""))
}
