package fetch

import "testing"

func TestHoldsOnlyWhatIsShown(t *testing.T) {
	old := Known{{sum("a"), 1}, {sum("b"), 2}}
	now := Known{{sum("b"), 2}, {sum("c"), 3}}
	d := Delivery{State: State{Known: old.follow(now, false)}, Entries: len(now)}
	for guid, want := range map[string]bool{"a": false, "b": true, "c": true, "d": false} {
		if got := d.Holds(guid); got != want {
			t.Errorf("%s: got %v, want %v", guid, got, want)
		}
	}
	if (Delivery{}).Holds("a") {
		t.Error("an empty delivery: got true")
	}
}
