package edition

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"copytaster"
	"copytaster/config"
	"copytaster/export"
)

// Place is where the program's feeds and pages are, as they say of themselves.
type Place struct {
	Home string // address of the pages, without a slash at the end; empty if nowhere
	IDs  string // domain in the ids of stories; empty: none
	Hub  string // WebSub hub; empty: none
}

// Channel describes a configured export of these stories in a format. A feed's own address is the one at which the program serves it, also in a
// file. What is older than its stories is in the archive of the last one's day (RFC 5005, section 4).
func (p Place) Channel(e config.Export, format string, stories []copytaster.Story) export.Channel {
	c := export.Channel{Title: e.Title, ID: "export/" + e.Name, Host: p.IDs, Hub: p.Hub, Renew: map[string]string{config.UpdatedText: export.RenewText, config.UpdatedOutlets: export.RenewOutlets}[e.Updated]}
	if p.Home == "" {
		return c
	}
	c.Link = p.Home + "/"
	c.Stories = p.Home + "/story/"
	c.Self = p.Self(e, format)
	if n := len(stories); n > 0 && n == e.Limit {
		c.Prev = p.archive(e, format, dayOf(stories[n-1].Published))
	}
	return c
}

// Archive describes the archive of an export's stories of a day; older and newer are the days next to it, zero for none.
func (p Place) Archive(e config.Export, format string, day, older, newer time.Time) export.Channel {
	c := p.Channel(e, format, nil)
	c.Current, c.Self, c.Hub = c.Self, p.archive(e, format, day), ""
	c.Prev, c.Next = p.archive(e, format, older), p.archive(e, format, newer)
	return c
}

// archive is the address of a day's archive, empty without a day or a home.
func (p Place) archive(e config.Export, format string, day time.Time) string {
	if p.Home == "" || day.IsZero() {
		return ""
	}
	return p.Home + "/feeds/" + e.Name + "/" + day.Format(time.DateOnly) + "." + format
}

// Self is the address of an export's feed.
func (p Place) Self(e config.Export, format string) string {
	return p.Home + "/feeds/" + e.Name + "." + format
}

// Render writes the stories in a format that the configuration knows: rss, atom or json.
func Render(w io.Writer, format string, c export.Channel, stories []copytaster.Story) error {
	switch format {
	case "rss":
		return export.RSS(w, c, stories)
	case "atom":
		return export.Atom(w, c, stories)
	case "json":
		return export.JSON(w, c, stories)
	}
	return fmt.Errorf("unknown format %q: there are rss, atom and json", format)
}

// Written reports whether the files of every export are there.
func Written(exports []config.Export) bool {
	for _, e := range exports {
		for _, format := range e.Formats {
			if _, err := os.Stat(e.File + "." + format); err != nil && e.File != "" {
				return false
			}
		}
	}
	return true
}

// WriteFiles brings the files of every export up to date with what stories gives for it, and returns the names of those that changed. An
// export that cannot be written does not keep the others from it; err then holds all that went wrong.
func WriteFiles(exports []config.Export, p Place, stories func(config.Export) ([]copytaster.Story, error)) (changed []string, err error) {
	for _, e := range exports {
		if e.File == "" {
			continue
		}
		names, e2 := writeExport(e, p, stories)
		changed = append(changed, names...)
		if e2 != nil {
			err = errors.Join(err, fmt.Errorf("export %s: %w", e.Name, e2))
		}
	}
	return changed, err
}

func writeExport(e config.Export, p Place, read func(config.Export) ([]copytaster.Story, error)) (changed []string, err error) {
	stories, err := read(e)
	if err != nil {
		return nil, err
	}
	for _, format := range e.Formats {
		name := e.File + "." + format
		did, err := WriteFile(name, func(w io.Writer) error { return Render(w, format, p.Channel(e, format, stories), stories) })
		if err != nil {
			return changed, err
		}
		if did {
			changed = append(changed, name)
		}
	}
	return changed, nil
}
