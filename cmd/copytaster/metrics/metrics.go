// Package metrics counts what the daemon does, for Prometheus. The number of its time series does not grow with what is polled or stored: of
// feeds it names only the few that have gone longest without an answer.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the counters of one daemon. They may be used by several goroutines. The zero value is not usable; nil counts nothing.
type Metrics struct {
	registry *prometheus.Registry

	polls    *prometheus.CounterVec
	pollTime prometheus.Histogram
	wire     prometheus.Counter
	pages    *prometheus.CounterVec
	items    *prometheus.CounterVec
	folds    prometheus.Counter
	sizes    prometheus.Histogram
	commits  prometheus.Histogram
	failures prometheus.Counter
	exports  *prometheus.CounterVec
}

// Poll is what one poll did.
type Poll struct {
	Outcome       string // a word of fetch.Outcome
	Took          time.Duration
	Bytes         int64 // of the body as it came
	Pages, Missed int   // article pages that gave a text, and that did not
}

// Commit is what one transaction of ingest did.
type Commit struct {
	New, Updated, Folded int
	Stories              []int // how many items each story has that was made or changed
	Took                 time.Duration
}

// New makes the counters. Present is asked for the present state whenever somebody asks for the metrics.
func New(version string, present func() (Present, error)) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.polls = m.vec("polls_total", "Polls of feeds, by how they ended.", "outcome")
	m.pollTime = m.histogram("poll_seconds", "How long a poll of a feed took, with its article pages.", prometheus.ExponentialBuckets(0.01, 2.5, 11))
	m.wire = m.counter("received_bytes_total", "Bytes of feeds as they came over the wire.")
	m.pages = m.vec("pages_total", "Article pages that were asked for, by whether they gave a text.", "outcome")
	m.items = m.vec("items_total", "Items that were stored, new or again.", "kind")
	m.folds = m.counter("folds_total", "New items that were copies of another.")
	m.sizes = m.histogram("story_items", "How many items a story had when it was made or changed.", []float64{1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
	m.commits = m.histogram("commit_seconds", "How long cleaning, folding and storing a batch took.", prometheus.ExponentialBuckets(0.005, 2.5, 11))
	m.failures = m.counter("store_failures_total", "Batches that could not be stored at once.")
	m.exports = m.vec("exports_total", "Writings of export files, by whether they went well.", "outcome")
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &presence{present: present, version: version})
	return m
}

func (m *Metrics) vec(name, help, label string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "copytaster", Name: name, Help: help}, []string{label})
	m.registry.MustRegister(c)
	return c
}

func (m *Metrics) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "copytaster", Name: name, Help: help})
	m.registry.MustRegister(c)
	return c
}

func (m *Metrics) histogram(name, help string, buckets []float64) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "copytaster", Name: name, Help: help, Buckets: buckets})
	m.registry.MustRegister(h)
	return h
}

// Handler gives the metrics over HTTP.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2})
}

// Polled counts a poll.
func (m *Metrics) Polled(p Poll) {
	if m == nil {
		return
	}
	m.polls.WithLabelValues(p.Outcome).Inc()
	m.pollTime.Observe(p.Took.Seconds())
	m.wire.Add(float64(p.Bytes))
	m.pages.WithLabelValues("text").Add(float64(p.Pages))
	m.pages.WithLabelValues("none").Add(float64(p.Missed))
}

// Committed counts a transaction.
func (m *Metrics) Committed(c Commit) {
	if m == nil {
		return
	}
	m.items.WithLabelValues("new").Add(float64(c.New))
	m.items.WithLabelValues("updated").Add(float64(c.Updated))
	m.folds.Add(float64(c.Folded))
	for _, n := range c.Stories {
		m.sizes.Observe(float64(n))
	}
	m.commits.Observe(c.Took.Seconds())
}

// Failed counts a batch that could not be stored.
func (m *Metrics) Failed() {
	if m != nil {
		m.failures.Inc()
	}
}

// Exported counts a writing of the export files.
func (m *Metrics) Exported(err error) {
	switch {
	case m == nil:
	case err != nil:
		m.exports.WithLabelValues("failed").Inc()
	default:
		m.exports.WithLabelValues("well").Inc()
	}
}
