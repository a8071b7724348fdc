package config

import (
	"fmt"
	"time"

	"copytaster"
)

// Stories bounds and corrects the folding.
type Stories struct {
	Window time.Duration // items further apart are never one story
	Lead   []string      // outlets or agencies whose copy stands for a story, the best first
	Join   [][2]string   // pairs of canonical addresses of articles that are one story
	Split  []string      // canonical addresses of articles that join nothing
	Never  [][2]string   // pairs of outlets whose articles are never folded with each other
}

type rawStories struct {
	Window string     `yaml:"window"`
	Lead   []string   `yaml:"lead"`
	Join   [][]string `yaml:"join"`
	Split  []string   `yaml:"split"`
	Never  [][]string `yaml:"never"`
}

func (d *document) stories(r rawStories) Stories {
	d.filled("stories.lead", r.Lead)
	return Stories{
		Window: d.duration("stories.window", r.Window, 72*time.Hour, time.Hour, 366*day),
		Lead:   r.Lead,
		Join:   d.couples("stories.join", r.Join, "articles' addresses", articleURL),
		Split:  each(d, "stories.split", r.Split, articleURL),
		Never:  d.couples("stories.never", r.Never, "outlets' names", outletName),
	}
}

// articleURL is the canonical form of an article's address, by which items are known.
func articleURL(s string) (string, error) { return copytaster.CanonicalURL(s), checkURL(s) }

func outletName(s string) (string, error) {
	if s == "" {
		return "", fmt.Errorf("empty")
	}
	return s, nil
}

// couples reads lists of two. What they are is said where there are more or fewer.
func (d *document) couples(path string, list [][]string, what string, parse func(string) (string, error)) (out [][2]string) {
	for i, p := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		if len(p) != 2 {
			d.fail(at, "want two %s, got %d", what, len(p))
			continue
		}
		if two := each(d, at, p, parse); len(two) == 2 {
			out = append(out, [2]string(two))
		}
	}
	return out
}
