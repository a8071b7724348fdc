package fetch

import (
	"testing"

	"copytaster/fetch/state"
)

func TestHoldsOnlyWhatIsShown(t *testing.T) {
	old := state.Known{{GUID: state.Sum("a"), Text: 1}, {GUID: state.Sum("b"), Text: 2}}
	now := state.Known{{GUID: state.Sum("b"), Text: 2}, {GUID: state.Sum("c"), Text: 3}}
	d := Delivery{State: State{Known: old.Follow(now, false)}, Entries: len(now)}
	for guid, want := range map[string]bool{"a": false, "b": true, "c": true, "d": false} {
		if got := d.Holds(guid); got != want {
			t.Errorf("%s: got %v, want %v", guid, got, want)
		}
	}
	if (Delivery{}).Holds("a") {
		t.Error("an empty delivery: got true")
	}
}
