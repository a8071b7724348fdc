package state

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"copytaster"
	"copytaster/fetch/feed"
	"copytaster/fetch/websub"
)

func TestStateSurvives(t *testing.T) {
	s := State{ETag: "W/\"ä \x7f\"", LastModified: "a day in spring", From: harbour, Hash: 1<<64 - 1, Wire: 7, Head: 8, Next: monday, Polled: monday, Success: monday, Changed: monday,
		Hold: monday, Failures: 3, Since: monday, Missing: monday, Trouble: "x", PageTrouble: "y", Suspended: true, Gone: true, Refused: true, Address: harbour,
		Moved: harbour, MovedAt: monday, Fresh: time.Hour, Wish: time.Hour, SkipHour: 1<<24 - 1, SkipDay: 1<<7 - 1, Large: true, Title: "T", Language: "de", Hub: "h", Topic: "t",
		Push:  &websub.Subscription{Hub: "h", Topic: "t", Callback: "c", Secret: "s", Asked: monday, Until: monday, Lease: 1, Pushed: monday, Silent: true, Trouble: "x"},
		Known: Known{{1, 2}, {1<<64 - 1, 0}}, Spans: Spans{1<<64 - 1, 7}, Pending: []copytaster.Item{{ID: "a", Seen: monday, Blocks: []copytaster.Block{{Text: "b"}}}}}
	for i, v := 0, reflect.ValueOf(s); i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			t.Errorf("%s is zero in this test", v.Type().Field(i).Name)
		}
	}
	stored, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Decode(stored); err != nil || !reflect.DeepEqual(s, again) {
		t.Errorf("got %+v, %v\nwant %+v", again, err, s)
	}
	text, err := json.Marshal(s) // as earlier versions stored it
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Decode(text); err != nil || !reflect.DeepEqual(s, again) {
		t.Errorf("got %+v, %v\nwant %+v", again, err, s)
	}
	if stored, _ := (State{}).Encode(); string(stored) != "{}" {
		t.Errorf("the zero State: got %s, want {}", stored)
	}
}

// FuzzDecode: whatever is stored is a state or an error, and a state that is stored again is the same.
func FuzzDecode(f *testing.F) {
	b, err := State{ETag: "a", Known: Known{{1, 2}, {3, 4}}, Spans: Spans{5}}.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("{}\n\x81\x80\x80\x80\x80\x80\x80\x0012345678"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(b)
		if err != nil {
			return
		}
		stored, err := s.Encode()
		if err != nil {
			return // a time that JSON does not write
		}
		if again, err := Decode(stored); err != nil || len(again.Known) != len(s.Known) || len(again.Spans) != len(s.Spans) || again.ETag != s.ETag {
			t.Fatalf("%q: got %+v, %v, want %+v", b, again, err, s)
		}
	})
}

func TestKnownSurvivesText(t *testing.T) {
	roundTrip := func(marks []Mark) bool {
		text, err := Known(marks).MarshalText()
		var again Known
		return err == nil && again.UnmarshalText(text) == nil && len(again) == len(marks) && (len(marks) == 0 || reflect.DeepEqual([]Mark(again), marks))
	}
	if err := quick.Check(roundTrip, nil); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"?", "AQ", "AQAAAAAAAAACAAAAAAAAAAA"} {
		if err := new(Known).UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was taken for marks", bad)
		}
	}
}

