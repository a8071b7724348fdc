package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"copytaster/cmd/copytaster/newsroom"
	"copytaster/store"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"copytaster": main, "restless": restless})
}

// restless is copytaster run --now TIME as the demo has it, which polls its own newsroom every second: no key asks for that.
func restless() {
	now, err := clockFrom(os.Args[1])
	if err != nil {
		panic(err)
	}
	d, err := newDaemon("copytaster.yaml", now, io.Discard)
	if err != nil {
		panic(err)
	}
	d.Config.Every, d.Config.Floor, d.File = time.Second, 0, "" // the file would be read again
	panic(runFor(context.Background(), d, os.Stdout))
}

// newsroomEpoch is the time of the scripts' newsroom; its first edition came out in the hours before.
var newsroomEpoch = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

// TestScripts runs testdata/script/*.txtar. In them $NEWSROOM is the address of a newsroom of their own, and a line
// "publish 2" brings out its second edition.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			room := newsroom.New(newsroomEpoch)
			server := httptest.NewServer(room)
			env.Defer(server.Close)
			env.Setenv("NEWSROOM", server.URL)
			env.Values["room"] = room
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"publish":   func(ts *testscript.TestScript, _ bool, _ []string) { ts.Value("room").(*newsroom.Room).Publish(2) },
			"configure": configure,
			"hold":      hold,
		},
	})
}

// configure writes copytaster.yaml for the newsroom's feeds; what else it is to say comes from the file that is named.
func configure(ts *testscript.TestScript, _ bool, args []string) {
	extra := ""
	if len(args) > 0 {
		extra = ts.ReadFile(args[0])
	}
	cfg := newsConfig(ts.Value("room").(*newsroom.Room), ts.Getenv("NEWSROOM"), extra)
	ts.Check(os.WriteFile(ts.MkAbs("copytaster.yaml"), []byte(cfg), 0o644))
}

// newsConfig is a configuration for the newsroom's feeds at the address, with what else it is to say before them.
func newsConfig(room *newsroom.Room, address, extra string) string {
	var b strings.Builder
	b.WriteString(extra + "fetch: {contact: 'https://example.org/test', allow_private: [127.0.0.0/8]}\nfeeds:\n")
	for _, f := range room.Feeds(address) {
		b.WriteString("  - {url: '" + f.URL + "', outlet: '" + f.Outlet + "'}\n")
	}
	return b.String()
}

// hold takes the database that is named, and the port whose address it puts into $TAKEN, until the script ends.
func hold(ts *testscript.TestScript, _ bool, args []string) {
	db, err := store.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { db.Close() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv("TAKEN", l.Addr().String())
}

// TestDaemonStopsCleanly: the daemon says where its pages are, answers there, ends without an error when it is told to, and can be
// started again on the same database.
func TestDaemonStopsCleanly(t *testing.T) {
	t.Chdir(t.TempDir())
	room := newsroom.New(newsroomEpoch)
	server := httptest.NewServer(room)
	defer server.Close()
	writeConfig(t, newsConfig(room, server.URL, "listen: 127.0.0.1:0\n"))
	for range 2 {
		address, stop := startDaemon(t)
		answer, err := http.Get(address)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("%s: got %v, %v", address, answer, err)
		}
		stop()
	}
}

// TestDaemonStopsInTheMiddleOfAPoll: an outlet that never answers keeps nobody.
func TestDaemonStopsInTheMiddleOfAPoll(t *testing.T) {
	t.Chdir(t.TempDir())
	asked := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer server.Close()
	writeConfig(t, "listen: 127.0.0.1:0\nfetch: {allow_private: [127.0.0.0/8]}\nfeeds: ["+server.URL+"/feed]\n")
	_, stop := startDaemon(t)
	<-asked
	stop()
}

func writeConfig(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile("copytaster.yaml", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// startDaemon runs the daemon and returns the address of its pages and what stops it, within 5 seconds and without an error.
func startDaemon(t *testing.T) (address string, stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"run"}, nil, w, io.Discard)
		w.CloseWithError(err)
		ended <- err
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	_, address, ok := strings.Cut(strings.TrimSpace(line), "at ")
	if err != nil || !ok {
		t.Fatalf("got %q, %v; want the address of the pages", line, err)
	}
	return address, func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("stopped: got %v, want no error", err)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("still running 5 s after it was told to stop")
		}
	}
}

func TestExitStatus(t *testing.T) {
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"version", 0, ""},
		{"", 0, ""},
		{"run --help", 0, ""},
		{"frobnicate", 2, "frobnicate"},
		{"run --frobnicate", 2, "frobnicate"},
		{"version now", 2, "now"},
		{"run --now noon", 2, "2026-03-01T06:00:00Z"},
		{"export --format gopher", 2, "rss, atom, json, opml, jsonl"},
		{"parse one two", 2, "one FILE at most"},
		{"run --config missing.yaml", 1, "copytaster init"},
		{"parse --batch saved.xml", 2, "takes no FILE"},
		{"clean a.txt --batch", 2, "takes no FILE"},
		{"parse missing.xml", 1, "missing.xml"},
		{"parse", 1, "standard input is empty"},
	} {
		var out, errs bytes.Buffer
		t.Chdir(t.TempDir())
		err := run(context.Background(), strings.Fields(c.args), strings.NewReader(""), &out, &errs)
		status := report(&errs, err)
		if status != c.status || !strings.Contains(errs.String(), c.says) {
			t.Errorf("copytaster %s: got status %d, %q; want %d and %q", c.args, status, errs.String(), c.status, c.says)
		}
		if c.status != 0 && strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("copytaster %s: got %q, want one line", c.args, errs.String())
		}
	}
}

// TestHelpHasExamples: every command says what it does and shows how it is called.
func TestHelpHasExamples(t *testing.T) {
	for _, cmd := range newRoot().Commands() {
		if cmd.Hidden || cmd.Name() == "completion" {
			continue
		}
		if cmd.Short == "" || !strings.Contains(cmd.Example, "copytaster "+cmd.Name()) {
			t.Errorf("%s: got short %q, example %q; want both", cmd.Name(), cmd.Short, cmd.Example)
		}
	}
}
