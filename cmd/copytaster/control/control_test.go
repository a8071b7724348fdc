package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// calls are what the daemons of the tests answer.
func calls() Calls {
	return Calls{
		"say": func(_ context.Context, args url.Values, out io.Writer) error {
			_, err := fmt.Fprintf(out, "%s, %s\n", args.Get("greeting"), args["name"])
			return err
		},
		"fail": func(context.Context, url.Values, io.Writer) error {
			return errors.New("news.yaml:3: every: too short\nnews.yaml:4: feeds: “none”")
		},
		"break": func(_ context.Context, _ url.Values, out io.Writer) error {
			if _, err := io.Copy(out, bytes.NewReader(make([]byte, 1<<20))); err != nil {
				return err
			}
			return errors.New("the disk is full")
		},
		"die": func(_ context.Context, _ url.Values, out io.Writer) error {
			io.Copy(out, bytes.NewReader(make([]byte, 1<<20)))
			panic(http.ErrAbortHandler)
		},
	}
}

// daemon answers the calls beside a database until the test ends.
func daemon(t *testing.T, database string) net.Listener {
	t.Helper()
	l, err := Listen(database)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: Handler(calls())}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return l
}

func TestAsk(t *testing.T) {
	db := filepath.Join(t.TempDir(), "news.db")
	daemon(t, db)
	for _, c := range []struct {
		call, says, err string
		bytes           int
	}{
		{"say", "hello, [Ann Bo & Co.]\n", "", 0},
		{"fail", "", "news.yaml:3: every: too short\nnews.yaml:4: feeds: “none”", 0},
		{"break", "", "the disk is full", 1 << 20},
		{"die", "", "the daemon's answer: unexpected EOF", -1},
		{"sing", "", "the daemon that runs does not know sing (it is of another version; start it again)", 0},
		{"no/such", "", "the daemon that runs does not know no/such (it is of another version; start it again)", 0},
	} {
		var out bytes.Buffer
		err := Ask(t.Context(), db, c.call, url.Values{"greeting": {"hello"}, "name": {"Ann", "Bo & Co."}}, &out)
		if got := fmt.Sprint(err); got != c.err && (err != nil || c.err != "") {
			t.Errorf("%s: got error %q, want %q", c.call, got, c.err)
		}
		if c.bytes > 0 && out.Len() != c.bytes || c.bytes == 0 && out.String() != c.says {
			t.Errorf("%s: got %d bytes, %.60q; want %q or %d bytes", c.call, out.Len(), out.String(), c.says, c.bytes)
		}
	}
}

func TestTooLongArgumentsAreRefused(t *testing.T) {
	db := filepath.Join(t.TempDir(), "news.db")
	daemon(t, db)
	if err := Ask(t.Context(), db, "say", url.Values{"name": {strings.Repeat("a", maxArgs)}}, io.Discard); err == nil {
		t.Error("got no error for arguments of more than a megabyte")
	}
}

func TestNoDaemon(t *testing.T) {
	db := filepath.Join(t.TempDir(), "news.db")
	if err := Ask(t.Context(), db, "say", nil, io.Discard); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("without a socket: got %v, want %v", err, ErrNoDaemon)
	}
	l, err := Listen(db)
	if err != nil {
		t.Fatal(err)
	}
	l.(listener).Listener.Close() // as after a crash: the socket is left over
	if err := Ask(t.Context(), db, "say", nil, io.Discard); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("with a socket left over: got %v, want %v", err, ErrNoDaemon)
	}
	daemon(t, db)
	if err := Ask(t.Context(), db, "say", nil, io.Discard); err != nil {
		t.Errorf("with a new daemon in its place: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Ask(ctx, db, "say", nil, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: got %v, want %v", err, context.Canceled)
	}
}

func TestSocketBelongsToItsOwner(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := t.TempDir()
	db := filepath.Join(dir, "news.db")
	l := daemon(t, db)
	if info, err := os.Stat(db + ".sock"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v; want mode 0600", info, err)
	}
	l.Close()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("after the end: got %v, %v; want an empty folder", left, err)
	}
	if err := os.WriteFile(db+".sock", []byte("a file of somebody's"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(db); err == nil || !strings.Contains(err.Error(), "in the way") {
		t.Errorf("with a file at its name: got %v, want an error and the file left alone", err)
	}
}

func TestLongNames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("deep/", 30))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	db := filepath.Join(dir, "news.db")
	if _, err := Listen(db); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("got %v, want an error that says what is too long", err)
	}
	if err := Ask(t.Context(), db, "say", nil, io.Discard); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("got %v, want %v", err, ErrNoDaemon)
	}
	t.Chdir(dir) // from there the name is short
	daemon(t, db)
	if err := Ask(t.Context(), db, "say", nil, io.Discard); err != nil {
		t.Errorf("from the folder itself: got %v", err)
	}
}

// TestListenSweeps: what a daemon left that was killed while it made its socket is removed by a later one.
func TestListenSweeps(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, ".ctl123")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(left, long, long); err != nil {
		t.Fatal(err)
	}
	l, err := Listen(filepath.Join(dir, "db"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := os.Lstat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that it is gone", err)
	}
}
