package view

import (
	"time"

	"copytaster"
)

// Record is a story as programs read it in a list.
type Record struct {
	ID        string    `json:"id"`
	Page      string    `json:"page"` // path of its page
	Title     string    `json:"title"`
	Summary   string    `json:"summary"`
	Language  string    `json:"language,omitempty"`
	Published time.Time `json:"published"`
	Updated   time.Time `json:"updated"`
	First     time.Time `json:"first"` // when its first item was published
	Last      time.Time `json:"last"`  // when its last was
	Agencies  []string  `json:"agencies"`
	Outlets   []string  `json:"outlets"` // the lead's first
	Items     int       `json:"items"`
}

// FullRecord is a story with all its versions.
type FullRecord struct {
	Record
	Versions []VersionRecord `json:"versions"` // the lead first
}

// VersionRecord is one outlet's version of a story.
type VersionRecord struct {
	ID        string           `json:"id"`
	Outlet    string           `json:"outlet"`
	Title     string           `json:"title"`
	URL       string           `json:"url,omitempty"`
	Feed      string           `json:"feed"`
	Language  string           `json:"language,omitempty"`
	Authors   []string         `json:"authors,omitempty"`
	Published time.Time        `json:"published,omitzero"`
	Seen      time.Time        `json:"seen"`
	Lead      bool             `json:"lead"`
	Kept      *float64         `json:"kept,omitempty"`  // part of the lead's text that stands in it
	Added     *float64         `json:"added,omitempty"` // part of its text that the lead has not
	Credits   []CreditRecord   `json:"credits,omitempty"`
	Text      []string         `json:"text"` // its paragraphs
	Stripped  []StrippedRecord `json:"stripped,omitempty"`
}

// CreditRecord is what an agency had to do with a version.
type CreditRecord struct {
	Agency   string `json:"agency"`
	Role     string `json:"role"` // full, partial, photo or cited
	Evidence string `json:"evidence,omitempty"`
}

// StrippedRecord is a paragraph that is no part of the story, and why not.
type StrippedRecord struct {
	Text string `json:"text"`
	Why  string `json:"why"`
}

// NewRecord is the story's entry in a list.
func NewRecord(s copytaster.Story) Record {
	r := Record{ID: s.ID, Page: "/story/" + s.ID, Published: s.Published, Updated: s.Updated, Agencies: some(s.Agencies()), Outlets: some(s.Outlets()), Items: len(s.Items)}
	if len(s.Items) > 0 {
		lead := s.Items[0]
		r.Title, r.Summary, r.Language = headline(lead), summary(lead), lead.Language
		r.First, r.Last = span(s.Items)
	}
	return r
}

// some is the list, empty instead of nil: JSON tells them apart.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// NewFullRecord is the story with at most MaxVersions of its versions.
func NewFullRecord(s copytaster.Story) FullRecord {
	r := FullRecord{Record: NewRecord(s), Versions: []VersionRecord{}}
	for i, it := range s.Items[:min(len(s.Items), MaxVersions)] {
		v := newVersionRecord(it)
		v.Lead = i == 0
		if i < len(s.Shares) {
			v.Kept, v.Added = &s.Shares[i].Kept, &s.Shares[i].Added
		}
		r.Versions = append(r.Versions, v)
	}
	return r
}

func newVersionRecord(it copytaster.Item) VersionRecord {
	v := VersionRecord{ID: it.ID, Outlet: it.Outlet, Title: headline(it), URL: webAddress(it.URL), Feed: it.Feed, Language: it.Language, Authors: it.Authors,
		Published: it.Published, Seen: it.Seen, Text: []string{}}
	for _, c := range it.Credits {
		v.Credits = append(v.Credits, CreditRecord{c.Agency, string(c.Role), c.Evidence})
	}
	for _, b := range it.Blocks {
		if b.Kept {
			v.Text = append(v.Text, b.Text)
		} else {
			v.Stripped = append(v.Stripped, StrippedRecord{b.Text, b.Why})
		}
	}
	return v
}
