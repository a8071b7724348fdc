package feed

import (
	"errors"

	"copytaster/fetch/feed/repair"

	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"
)

// errLost is returned where gofeed did not bring all items through in their order, so that what was taken out of them cannot be put back.
var errLost = errors.New("an item was lost")

// restore puts into the items what repair took out of them: unmark takes the mark off an item and says whether it was there, put puts in one child.
func restore[T any](items []T, fixed []repair.Item, unmark func(it T, mark string) bool, put func(it T, t repair.Taken)) error {
	for i, f := range fixed {
		if len(f.Taken) == 0 {
			continue
		}
		if len(items) != len(fixed) || !unmark(items[i], f.Mark()) {
			return errLost
		}
		for _, t := range f.Taken {
			put(items[i], t)
		}
	}
	return nil
}

func unmarkRSS(it *rss.Item, mark string) bool {
	last := len(it.Categories) - 1
	if last < 0 || it.Categories[last].Value != mark {
		return false
	}
	it.Categories = it.Categories[:last]
	return true
}

func unmarkAtom(e *atom.Entry, mark string) bool {
	last := len(e.Categories) - 1
	if last < 0 || e.Categories[last].Term != mark {
		return false
	}
	e.Categories = e.Categories[:last]
	return true
}

func putRSS(it *rss.Item, t repair.Taken) {
	switch t.Name {
	case "title":
		it.Title = t.Text
	case "link":
		it.Link, it.Links = t.Text, append(it.Links, t.Text)
	case "description":
		it.Description = t.Text
	case "content:encoded":
		it.Content = t.Text
	case "pubdate":
		it.PubDate = t.Text
	case "comments":
		it.Comments = t.Text
	case "guid":
		it.GUID = &rss.GUID{Value: t.Text, IsPermalink: t.Attr}
	case "category":
		it.Categories = append(it.Categories, &rss.Category{Value: t.Text})
	case "dc:creator":
		extend(&it.Extensions, "dc", ext.Extension{Name: "creator", Value: t.Text})
	case "media":
		extend(&it.Extensions, "media", *t.Media)
	}
}

// extend adds an element of an extension.
func extend(x *ext.Extensions, prefix string, e ext.Extension) {
	if *x == nil {
		*x = ext.Extensions{}
	}
	if (*x)[prefix] == nil {
		(*x)[prefix] = map[string][]ext.Extension{}
	}
	(*x)[prefix][e.Name] = append((*x)[prefix][e.Name], e)
}

func putAtom(e *atom.Entry, t repair.Taken) {
	switch t.Name {
	case "title":
		e.Title = t.Text
	case "summary":
		e.Summary = t.Text
	case "content":
		e.Content = &atom.Content{Value: t.Text}
	case "published":
		e.Published = t.Text
	case "updated":
		e.Updated = t.Text
	case "media":
		extend(&e.Extensions, "media", *t.Media)
	}
}
