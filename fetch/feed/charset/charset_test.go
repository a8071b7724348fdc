package charset

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// samples are texts as feeds in these encodings begin; each is long enough to be told by its letters alone.
var samples = map[string]string{
	"windows-1252": "Der Bürgermeister eröffnete am Samstag die neue Fähre über die Förde, auf die viele Gäste gewartet hatten.",
	"windows-1251": "В субботу мэр открыл новую переправу через залив, которую жители ждали уже несколько лет подряд.",
	"koi8-r":       "В субботу мэр открыл новую переправу через залив, которую жители ждали уже несколько лет подряд.",
	"shift_jis":    "市長は土曜日に湾を渡る新しいフェリーの運航を始めると発表した。住民は長い間これを待っていた。",
	"euc-jp":       "市長は土曜日に湾を渡る新しいフェリーの運航を始めると発表した。住民は長い間これを待っていた。",
	"euc-kr":       "시장은 토요일에 만을 건너는 새 여객선의 운항을 시작한다고 발표했다. 주민들은 오래 기다려 왔다.",
	"gbk":          "市长星期六宣布，横渡海湾的新渡轮开始运营。居民们已经等了很多年，现在终于可以坐船去对岸了。",
	"big5":         "市長星期六宣布，橫渡海灣的新渡輪開始營運。居民們已經等了很多年，現在終於可以坐船去對岸了。",
}

func encode(t testing.TB, label, s string) []byte {
	t.Helper()
	e, _ := charset.Lookup(label)
	out, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func feed(s string) string { return "<rss><channel><title>" + s + "</title></channel></rss>" }

// TestLabelled: the label counts, by HTTP or in the declaration, and so does detection without one.
func TestLabelled(t *testing.T) {
	for label, s := range samples {
		want := feed(s)
		body := encode(t, label, want)
		if got := Decode(body, "text/xml; charset="+label); got != want {
			t.Errorf("%s by HTTP: got %q", label, got)
		}
		declared := append([]byte(`<?xml version="1.0" encoding='`+label+`'?>`), body...)
		if got := Decode(declared, ""); !strings.HasSuffix(got, want) {
			t.Errorf("%s declared: got %q", label, got)
		}
		if got := Decode(body, ""); got != want {
			t.Errorf("%s detected: got %q", label, got)
		}
		if got := Decode([]byte(want), "text/xml; charset="+label); got != want {
			t.Errorf("UTF-8 that says %s: got %q", label, got)
		}
	}
}

// TestWide: UTF-16 and UTF-32 in both orders, with a mark and without.
func TestWide(t *testing.T) {
	want := feed("Fähre — 渡輪 🚢")
	for _, order := range []struct {
		name string
		put  func(r rune) []byte
		mark string
	}{
		{"utf-32be", func(r rune) []byte { return []byte{byte(r >> 24), byte(r >> 16), byte(r >> 8), byte(r)} }, "\x00\x00\xfe\xff"},
		{"utf-32le", func(r rune) []byte { return []byte{byte(r), byte(r >> 8), byte(r >> 16), byte(r >> 24)} }, "\xff\xfe\x00\x00"},
	} {
		var b bytes.Buffer
		for _, r := range want {
			b.Write(order.put(r))
		}
		for _, mark := range []string{"", order.mark} {
			if got := Decode(append([]byte(mark), b.Bytes()...), ""); got != want {
				t.Errorf("%s, mark %q: got %q", order.name, mark, got)
			}
		}
	}
	for label, mark := range map[string]string{"utf-16be": "\xfe\xff", "utf-16le": "\xff\xfe"} {
		body := encode(t, label, want)
		for _, m := range []string{"", mark} {
			if got := Decode(append([]byte(m), body...), ""); got != want {
				t.Errorf("%s, mark %q: got %q", label, m, got)
			}
		}
	}
	if got := Decode([]byte("\xef\xbb\xbf"+want), "text/xml; charset=utf-16"); got != want {
		t.Errorf("UTF-8 with a mark: got %q", got)
	}
}

func TestMixed(t *testing.T) {
	for in, want := range map[string]string{
		"<a>Fähre \xfcber die Förde, täglich</a>":      "<a>Fähre über die Förde, täglich</a>",
		"<a>\x93Fähre\x94 — Förde, täglich</a>":        "<a>“Fähre” — Förde, täglich</a>",
		"<a>Fähre, Förde, täglich</a>\xff\xfe\x80\xff": "<a>Fähre, Förde, täglich</a>ÿþ€ÿ",
		"<a>only \xfc and \xe4 here \xf6</a>":          "<a>only ü and ä here ö</a>",
	} {
		if got := Decode([]byte(in), "text/xml; charset=utf-8"); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestUndouble(t *testing.T) {
	twice := func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			b.WriteRune(rune(s[i]))
		}
		return b.String()
	}
	for _, s := range []string{"Fähre über die Förde", "渡輪", "переправа", "Fähre – 🚢"} {
		if got := Undouble(twice(s)); got != s {
			t.Errorf("twice %q: got %q", s, got)
		}
		if got := Undouble(s); got != s {
			t.Errorf("once %q: got %q", s, got)
		}
	}
	for _, s := range []string{"São Paulo", "Â£30 for Zoë", "plain"} {
		if got := Undouble(s); got != s {
			t.Errorf("%q: got %q", s, got)
		}
	}
}

// FuzzDecode: any bytes give valid UTF-8, and valid UTF-8 that declares nothing comes through.
func FuzzDecode(f *testing.F) {
	for label, s := range samples {
		f.Add(encode(f, label, s), "text/xml; charset="+label)
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		if got := Decode(body, contentType); !utf8.ValidString(got) {
			t.Fatalf("not UTF-8: %q", got)
		}
	})
}
