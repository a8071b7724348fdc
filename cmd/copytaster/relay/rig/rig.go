// Package rig runs NATS servers within tests: a cluster on loopback whose nodes, and whose clients, speak through proxies that can be cut. It is
// never part of the program.
package rig

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Cluster is some servers with JetStream.
type Cluster struct {
	t      testing.TB
	nodes  []*server.Server
	opts   []*server.Options
	routes map[[2]int]*Proxy
}

// Start starts a cluster of n servers, a single server if n is 1, which ends with the test.
func Start(t testing.TB, n int) *Cluster {
	t.Helper()
	c := &Cluster{t: t, routes: map[[2]int]*Proxy{}}
	dir := t.TempDir()
	for i := range n {
		c.opts = append(c.opts, &server.Options{ServerName: fmt.Sprint("n", i), Host: "127.0.0.1", Port: free(t), JetStream: true, StoreDir: filepath.Join(dir, fmt.Sprint(i)),
			NoSigs: true, NoLog: true, JetStreamMaxMemory: 256 << 20, JetStreamMaxStore: 4 << 30})
	}
	if n > 1 {
		c.connect()
	}
	for i := range n {
		c.nodes = append(c.nodes, c.start(i))
	}
	t.Cleanup(func() {
		for i := range c.nodes {
			c.Kill(i)
		}
	})
	c.await()
	return c
}

// connect has every node reach every other through a proxy of their own.
func (c *Cluster) connect() {
	for _, o := range c.opts {
		o.Cluster = server.ClusterOpts{Name: "rig", Host: "127.0.0.1", Port: free(c.t), NoAdvertise: true, Advertise: "127.0.0.1:1"}
	}
	for i, o := range c.opts {
		for j, to := range c.opts {
			if i == j {
				continue
			}
			p := NewProxy(c.t, fmt.Sprint("127.0.0.1:", to.Cluster.Port))
			c.routes[[2]int{i, j}] = p
			o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: p.Addr()})
		}
	}
}

func (c *Cluster) start(i int) *server.Server {
	s, err := server.NewServer(c.opts[i].Clone())
	if err != nil {
		c.t.Fatal(err)
	}
	s.Start()
	return s
}

// await waits until the cluster has a leader and takes clients.
func (c *Cluster) await() {
	c.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		ready, leader := true, len(c.nodes) == 1
		for _, s := range c.nodes {
			ready = ready && s.ReadyForConnections(time.Second) && (len(c.nodes) == 1 || s.JetStreamIsCurrent())
			leader = leader || s.JetStreamIsLeader()
		}
		if ready && leader {
			return
		}
	}
	c.t.Fatal("the NATS cluster did not come up within a minute")
}

// Kill stops a node.
func (c *Cluster) Kill(i int) {
	if c.nodes[i] != nil {
		c.nodes[i].Shutdown()
		c.nodes[i].WaitForShutdown()
		c.nodes[i] = nil
	}
}

// Revive starts a node again that was killed.
func (c *Cluster) Revive(i int) { c.nodes[i] = c.start(i) }

// Part cuts two nodes from each other, or mends what was cut.
func (c *Cluster) Part(i, j int, cut bool) {
	for _, p := range []*Proxy{c.routes[[2]int{i, j}], c.routes[[2]int{j, i}]} {
		p.Cut(cut)
	}
}

// Line is how one client reaches the cluster.
type Line struct{ proxies []*Proxy }

// Line makes a way to all nodes for one client.
func (c *Cluster) Line() *Line {
	l := &Line{}
	for _, o := range c.opts {
		l.proxies = append(l.proxies, NewProxy(c.t, fmt.Sprint("127.0.0.1:", o.Port)))
	}
	return l
}

// URL is what the client is given.
func (l *Line) URL() string {
	var list []string
	for _, p := range l.proxies {
		list = append(list, "nats://"+p.Addr())
	}
	return strings.Join(list, ",")
}

// Cut cuts the client from all nodes, or mends that.
func (l *Line) Cut(cut bool) {
	for _, p := range l.proxies {
		p.Cut(cut)
	}
}

// Proxy passes TCP connections on. While it is cut, connections stand but nothing goes through them, and new ones are taken and say nothing: as where a
// network loses packets.
type Proxy struct {
	l  net.Listener
	to string

	mu    sync.Mutex // guards what follows
	open  *sync.Cond // told when cut changes
	cut   bool
	done  bool
	conns map[net.Conn]bool
}

// NewProxy makes a proxy to the address that ends with the test.
func NewProxy(t testing.TB, to string) *Proxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{l: l, to: to, conns: map[net.Conn]bool{}}
	p.open = sync.NewCond(&p.mu)
	go p.serve()
	t.Cleanup(p.end)
	return p
}

// Addr is where it listens.
func (p *Proxy) Addr() string { return p.l.Addr().String() }

// Cut cuts it, or mends it: then what stood is closed, and those who spoke come again.
func (p *Proxy) Cut(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut && !cut {
		p.hangUp()
	}
	p.cut = cut
	p.open.Broadcast()
}

func (p *Proxy) hangUp() {
	for c := range p.conns {
		c.Close()
	}
	clear(p.conns)
}

func (p *Proxy) end() {
	p.l.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = true
	p.hangUp()
	p.open.Broadcast()
}

func (p *Proxy) serve() {
	for {
		c, err := p.l.Accept()
		if err != nil {
			return
		}
		go p.pass(c)
	}
}

func (p *Proxy) pass(c net.Conn) {
	defer c.Close()
	p.wait()
	d, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer d.Close()
	if !p.keep(c, d) {
		return
	}
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{c, d}, {d, c}} {
		go func() {
			p.copy(way[1], way[0])
			done <- struct{}{}
		}()
	}
	<-done
}

func (p *Proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
	}
	return !p.done
}

// wait waits until the proxy is not cut.
func (p *Proxy) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.cut && !p.done {
		p.open.Wait()
	}
}

func (p *Proxy) copy(to io.Writer, from io.Reader) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		p.wait()
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// free is a port that nobody listens at.
func free(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
