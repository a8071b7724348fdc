package newsroom

import (
	"fmt"
	"slices"
	"strings"

	"copytaster"
)

// Story is what is one story in truth, whatever the outlets made of it.
type Story struct {
	Name    string
	Agency  string // short form; empty for an outlet's own
	Members []Member
}

// Member is an item of a story.
type Member struct {
	Path     string              // of its page, such as /lantern/a/tide.html
	Edition  int                 // 1 or 2
	Role     copytaster.Role     // of the story's agency; empty if there is none
	Others   []copytaster.Credit // further agencies; only Agency and Role are set
	MayBeCut bool                // its feed ends within it
}

// Truth lists all stories of both editions.
func (r *Room) Truth() []Story {
	stories, err := parseTruth(string(file("truth.txt")))
	must(err)
	return stories
}

// parseTruth reads truth.txt; its head explains the form.
func parseTruth(s string) (stories []Story, err error) {
	for line := range strings.Lines(s) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0][0] == '#':
		case line[0] != ' ' && len(words) == 2:
			stories = append(stories, Story{Name: words[0], Agency: strings.Trim(words[1], "-")})
		case line[0] == ' ' && len(stories) > 0:
			m, err := parseMember(words)
			if err != nil {
				return nil, fmt.Errorf("truth: %q: %w", line, err)
			}
			last := &stories[len(stories)-1]
			last.Members = append(last.Members, m)
		default:
			return nil, fmt.Errorf("truth: %q is neither story nor member", line)
		}
	}
	return stories, nil
}

func parseMember(words []string) (Member, error) {
	m := Member{Path: words[0], Edition: 1}
	for _, w := range words[1:] {
		agency, role, other := strings.Cut(w, ":")
		switch {
		case w == "2":
			m.Edition = 2
		case w == "?":
			m.MayBeCut = true
		case other && known(role):
			m.Others = append(m.Others, copytaster.Credit{Agency: agency, Role: copytaster.Role(role)})
		case known(w):
			m.Role = copytaster.Role(w)
		default:
			return m, fmt.Errorf("%q is no role", w)
		}
	}
	return m, nil
}

func known(role string) bool {
	return slices.Contains([]copytaster.Role{copytaster.Full, copytaster.Partial, copytaster.Photo, copytaster.Cited}, copytaster.Role(role))
}
