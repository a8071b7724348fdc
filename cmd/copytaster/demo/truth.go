package demo

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/edition"
	"copytaster/cmd/copytaster/newsroom"
)

// found is an item of the newsroom as it was stored, with the story that it was folded into.
type found struct {
	item  copytaster.Item
	story string
}

// AgainstTruth says in words where the stored stories differ from what the newsroom knows: a member missing, alone or in another story,
// two stories folded into one, an agency not recognised in its role.
func AgainstTruth(r edition.Reader, room *newsroom.Room) (wrong []string, err error) {
	stored := map[string]found{}
	err = r.Each(time.Time{}, func(s copytaster.Story) bool {
		for _, it := range s.Items {
			if u, err := url.Parse(it.URL); err == nil {
				stored[u.Path] = found{it, s.ID}
			}
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	owner := map[string]string{} // story id → the name of the true story that has it
	for _, truth := range room.Truth() {
		wrong = append(wrong, compare(truth, stored, owner)...)
	}
	return wrong, nil
}

// compare says what is wrong with one true story, and notes whose the stories are.
func compare(truth newsroom.Story, stored map[string]found, owner map[string]string) (wrong []string) {
	home := ""
	for _, m := range truth.Members {
		f, ok := stored[m.Path]
		if !ok {
			if m.Edition == 1 && !m.MayBeCut {
				wrong = append(wrong, fmt.Sprintf("%s: %s was not stored", truth.Name, m.Path))
			}
			continue
		}
		if home == "" {
			home = f.story
			if other, taken := owner[home]; taken {
				wrong = append(wrong, fmt.Sprintf("%s and %s were folded into one", other, truth.Name))
			}
			owner[home] = truth.Name
		}
		if f.story != home {
			wrong = append(wrong, fmt.Sprintf("%s: %s stands apart", truth.Name, m.Path))
		}
		wrong = append(wrong, missingCredits(truth, m, f.item)...)
	}
	return wrong
}

func missingCredits(truth newsroom.Story, m newsroom.Member, it copytaster.Item) (wrong []string) {
	want := m.Others
	if m.Role != "" {
		want = append(slices.Clone(want), copytaster.Credit{Agency: truth.Agency, Role: m.Role})
	}
	for _, w := range want {
		if !slices.ContainsFunc(it.Credits, func(c copytaster.Credit) bool { return c.Agency == w.Agency && c.Role == w.Role }) {
			wrong = append(wrong, fmt.Sprintf("%s: %s: %s not recognised as %s (got %v)", truth.Name, m.Path, w.Agency, w.Role, it.Credits))
		}
	}
	return wrong
}
