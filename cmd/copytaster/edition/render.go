package edition

import (
	"errors"
	"fmt"
	"io"
	"os"

	"copytaster"
	"copytaster/config"
	"copytaster/export"
)

// Channel describes a configured export in a format. Home is where the program's pages are, without a slash at the end; empty if nowhere.
// A feed's own address is the one at which the program serves it, also in a file; without a format it is left open.
func Channel(e config.Export, home, format string) export.Channel {
	c := export.Channel{Title: e.Title, ID: "export/" + e.Name}
	if home != "" {
		c.Link = home + "/"
		c.Stories = home + "/story/"
	}
	if home != "" && format != "" {
		c.Self = home + "/feeds/" + e.Name + "." + format
	}
	return c
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
func WriteFiles(exports []config.Export, home string, stories func(config.Export) ([]copytaster.Story, error)) (changed []string, err error) {
	for _, e := range exports {
		if e.File == "" {
			continue
		}
		names, e2 := writeExport(e, home, stories)
		changed = append(changed, names...)
		if e2 != nil {
			err = errors.Join(err, fmt.Errorf("export %s: %w", e.Name, e2))
		}
	}
	return changed, err
}

func writeExport(e config.Export, home string, read func(config.Export) ([]copytaster.Story, error)) (changed []string, err error) {
	stories, err := read(e)
	if err != nil {
		return nil, err
	}
	for _, format := range e.Formats {
		name := e.File + "." + format
		did, err := WriteFile(name, func(w io.Writer) error { return Render(w, format, Channel(e, home, format), stories) })
		if err != nil {
			return changed, err
		}
		if did {
			changed = append(changed, name)
		}
	}
	return changed, nil
}
