package web

import "testing"

func TestReasons(t *testing.T) {
	reason := reasons()
	for why, want := range map[string]string{"": "no reason was recorded", "head": "before the story begins", "tail": "after the end of the story", "learned": "stands in many articles of this outlet", "newly found": "newly found"} {
		if got := reason(why); got != want {
			t.Errorf("%q: got %q, want %q", why, got, want)
		}
	}
}
