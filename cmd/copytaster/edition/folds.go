package edition

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"copytaster"
	"copytaster/store"
	"copytaster/web/view"
)

// Folds lists the copies that came last, at most n, the newest first, with the figures by which they were recognised.
func (l *Live) Folds(n int) ([]view.FoldEntry, error) {
	stories, err := l.Brief(view.Query{Limit: view.Surveyed})
	if err != nil {
		return nil, err
	}
	entries := []view.FoldEntry{}
	for _, s := range lastGrown(stories, n) {
		err := l.DB.View(func(tx *store.Tx) error {
			stored, _, err := tx.Story(s.ID)
			entries = append(entries, folds(s, stored.Folds)...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(entries, func(a, b view.FoldEntry) int {
		return cmp.Or(b.Time.Compare(a.Time), strings.Compare(a.Outlet, b.Outlet))
	})
	return entries[:min(len(entries), n)], nil
}

// lastGrown are the n stories of several items to which one came last.
func lastGrown(stories []copytaster.Story, n int) []copytaster.Story {
	grown := slices.DeleteFunc(stories, func(s copytaster.Story) bool { return len(s.Items) < 2 })
	slices.SortStableFunc(grown, func(a, b copytaster.Story) int { return lastSeen(b).Compare(lastSeen(a)) })
	return grown[:min(len(grown), n)]
}

func lastSeen(s copytaster.Story) (t time.Time) {
	for _, it := range s.Items {
		t = later(t, it.Seen)
	}
	return t
}

// folds are the entries of a story's recorded folds.
func folds(s copytaster.Story, recorded []store.Fold) (list []view.FoldEntry) {
	items := map[string]copytaster.Item{}
	for _, it := range s.Items {
		items[it.ID] = it
	}
	for _, f := range recorded {
		it, with := items[f.Item], items[f.With]
		if it.ID == "" || with.ID == "" {
			continue
		}
		list = append(list, view.FoldEntry{Time: later(it.Seen, with.Seen), Story: s.ID, Title: s.Items[0].Title, Outlet: it.Outlet, With: with.Outlet, Rule: f.Rule,
			Shared: f.Shared, Contained: percent(f.Contained), Contains: percent(f.Contains)})
	}
	return list
}

func percent(part float64) int { return int(math.Round(100 * min(max(part, 0), 1))) }
