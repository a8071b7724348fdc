package ingest

import (
	"slices"

	"copytaster"
	"copytaster/store"
)

// find returns the stored item that it is again: the one with its guid, or, where the feed changed the guid, the one with the same title
// and text, or the same address and title, whose own guid the feed no longer shows.
func find(tx *store.Tx, it copytaster.Item, holds func(guid string) bool) (copytaster.Item, bool, error) {
	if id := tx.ByGUID(it.Feed, it.GUID); id != "" {
		return tx.Item(id)
	}
	same := tx.ByContent(it)
	if it.URL != "" {
		same = append(same, tx.ByURL(it.URL)...)
	}
	for _, id := range slices.Compact(same) {
		old, ok, err := tx.Item(id)
		if err != nil {
			return old, false, err
		}
		if ok && old.Feed == it.Feed && old.Title == it.Title && holds != nil && !holds(old.GUID) {
			return old, true, nil
		}
	}
	return copytaster.Item{}, false, nil
}

// inherit gives the item as it came again what it keeps from before: its id, when it was first seen, and what is missing this time.
func inherit(it, old copytaster.Item) copytaster.Item {
	it.ID, it.Seen = old.ID, old.Seen
	if it.Published.IsZero() {
		it.Published = old.Published
	}
	if len(it.Authors) == 0 {
		it.Authors = old.Authors
	}
	if it.Image == "" {
		it.Image = old.Image
	}
	if it.Publisher == "" {
		it.Publisher = old.Publisher
	}
	if len(it.Blocks) == 0 {
		it.Blocks, it.HTML = old.Blocks, old.HTML
	}
	return it
}
