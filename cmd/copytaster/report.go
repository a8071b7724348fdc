package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"copytaster"
	"copytaster/cmd/copytaster/edition"
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
	t := table{out: out}
	t.printf("%d stories in %d items\n\nCarried by several outlets\n", len(many)+len(single), items(many)+len(single))
	for _, s := range many {
		t.story(s)
	}
	t.printf("\nCarried by one outlet\n\n")
	for _, s := range single {
		t.row("", s.Items[0].Outlet, agencies(s), s.Items[0].Title)
	}
	return t.err
}

func items(stories []copytaster.Story) (n int) {
	for _, s := range stories {
		n += len(s.Items)
	}
	return n
}

// table prints until the first error.
type table struct {
	out io.Writer
	err error
}

func (t *table) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.out, format, args...)
	}
}

func (t *table) story(s copytaster.Story) {
	t.printf("\n%s  [%s]\n", shorten(s.Items[0].Title, 90), cmp.Or(agencies(s), "no agency named"))
	for i, it := range s.Items {
		headline := ""
		if it.Title != s.Items[0].Title {
			headline = it.Title
		}
		t.row("  ", it.Outlet, share(s, i), headline)
	}
}

func (t *table) row(indent, outlet, middle, title string) {
	t.printf("%s%s\n", indent, strings.TrimRight(pad(outlet, 22)+"  "+pad(middle, 24)+"  "+shorten(title, 60), " "))
}

// share says how an item lies to its story's lead.
func share(s copytaster.Story, i int) string {
	if i == 0 {
		return "lead"
	}
	kept, added := percent(s.Shares[i].Kept), percent(s.Shares[i].Added)
	if added == 0 {
		return fmt.Sprintf("kept %d %%", kept)
	}
	return fmt.Sprintf("kept %d %%, added %d %%", kept, added)
}

func percent(part float64) int { return int(part*100 + 0.5) }

func agencies(s copytaster.Story) string { return strings.Join(s.Agencies(), ", ") }

// pad fills the text up to n columns, counting wide characters as two.
func pad(s string, n int) string {
	width := 0
	for _, r := range s {
		width++
		if r >= 0x1100 {
			width++
		}
	}
	return s + strings.Repeat(" ", max(0, n-width))
}
