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

// Cluster is some servers with JetStream. They choose their ports themselves, each time they start: a port that was free a moment ago may be any
// program's by now.
type Cluster struct {
	t      testing.TB
	opts   []*server.Options
	routes map[[2]int]*Proxy

	mu    sync.Mutex       // guards what follows
	nodes []*server.Server // nil are those that are dead
}

// Start starts a cluster of n servers, a single server if n is 1, which ends with the test.
func Start(t testing.TB, n int) *Cluster {
	t.Helper()
	c := &Cluster{t: t, routes: map[[2]int]*Proxy{}, nodes: make([]*server.Server, n)}
	dir := t.TempDir()
	for i := range n {
		c.opts = append(c.opts, &server.Options{ServerName: fmt.Sprint("n", i), Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: filepath.Join(dir, fmt.Sprint(i)),
			NoSigs: true, NoLog: true, JetStreamMaxMemory: 256 << 20, JetStreamMaxStore: 4 << 30})
	}
	if n > 1 {
		c.connect()
	}
	for i := range n {
		c.Revive(i)
	}
	t.Cleanup(func() {
		for i := range n {
			c.Kill(i)
		}
	})
	c.await()
	return c
}

// connect has every node reach every other through a proxy of their own.
func (c *Cluster) connect() {
	for _, o := range c.opts {
		o.Cluster = server.ClusterOpts{Name: "rig", Host: "127.0.0.1", Port: server.RANDOM_PORT, NoAdvertise: true, Advertise: "127.0.0.1:1"}
	}
	for i, o := range c.opts {
		for j := range c.opts {
			if i == j {
				continue
			}
			p := NewProxy(c.t, func() net.Addr {
				if s := c.node(j); s != nil && s.ClusterAddr() != nil {
					return s.ClusterAddr()
				}
				return nil
			})
			c.routes[[2]int{i, j}] = p
			o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: p.Addr()})
		}
	}
}

// node is the i-th server, nil if it is dead.
func (c *Cluster) node(i int) *server.Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nodes[i]
}

func (c *Cluster) setNode(i int, s *server.Server) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes[i] = s
}

// await waits until the cluster has a leader and takes clients.
func (c *Cluster) await() {
	c.t.Helper()
	alone := len(c.opts) == 1
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		ready, leader, state := true, alone, ""
		for i := range c.opts {
			s := c.node(i)
			takes, current := s.ReadyForConnections(time.Second), alone || s.JetStreamIsCurrent()
			ready, leader = ready && takes && current, leader || s.JetStreamIsLeader()
			state += fmt.Sprintf("; %s: takes clients %t, current %t, leads %t, %d routes", s.Name(), takes, current, s.JetStreamIsLeader(), s.NumRoutes())
		}
		if ready && leader {
			return
		}
		if time.Now().After(end) {
			c.t.Fatal("the NATS cluster did not come up within three minutes" + state)
		}
	}
}

// Kill stops a node.
func (c *Cluster) Kill(i int) {
	if s := c.node(i); s != nil {
		s.Shutdown()
		s.WaitForShutdown()
		c.setNode(i, nil)
	}
}

// Revive starts a node, or starts it again that was killed.
func (c *Cluster) Revive(i int) {
	s, err := server.NewServer(c.opts[i].Clone())
	if err != nil {
		c.t.Fatal(err)
	}
	c.setNode(i, s)
	s.Start()
}

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
	for i := range c.opts {
		l.proxies = append(l.proxies, NewProxy(c.t, func() net.Addr {
			if s := c.node(i); s != nil {
				return s.Addr()
			}
			return nil
		}))
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
	to func() net.Addr

	mu    sync.Mutex // guards what follows
	open  *sync.Cond // told when cut changes
	cut   bool
	done  bool
	conns map[net.Conn]bool
}

// NewProxy makes a proxy that ends with the test. It passes a connection on to where the one that it serves is then, and hangs up if that is nowhere (nil).
func NewProxy(t testing.TB, to func() net.Addr) *Proxy {
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
	to := p.to()
	if to == nil {
		return
	}
	d, err := net.Dial("tcp", to.String())
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
