package record

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"copytaster"
)

// fillIn sets every field below v to something that is not zero.
func fillIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("a " + v.Type().Name() + " <ü>")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(41)
	case reflect.Float64:
		v.SetFloat(.625)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fillIn(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 3, 1, 12, 30, 1, 7, time.UTC)))
			return
		}
		for _, field := range v.Fields() {
			fillIn(field)
		}
	}
}

// TestItemComesBackWhole: whatever fields an item has or gets, all of them are written and read, short and long, with a dictionary and without; a bit that is
// damaged is noticed.
func TestItemComesBackWhole(t *testing.T) {
	var it copytaster.Item
	fillIn(reflect.ValueOf(&it).Elem())
	it.ID = "0123456789abcdef"
	k, err := Key(it.ID)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	both, err := New(map[uint32][]byte{1: []byte(strings.Repeat("old words ", 40)), 2: []byte(strings.Repeat("a string <ü> ", 40))})
	if err != nil {
		t.Fatal(err)
	}
	long := it
	long.Title = strings.Repeat("a long string <ü> ", longest/16)
	for _, c := range []*Codec{plain, both} {
		for _, want := range []copytaster.Item{it, {ID: it.ID, Seen: it.Seen}, long} {
			v, err := c.Item(want, k)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := both.ParseItem(v); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
			if !IsItem(v[8:]) {
				t.Errorf("%x is no item", v[8:])
			}
			for n := range len(v) {
				if _, err := both.ParseItem(v[:n]); err == nil {
					t.Errorf("cut off after %d bytes: got no error", n)
				}
			}
			for bit := 8 * 8; bit < 8*len(v); bit++ {
				v[bit/8] ^= 1 << (bit % 8)
				if got, err := both.ParseItem(v); err == nil && !reflect.DeepEqual(got, want) {
					t.Errorf("bit %d of %x is damaged: got %+v and no error", bit, v, got)
				}
				v[bit/8] ^= 1 << (bit % 8)
			}
		}
	}
}

func TestStoryComesBackWhole(t *testing.T) {
	var s Story
	fillIn(reflect.ValueOf(&s).Elem())
	s.ID, s.Items = "", []string{"0123456789abcdef", "fedcba9876543210"}
	for i := range s.Folds {
		s.Folds[i].Item, s.Folds[i].With = s.Items[i], s.Items[1-i]
	}
	c, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.Story(s)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseStory(v); err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("got %+v, %v, want %+v", got, err, s)
	}
	s.Items = []string{"no id"}
	if _, err := c.Story(s); err == nil {
		t.Error("an item without an id: got no error")
	}
}

func TestSeal(t *testing.T) {
	v := Seal([]byte("words"))
	if d, ok := Unseal(v); !ok || string(d) != "words" {
		t.Errorf("got %q, %v", d, ok)
	}
	v[1] ^= 1
	if _, ok := Unseal(v); ok {
		t.Error("damaged: got that it is whole")
	}
}

// TestPlace: a place is read as it was written, with a story and without; its day is that of its time.
func TestPlace(t *testing.T) {
	at := time.Date(2026, 3, 1, 23, 59, 59, 0, time.UTC)
	for _, want := range []Place{{Day: Day(at), At: 7}, {Day: Day(at), At: 1 << 31, Story: []byte("8 bytes.")}} {
		got := ParsePlace(want.Entry([]byte("8 too...")))
		if got.Day != want.Day || got.At != want.At || string(got.Story) != string(want.Story) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if b := got.Bucket(); string(b) != "2026-03-01" || !got.Time().Equal(at.Truncate(24*time.Hour)) {
			t.Errorf("day: got %s, %v", b, got.Time())
		}
	}
	if p := ParsePlace([]byte{1}); p.Day != 0 || p.Story != nil {
		t.Errorf("cut off: got %+v", p)
	}
}

// TestLookups: an item is found by its address wherever it stands, by its content only in its feed.
func TestLookups(t *testing.T) {
	it := copytaster.Item{Feed: "f", Title: "t", URL: "u", Blocks: []copytaster.Block{{Text: "a"}, {Text: "b"}}}
	if keys := Lookups(it); len(keys) != 2 || string(keys[0]) != string(ContentKey(it)) || string(keys[1]) != string(URLKey("u")) {
		t.Errorf("got %x", keys)
	}
	other := it
	other.Feed = "g"
	joined := it
	joined.Blocks = []copytaster.Block{{Text: "ab"}}
	for _, no := range []copytaster.Item{other, joined} {
		if string(ContentKey(no)) == string(ContentKey(it)) {
			t.Errorf("%+v has the content of %+v", no, it)
		}
	}
}
