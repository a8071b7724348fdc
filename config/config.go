// Package config reads the one YAML file that says what is polled, folded and exported, and never lets a wrong value through: what
// Parse returns is valid by construction, and what it refuses it refuses with every mistake at once, each with line and key path.
//
// The keys, their meaning and their defaults stand in example.yaml, which is embedded as Example.
package config

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"copytaster"
	"copytaster/config/where"
)

// Example is the commented example configuration that `copytaster init` writes: every key, with its default.
//
//go:embed example.yaml
var Example []byte

// Floor is the shortest time between two polls of one feed that a configuration may ask for. Feeds of news are seldom rendered
// more often, and an outlet that wants to be asked more rarely says so in its answers.
const Floor = 15 * time.Minute

// Config is a checked configuration. Paths are as written after Parse; Load makes them relative to the file's folder.
type Config struct {
	Database  string        // path of the Bolt file
	Listen    string        // host:port of the web pages
	Address   string        // where readers reach the pages, without a slash at the end; empty: at Listen
	Auth      Auth          // who may read the pages; the zero Auth: everyone who reaches them
	Images    bool          // whether pages show pictures, which this program then fetches
	IDs       string        // domain in the ids of stories; empty: that of Address
	Hub       string        // WebSub hub that is told of news; empty: none
	Every     time.Duration // time between two polls where a feed names none
	Floor     time.Duration // shortest time between two polls: the constant Floor; no key sets it, only the demo lowers it
	Retention time.Duration // age at which items are dropped; never below Stories.Window
	MaxSize   int64         // bytes that the database never exceeds
	Log       Log
	NATS      NATS // over which other machines poll, and take over; the zero NATS: this program alone does it all
	Fetch     Fetch
	Feeds     []copytaster.Feed // at least one; Selector is the outlet's, FullText never empty
	Strip     []*regexp.Regexp  // paragraphs that are no part of a story, at whatever outlet
	Outlets   map[string]Outlet // by the name that is shown
	Stories   Stories
	Exports   []Export // at least one
}

// Auth is what the pages ask of who reads them: the name and password, or the token. All empty: nothing.
type Auth struct{ User, Password, Token string }

// Log says what the daemon writes to standard error.
type Log struct {
	Level slog.Level
	JSON  bool // a JSON object a line; false: words
}

// NATS says where NATS JetStream is. Files are as written after Parse; Load makes them relative to the file's folder.
type NATS struct {
	URL           string // of a server, or of several with commas between; empty: none is used
	Creds         string // file with the user's credentials; empty: none
	CA, Cert, Key string // files for TLS; empty: the system's authorities, no certificate
	Stream        string // first part of the names of all that is made there
	MaxSize       int64  // bytes of deliveries that it keeps
}

// Fetch bounds what the network may cost.
type Fetch struct {
	Contact      string // mail or web address for the User-Agent; may be empty
	Workers      int    // polls at a time
	PerHost      int    // requests to one host at a time
	Timeout      time.Duration
	MaxBody      int64          // bytes of a body after decompression
	AllowPrivate []netip.Prefix // networks beside the public Internet that may be fetched from
	FullText     copytaster.FullText
	Backfill     int    // archives of a feed that are read when it is polled for the first time
	Callback     string // where hubs reach the pages, without a slash at the end; empty: no WebSub
}

// Outlet is what is known about one outlet's pages beyond what is measured.
type Outlet struct {
	Strip, Keep []*regexp.Regexp // paragraphs that are never, or always, part of the story
	Selector    string           // CSS selector of the article; empty: found by measure
}

// Export is one merged feed.
type Export struct {
	Name, Title string
	Formats     []string // of rss, atom, json; at least one
	File        string   // path without extension; empty: served over HTTP only
	Limit       int      // stories, the newest first
	Include     copytaster.Filter
	Exclude     copytaster.Filter
	MinOutlets  int        // stories carried by fewer outlets are left out
	OnlyWire    bool       // only stories that are, or hold, an agency's text
	NoWire      bool       // only stories that are not
	Where       where.Expr // only stories of which it holds
	Updated     string     // when an entry counts as changed: UpdatedText, UpdatedOutlets or UpdatedAny
}

// When an entry counts as changed, so that readers may show it as unread again.
const (
	UpdatedText    = "text"    // its text, headline or link does, as its outlet says, or another outlet's version takes its place
	UpdatedOutlets = "outlets" // also when the 2nd, 3rd, 5th, 10th, 20th, 50th or 100th outlet comes
	UpdatedAny     = "any"     // also with every copy that comes
)

// Load reads and checks the file. Relative paths in it count from its folder. A missing file gives an error that wraps
// fs.ErrNotExist, a wrong one *Errors with File set.
func Load(name string) (*Config, error) {
	body, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no configuration: %w (write one with: copytaster init)", err)
	case err != nil:
		return nil, fmt.Errorf("configuration: %w", err)
	}
	c, err := Parse(body)
	if wrong, ok := errors.AsType[*Errors](err); ok {
		wrong.File = name
	}
	if err != nil {
		return nil, err
	}
	c.place(filepath.Dir(name))
	return c, nil
}

// place makes the relative paths relative to the folder.
func (c *Config) place(folder string) {
	c.Database = below(folder, c.Database)
	for _, name := range []*string{&c.NATS.Creds, &c.NATS.CA, &c.NATS.Cert, &c.NATS.Key} {
		if *name != "" {
			*name = below(folder, *name)
		}
	}
	for i, e := range c.Exports {
		if e.File != "" {
			c.Exports[i].File = below(folder, e.File)
		}
	}
}

func below(folder, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(folder, name)
}

// Parse checks a configuration and fills in the defaults. The error is *Errors with every mistake found.
func Parse(body []byte) (*Config, error) {
	var d document
	var r raw
	d.read(body, &r)
	c := d.check(r)
	if len(d.mistakes) > 0 {
		return nil, d.errors()
	}
	return c, nil
}