// Whatever feeds follow each other: what is in the feed now is known, and what has just left it still is, but for no more than as many again.
func TestFollow(t *testing.T) {
	property := func(editions [][]Mark) bool {
		var k Known
		for _, now := range editions {
			before := k
			k = k.Follow(now, false)
			if len(Known(k).Missing(now)) > 0 || len(k) > 2*len(now) {
				return false
			}
			if len(before) <= len(now) && len(lost(before, k)) > 0 {
				return false
			}
		}
		return true
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
}

// lost are the guids of before that are not in after.
func lost(before, after Known) (guids []uint64) {
	have := map[uint64]bool{}
	for _, m := range after {
		have[m.GUID] = true
	}
	for _, m := range before {
		if !have[m.GUID] {
			guids = append(guids, m.GUID)
		}
	}
	return guids
}

func TestDue(t *testing.T) {
	for name, c := range map[string]struct {
		s    State
		want bool
	}{
		"never polled":                     {State{}, true},
		"in an hour":                       {State{Polled: monday, Next: monday.Add(time.Hour)}, false},
		"now":                              {State{Polled: monday.Add(-time.Hour), Next: monday}, true},
		"gone":                             {State{Gone: true}, false},
		"suspended":                        {State{Suspended: true}, false},
		"resumed":                          {State{Gone: true, Suspended: true, Next: monday.Add(time.Hour)}.Resume(), true},
		"the clock was set back by a year": {State{Polled: monday.AddDate(1, 0, 0), Next: monday.AddDate(1, 0, 1)}, true},
		"the clock was set back by a bit":  {State{Polled: monday.Add(time.Minute), Next: monday.Add(time.Hour)}, false},
	} {
		if got := c.s.Due(monday); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	since := monday.Add(-26 * time.Hour)
	for _, c := range []struct {
		s     State
		words []string
	}{
		{State{}, []string{"not asked yet"}},
		{State{Polled: monday, Success: monday, Changed: since}, []string{"well"}},
		{State{Polled: monday, Success: monday, Changed: since, Address: "https://new.example/feed"}, []string{"moved for good", "https://new.example/feed"}},
		{State{Polled: monday, Success: monday, Changed: monday.AddDate(0, -3, 0)}, []string{"quiet", "2025-12-02"}},
		{State{Polled: monday, Failures: 4, Since: since, Trouble: "it answers 500", Next: monday.Add(90 * time.Minute)},
			[]string{"it answers 500", "since 2026-03-01 07:30 UTC", "4 times", "in 1 h 30 min"}},
		{State{Polled: monday, Failures: 1, Since: since, Trouble: "x", Next: monday.Add(-time.Minute)}, []string{"at once"}},
		{State{Polled: monday, Failures: 1, Since: since, Trouble: "x", Next: monday.Add(20 * time.Minute)}, []string{"in 20 min"}},
		{State{Polled: monday, Failures: 1, Since: since, Trouble: "x", Next: monday.AddDate(0, 0, 7)}, []string{"at 2026-03-09 09:30 UTC"}},
		{State{Polled: monday, Gone: true, Since: since}, []string{"gone for good", "2026-03-01", "copytaster resume"}},
		{State{Polled: monday, Suspended: true, Missing: since}, []string{"suspended", "404", "2026-03-01", "copytaster resume"}},
	} {
		got := c.s.Words(monday)
		for _, w := range c.words {
			if !strings.Contains(got, w) {
				t.Errorf("got %q, want %q in it", got, w)
			}
		}
	}
}

func TestLine(t *testing.T) {
	for in, want := range map[string]string{"": "", " a \n b ": "a b", "<b>Bold</b> &amp; free": "Bold & free", "a\xffb": "ab",
		"ääääääääää": "ääääääää…", "eighteen and a half": "eighteen and a half"} {
		if got := Line(in, 19); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestMark(t *testing.T) {
	n := feed.Node{ID: "a", Title: "T", Link: "http://harbour.example/1", Summary: "<p>One two</p>", Content: "<p>One <b>two</b> three</p>"}
	same, other := n, n
	same.Content, same.Published = "<p>One <i>two</i>\n three</p><img src=x?8>", new(int64)
	mark := func(n feed.Node) Mark { return Marks(&feed.Document{Entries: []feed.Node{n}})[0] }
	if mark(same) != mark(n) {
		t.Error("other markup, spaces and dates make another mark")
	}
	other.Content = "<p>One two four</p>"
	if m := mark(other); m.GUID != mark(n).GUID || m.Text == mark(n).Text {
		t.Error("a changed text keeps its mark")
	}
	if a, b := mark(feed.Node{Title: "A"}), mark(feed.Node{Title: "B"}); a.GUID == b.GUID {
		t.Error("entries without guid and link are one")
	}
}

// FuzzWords: a text without its spaces is its words one after the other.
func FuzzWords(f *testing.F) {
	for _, s := range []string{" a\u00a0b \u2003c\t\n", "渡輪 が\x85出る\xff ", "plain words"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := string(appendWords(nil, s)), strings.Join(strings.Fields(s), ""); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	})
}
