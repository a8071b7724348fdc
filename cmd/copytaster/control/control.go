// Package control lets the other commands speak with the daemon that has the database: HTTP over a Unix socket beside the file, which only
// its owner may open. The daemon lists what it answers as Calls; a command asks with Ask first and opens the database itself if that
// gives ErrNoDaemon.
package control

import (
	"cmp"
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
	"strconv"
	"strings"

	"copytaster/store/file"
)

// Call answers one call. What it writes goes to the caller as it comes; its error becomes the error of the caller's Ask, in the same words,
// also after it has written. ctx ends when the caller goes away or the daemon stops.
type Call func(ctx context.Context, args url.Values, out io.Writer) error

// Calls are what a daemon answers, by name: a word.
type Calls map[string]Call

// ErrNoDaemon is wrapped by the error of Ask if nobody answers beside the database.
var ErrNoDaemon = errors.New("no copytaster runs on this database (start one with: copytaster run)")

// trailer carries the error of a call, quoted, behind what it wrote.
const trailer = "Copytaster-Error"

const (
	maxArgs = 1 << 20 // bytes of a call's arguments
	maxPath = 103     // bytes of a socket's name: what fits everywhere (108 on Linux, 104 on macOS, each with a zero behind)
)

// Listen opens the socket beside the database, mode 0600. The caller must have the database open: then whatever socket lies there belongs to
// a daemon that is no more, and is removed.
func Listen(database string) (net.Listener, error) {
	name, err := socket(database)
	if err != nil {
		return nil, err
	}
	switch info, err := os.Lstat(name); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case runtime.GOOS != "windows" && info.Mode().Type() != fs.ModeSocket: // Windows does not say what it is
		return nil, fmt.Errorf("%s is in the way of the control socket; remove it", name)
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return listen(name)
}

// listen makes the socket in a folder that nobody else can enter and moves it to its name when its mode is right: the mode with which
// it begins hangs on the umask.
func listen(name string) (net.Listener, error) {
	const prefix = ".ctl"
	if err := file.Sweep(filepath.Dir(name), prefix); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(filepath.Dir(name), prefix)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	made := filepath.Join(folder, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: made, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(made, 0o600), os.Rename(made, name)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return listener{l, name}, nil
}

// listener removes its socket when it is closed.
type listener struct {
	net.Listener
	name string
}

// Close ends the listening and removes the socket, once.
func (l listener) Close() error {
	if err := l.Listener.Close(); err != nil {
		return err
	}
	return os.Remove(l.name)
}

// socket is the name of the socket of a database: the shortest of those that mean the same, as there is no room for long ones.
func socket(database string) (string, error) {
	name := database + ".sock"
	if len(name) <= maxPath {
		return name, nil
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	full, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	if rel, err := filepath.Rel(here, full); err == nil && len(rel) < len(full) {
		full = rel
	}
	if len(full) > maxPath {
		return "", fmt.Errorf("control socket %s: the name is longer than the %d bytes that a socket can have (move the database, or start there)", full, maxPath)
	}
	return full, nil
}

// Handler answers the calls: each is a POST to /NAME with its arguments as a form.
func Handler(calls Calls) http.Handler {
	mux := http.NewServeMux()
	for name, call := range calls {
		mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxArgs)
			err := r.ParseForm()
			if err == nil {
				w.Header().Set("Trailer", trailer)
				w.Header().Set("Content-Type", "application/octet-stream")
				err = call(r.Context(), r.PostForm, w)
			}
			if err != nil {
				w.Header().Set(trailer, strconv.QuoteToASCII(err.Error()))
			}
		})
	}
	return mux
}

// Ask has the daemon on the database answer the call and writes what comes to out. Its error is the call's own, or wraps ErrNoDaemon, or says
// that the answer was cut off: then what was written is not all.
func Ask(ctx context.Context, database, call string, args url.Values, out io.Writer) error {
	name, err := socket(database)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoDaemon, err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", name)
	}}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://daemon/"+url.PathEscape(call), strings.NewReader(args.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return unreached(ctx, database, err)
	}
	defer resp.Body.Close()
	return answer(resp, call, out)
}

// unreached says why no daemon answered.
func unreached(ctx context.Context, database string, err error) error {
	op, dialed := errors.AsType[*net.OpError](err)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("the daemon on %s belongs to another user: %w", database, err)
	case dialed && op.Op == "dial":
		return fmt.Errorf("%s: %w", database, ErrNoDaemon)
	}
	return fmt.Errorf("the daemon on %s: %w", database, err)
}

// answer passes on what the daemon says.
func answer(resp *http.Response, call string, out io.Writer) error {
	if resp.StatusCode == http.StatusNotFound {
		return fmt.Errorf("the daemon that runs does not know %s (it is of another version; start it again)", call)
	}
	if _, err := io.Copy(out, resp.Body); err != nil {
		return fmt.Errorf("the daemon's answer: %w", err)
	}
	said := cmp.Or(resp.Trailer.Get(trailer), resp.Header.Get(trailer))
	if text, err := strconv.Unquote(said); err == nil {
		return errors.New(text)
	}
	if said != "" || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the daemon answers %s %s", resp.Status, said)
	}
	return nil
}
