package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"copytaster/cmd/copytaster/daemon"
	"copytaster/cmd/copytaster/relay/rig"
)

const (
	failovers  = 5                // TestFailover kills so many leaders; COPYTASTER_FAILOVERS=50 is the whole test
	takesOver  = 10 * time.Second // at most
	patience   = 3 * time.Minute  // for all else
	joinsAKill = 6                // feeds that are new with each kill, so that there is something to do in it
)

// post is a place where one program of a cluster runs, in a process of its own, and again when it was killed.
type post struct {
	t    *testing.T
	name string
	dir  string
	args []string
	out  rig.Output
	cmd  *exec.Cmd
}

func (p *post) start() {
	p.t.Helper()
	p.cmd = command(p.dir, time.Time{}, p.args...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *post) kill() {
	if p.cmd != nil {
		p.cmd.Process.Kill()
		p.cmd.Wait()
	}
}

// troupe is a cluster of two daemons and two fetchers, with all that they poll.
type troupe struct {
	t       *testing.T
	address string // of the farm
	url     string // of NATS
	feeds   int
	daemons [2]*post
	others  []*post
}

// configure writes the configuration of both daemons, with some feeds more than before.
func (s *troupe) configure() {
	s.t.Helper()
	s.feeds += joinsAKill
	for _, d := range s.daemons {
		var cfg strings.Builder
		fmt.Fprintf(&cfg, "listen: 127.0.0.1:0\nnats: {url: '%s'}\nfetch: {contact: 'https://example.org/', allow_private: [127.0.0.0/8], full_text: never}\nfeeds:\n", s.url)
		for i := range s.feeds {
			fmt.Fprintf(&cfg, "  - %s/feed/%d\n", s.address, i)
		}
		if err := os.WriteFile(filepath.Join(d.dir, "new.yaml"), []byte(cfg.String()), 0o644); err != nil {
			s.t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(d.dir, "new.yaml"), filepath.Join(d.dir, "copytaster.yaml")); err != nil {
			s.t.Fatal(err)
		}
	}
}

// await waits until done, or fails with what all programs printed.
func (s *troupe) await(what string, patience time.Duration, done func() bool) time.Duration {
	s.t.Helper()
	began := time.Now()
	for !done() {
		if time.Since(began) > patience {
			for _, p := range append(s.others, s.daemons[:]...) {
				s.t.Logf("--- %s\n%s", p.name, &p.out)
			}
			s.t.Fatalf("not within %v: %s", patience, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(began)
}

// report is what status says of a daemon; not ok if it does not answer.
func (s *troupe) report(d *post) (r daemon.Report, ok bool) {
	out, err := runCmd(command(d.dir, time.Time{}, "status", "--json"))
	return r, err == nil && json.Unmarshal(out, &r) == nil && r.Cluster != nil
}

// settled reports whether a daemon has stored all that the feeds show, and all that came.
func (s *troupe) settled(d *post) bool {
	r, ok := s.report(d)
	return ok && r.Items == s.feeds*coastShown && r.Cluster.Lag == 0
}

// TestFailover kills the daemon that leads, again and again, while it polls and stores: the other leads within ten seconds, no item is lost or stored twice, and both have
// the same stories under the same ids.
func TestFailover(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("starts itself under another name, which Windows does not offer")
	}
	n, err := strconv.Atoi(cmp.Or(os.Getenv("COPYTASTER_FAILOVERS"), strconv.Itoa(failovers)))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(new(coast))
	defer server.Close()
	s := &troupe{t: t, address: server.URL, url: rig.Start(t, 3).Line().URL()}
	for i, name := range []string{"north", "south"} {
		s.daemons[i] = &post{t: t, name: name, dir: t.TempDir(), args: []string{"run"}}
		defer s.daemons[i].kill()
	}
	for _, name := range []string{"east", "west"} {
		p := &post{t: t, name: name, dir: t.TempDir(), args: []string{"fetcher", "--nats", s.url, "--name", name}}
		s.others = append(s.others, p)
		p.start()
		defer p.kill()
	}
	s.configure()
	s.daemons[0].start()
	s.await("north leads", patience, func() bool { return s.daemons[0].out.Count("msg=leads ") == 1 })
	s.daemons[1].start()

	var longest time.Duration
	for i := range n {
		leader, heir := s.daemons[i%2], s.daemons[(i+1)%2]
		s.await("both have all", patience, func() bool { return s.settled(leader) && s.settled(heir) })
		leads := heir.out.Count("msg=leads ")
		s.configure()
		<-time.After(time.Duration(rand.Int64N(int64(1500 * time.Millisecond)))) // somewhere between the first order and the last commit
		leader.kill()
		took := s.await(heir.name+" leads", patience, func() bool { return heir.out.Count("msg=leads ") > leads })
		longest = max(longest, took)
		leader.start()
	}
	last := s.daemons[n%2]
	s.await("both have all in the end", patience, func() bool { return s.settled(last) && s.settled(s.daemons[(n+1)%2]) })
	if longest > takesOver {
		t.Errorf("the longest fail-over took %v, want %v at most", longest, takesOver)
	}
	var homes [2]map[string]string
	for i, d := range s.daemons {
		d.kill()
		homes[i] = holdings(t, filepath.Join(d.dir, "copytaster.db"), nil)
	}
	if !maps.Equal(homes[0], homes[1]) {
		t.Errorf("the two differ in the stories of their items:\n%v\n%v", homes[0], homes[1])
	}
	t.Logf("%d kills, the longest fail-over %v, %d items", n, longest.Round(10*time.Millisecond), len(homes[0]))
}
