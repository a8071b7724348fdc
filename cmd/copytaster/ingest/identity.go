package ingest

import (
	"bytes"
	"encoding/json"
	"slices"

	"copytaster"
	"copytaster/store"
)

// find returns the stored item that it is again, and the item, whose guid may have to tell it from another: the one with its guid, or, where the feed changed the guid, the one with the same title
// and text, or the same address and title, whose own guid the feed no longer shows. p is the item, packed.
func find(tx *store.Tx, it copytaster.Item, p store.Packed, holds func(guid string) bool) (now, old copytaster.Item, known bool, err error) {
	for range 2 {
		id := tx.ByGUID(it.Feed, it.GUID)
		if id == "" {
			break
		}
		if old, known, err = tx.Item(id); err != nil || known && !another(it, old) {
			return it, old, known, err
		}
		it.GUID += " " + it.URL
		it.ID = copytaster.ItemID(it.Feed, it.GUID)
	}
	for _, id := range tx.Alike(p) {
		old, ok, err := tx.Item(id)
		if err != nil {
			return it, old, false, err
		}
		if ok && old.Feed == it.Feed && old.Title == it.Title && holds != nil && !holds(old.GUID) {
			return it, old, true, nil
		}
	}
	return it, copytaster.Item{}, false, nil
}

// another reports whether the items have nothing in common but their guid: some feeds give all their items one, or use them again.
func another(it, old copytaster.Item) bool {
	if it.URL == old.URL || it.Title == old.Title || it.URL == "" {
		return false
	}
	return !slices.ContainsFunc(it.Blocks, func(b copytaster.Block) bool {
		return slices.ContainsFunc(old.Blocks, func(o copytaster.Block) bool { return o.Text == b.Text })
	})
}

// same reports whether nothing that is stored of the item differs, as JSON sees it.
func same(it, old copytaster.Item) bool {
	a, errA := json.Marshal(it)
	b, errB := json.Marshal(old)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// inherit gives the item as it came again what it keeps from before: its id, when it was first seen, and what is missing this time. Of a teaser,
// whose page did not come, the text of before is kept.
func inherit(it, old copytaster.Item, teaser bool) copytaster.Item {
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
	if len(it.Blocks) == 0 || teaser {
		it.Blocks, it.HTML, it.URL, it.Language = old.Blocks, old.HTML, old.URL, old.Language
	}
	if len(it.Keys) == 0 {
		it.Keys = old.Keys
	}
	return it
}
