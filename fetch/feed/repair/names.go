package repair

import (
	"strings"

	"golang.org/x/net/html/atom"
)

const (
	atomSpace = "http://www.w3.org/2005/Atom"
	rssSpace  = "http://purl.org/rss/1.0/"
	encoded   = "content:encoded"
)

// split parts a name as written into prefix and lower-case local name.
func split(name string) (prefix, local string) {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		prefix, local = "", prefix
	}
	return strings.ToLower(prefix), strings.ToLower(local)
}

// structural is the lower-case local name if the element is one of the levels of the feed, else empty.
func (r *repairer) structural(name string) string {
	prefix, local := split(name)
	switch prefix {
	case "", "rss", "atom", "rdf", r.prefix:
	default:
		if r.root != "" {
			return ""
		}
	}
	switch local {
	case "rss", "rdf", "feed":
		return local
	case "channel", "item":
		if r.root != "feed" && prefix != "atom" {
			return local
		}
	case "entry":
		if r.root == "feed" || r.root == "" {
			return local
		}
	}
	return ""
}

// core reports whether the local name, in any case, is an element of RSS, RDF or Atom.
func core(name string) bool {
	_, local := split(name)
	switch local {
	case "rss", "rdf", "feed", "channel", "item", "entry",
		"title", "link", "description", "guid", "pubdate", "author", "category", "comments", "enclosure", "source",
		"id", "updated", "published", "contributor", "content", "summary", "rights", "issued", "modified", "created",
		"language", "copyright", "managingeditor", "webmaster", "lastbuilddate", "generator", "docs", "cloud", "ttl", "image", "rating",
		"textinput", "skiphours", "skipdays", "subtitle", "tagline", "logo", "icon", "encoded", "creator", "date":
		return true
	}
	return false
}

// container reports whether the element holds elements, not text. The others are text that may hold HTML.
func container(prefix, local string) bool {
	switch local {
	case "author", "contributor", "source", "image", "textinput", "items", "skiphours", "skipdays", "owner", "group", "chapters":
		return true
	case "content":
		return prefix == "media"
	}
	return false
}

// prose reports whether the element holds running text, which is worth keeping when the input ends inside it.
func prose(local string) bool {
	switch local {
	case "description", "content", "encoded", "summary", "subtitle", "tagline", "body", "fullitem":
		return true
	}
	return false
}

// extension reports whether the prefix is one that feeds use, so that an element with it is no HTML.
func (r *repairer) extension(prefix string) bool {
	switch prefix {
	case "", "o", "v", "w", "st1", "fb", "g", "svg", "html", "xhtml", "xlink", "math", "mml":
		return false
	case "dc", "content", "media", "itunes", "atom", "slash", "wfw", "feedburner", "georss", "geo", "thr", "sy", "dcterms", "creativecommons", "yt":
		return true
	}
	_, declared := r.prefixes[prefix]
	return declared
}

// mistyped reports whether the names are the same but for case and at most two letters. HTML's own names are never mistyped.
func mistyped(got, want string) bool {
	got, want = strings.ToLower(got), strings.ToLower(want)
	return got == want || len(want) >= 4 && len(got) >= 3 && distance(got, want) <= 2
}

// distance counts the insertions, deletions and replacements between two short names, and swaps of neighbours as one (optimal string
// alignment).
func distance(a, b string) int {
	if len(a) > 32 || len(b) > 32 {
		return 32
	}
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(row[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// htmlName reports whether the name is one of HTML's elements.
func htmlName(name string) bool {
	return atom.Lookup([]byte(strings.ToLower(name))) != 0
}
