package config

import "testing"

func TestCompare(t *testing.T) {
	const feeds = "feeds: [https://a.example/f]\n"
	for text, want := range map[string]string{
		feeds:                           Unchanged,
		feeds + "every: 1h\n":           Unchanged, // the default
		feeds + "listen: 127.0.0.1:0\n": Unchanged, // any port will do
		feeds + "every: 2h\nids: b.example\nstrip: [x]\n":          "ids, every, strip",
		feeds + "log: {format: json}\ndatabase: b.db\n":            Unchanged + "; only from the next start on: database, log.format",
		feeds + "log: {level: debug, format: json}\n":              "log; only from the next start on: log.format",
		feeds + "nats: {url: 'nats://a.example'}\n":                Unchanged + "; only from the next start on: nats",
		"feeds: [https://b.example/f, https://c.example/f]\n":      "2 feeds added, 1 feed removed",
		"feeds: [{url: https://a.example/f, outlet: A Gazette}]\n": "1 feed changed",
	} {
		old, cfg := mustParse(t, feeds), mustParse(t, text)
		if got := Compare(old, cfg); got != want {
			t.Errorf("%s\ngot %q, want %q", text, got, want)
		}
		if kept := cfg.Keeping(old); kept.Database != old.Database || kept.Log.JSON != old.Log.JSON || kept.Every != cfg.Every {
			t.Errorf("%s\ngot %+v, want the database and the log's format as they were", text, kept)
		}
		if again := Compare(cfg, mustParse(t, text)); again != Unchanged {
			t.Errorf("%s\nwith itself: got %q", text, again)
		}
	}
}
