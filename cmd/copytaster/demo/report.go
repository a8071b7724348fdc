package demo

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/edition"
	"copytaster/cmd/copytaster/table"
)

// showStories prints the stories as a table, those of several outlets first with every copy, then the others a line each.
func showStories(out io.Writer, r edition.Reader, since time.Time) error {
	var many, single []copytaster.Story
	err := r.Each(since, func(s copytaster.Story) bool {
		if len(s.Items) > 1 {
			many = append(many, s)
		} else {
			single = append(single, s)
		}
		return true
	})
	if err != nil {
		return err
	}
	byTitle := func(a, b copytaster.Story) int { return strings.Compare(a.Items[0].Title, b.Items[0].Title) }
	slices.SortFunc(many, func(a, b copytaster.Story) int { return cmp.Or(cmp.Compare(len(b.Items), len(a.Items)), byTitle(a, b)) })
	slices.SortFunc(single, byTitle)
	t := stories{table.Table{Out: out}}
	t.Printf("%d stories in %d items\n\nCarried by several outlets\n", len(many)+len(single), items(many)+len(single))
	for _, s := range many {
		t.story(s)
	}
	t.Printf("\nCarried by one outlet\n\n")
	for _, s := range single {
		t.row("", s.Items[0].Outlet, agencies(s), s.Items[0].Title)
	}
	return t.Err
}

func items(list []copytaster.Story) (n int) {
	for _, s := range list {
		n += len(s.Items)
	}
	return n
}

// stories prints stories.
type stories struct{ table.Table }

func (t *stories) story(s copytaster.Story) {
	t.Printf("\n%s  [%s]\n", table.Shorten(s.Items[0].Title, 90), cmp.Or(agencies(s), "no agency named"))
	for i, it := range s.Items {
		headline := ""
		if it.Title != s.Items[0].Title {
			headline = it.Title
		}
		t.row("  ", it.Outlet, share(s, i), headline)
	}
}

func (t *stories) row(indent, outlet, middle, title string) {
	t.Printf("%s%s\n", indent, strings.TrimRight(table.Pad(outlet, 22)+"  "+table.Pad(middle, 24)+"  "+table.Shorten(title, 60), " "))
}

// share says how an item lies to its story's lead.
func share(s copytaster.Story, i int) string {
	if i == 0 {
		return "lead"
	}
	kept, added := table.Percent(s.Shares[i].Kept), table.Percent(s.Shares[i].Added)
	if added == 0 {
		return fmt.Sprintf("kept %d %%", kept)
	}
	return fmt.Sprintf("kept %d %%, added %d %%", kept, added)
}

func agencies(s copytaster.Story) string { return strings.Join(s.Agencies(), ", ") }
