package fetch

import (
	"net/http"
	"slices"

	"copytaster/fetch/state"
)

// Holds reports whether the feed shows an item with the guid, as far as this delivery and what came before it tell: after an answer without
// a body or with a part of one, what was shown lately counts as shown.
func (d Delivery) Holds(guid string) bool {
	shown := d.State.Known
	if d.Entries > 0 && d.Status != http.StatusIMUsed {
		shown = shown[:min(d.Entries, len(shown))] // those it shows come first: see follow
	}
	id := state.Sum(guid)
	return slices.ContainsFunc(shown, func(m state.Mark) bool { return m.GUID == id })
}
