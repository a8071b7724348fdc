package fetch

import "slices"

// Holds reports whether the feed, as it came with this delivery, shows an item with the guid.
func (d Delivery) Holds(guid string) bool {
	shown := d.State.Known[:min(d.Entries, len(d.State.Known))] // those it shows come first: see follow
	id := sum(guid)
	return slices.ContainsFunc(shown, func(m Mark) bool { return m.GUID == id })
}
