package sketch

import (
	"reflect"
	"testing"
	"time"

	"copytaster"
	"copytaster/dedupe"
)

var seen = time.Date(2026, 3, 1, 7, 0, 0, 0, time.UTC)

func sample() dedupe.Article {
	text := "The harbour master closed the northern lock on Monday after divers had found a crack in its lower gate, the port authority said in the evening."
	return dedupe.Article{ID: "0123456789abcdef", Outlet: "Harbour Post", URL: "https://example.org/lock", Title: "北の水門を閉鎖",
		Published: time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC), Seen: seen, Keys: []string{"urn:newsml:a:1", ""},
		Set: dedupe.Shingles([]copytaster.Block{{Text: text, Kept: true}})}
}

func TestDecodeUndoesEncode(t *testing.T) {
	for _, want := range []dedupe.Article{sample(), {ID: "x", Published: time.Unix(-5, 0).UTC(), Seen: seen}} {
		b, err := Encode(want, want.Set.Outline())
		if err != nil {
			t.Fatal(err)
		}
		got, outline, err := Decode(want.ID, b)
		if err != nil {
			t.Fatal(err)
		}
		if outline.Hollow().Words() != want.Set.Words() {
			t.Errorf("outline: got that of %d words, want %d", outline.Hollow().Words(), want.Set.Words())
		}
		want.Set = dedupe.Set{}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// FuzzDecode: whatever the bytes, Decode ends with an article or an error, and what it decodes it encodes to the same article.
func FuzzDecode(f *testing.F) {
	b, err := Encode(sample(), sample().Set.Outline())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:len(b)/2])
	f.Fuzz(func(t *testing.T, b []byte) {
		a, o, err := Decode("id", b)
		if err != nil {
			return
		}
		again, err := Encode(a, o)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := Decode("id", again)
		if err != nil || !reflect.DeepEqual(got, a) {
			t.Errorf("%x: got %+v, %v, then %+v", b, a, err, got)
		}
	})
}
