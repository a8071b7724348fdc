package view

import (
	"bytes"
	"encoding/json"
	"path"
	"strings"

	"copytaster"
)

// Same is what came of holding a story against another that may be the same.
type Same struct {
	Typed, ID, Title string // ID is empty if there is no such story
	YAML             string // lines for the configuration that make one story of the two; empty where an article has no address
}

// newSame says how the two stories become one, nil if no other was named.
func newSame(st copytaster.Story, asked Asked) *Same {
	if asked.Same == "" {
		return nil
	}
	s := &Same{Typed: shorten(asked.Same, 100)}
	if o := asked.Another; o != nil && len(o.Items) > 0 && o.ID != st.ID {
		s.ID, s.Title = o.ID, headline(o.Items[0])
		s.YAML = join(addressIn(st), addressIn(*o))
	}
	return s
}

// StoryID is the id in what a person types for a story: the id itself or the address of its page.
func StoryID(typed string) string {
	typed, _, _ = strings.Cut(strings.TrimSpace(typed), "?")
	return path.Base(strings.TrimRight(typed, "/"))
}

// addressIn is the address of the first item that has one.
func addressIn(st copytaster.Story) string {
	for _, it := range st.Items {
		if a := webAddress(it.URL); a != "" {
			return a
		}
	}
	return ""
}

// apart is the correction that takes an article out of its story.
func apart(address string) string {
	if address == "" {
		return ""
	}
	return "stories:\n  split:\n    - " + quoted(address) + "\n"
}

// join is the correction that makes one story of two.
func join(a, b string) string {
	if a == "" || b == "" {
		return ""
	}
	return "stories:\n  join:\n    - [" + quoted(a) + ", " + quoted(b) + "]\n"
}

// quoted writes a text as JSON does, which YAML reads too.
func quoted(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a buffer takes everything, and a string is always JSON
	return strings.TrimSpace(b.String())
}
