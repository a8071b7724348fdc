package metrics

import (
	"cmp"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Present is the state at the moment that the metrics are asked for.
type Present struct {
	Now      time.Time
	Size     int64 // bytes of the database's file
	Items    int   // stored
	Indexed  int   // articles in the index that new ones are compared with
	Learned  int   // standing lines of outlets, when they were last stored
	Queue    int   // deliveries that wait for ingest
	Writable bool  // whether the last batch could be stored
	Feeds    []Feed
	Cluster  *Cluster // nil: this program alone does it all
}

// Cluster is who polls and stores beside this program.
type Cluster struct {
	Leads, Led        bool // this program does; anybody does
	Fetchers, Standby int
	Lag, Orders       uint64 // deliveries that this program has not stored, feeds that wait to be polled
	Bytes             uint64 // of deliveries that NATS keeps
}

// Feed is a feed's health.
type Feed struct {
	URL     string
	Health  string    // a word: well, failing, suspended, gone, disabled
	Success time.Time // zero: never
}

// The longest silent feeds are named, so many at most.
const named = 20

// ages are the bounds, in seconds, between which feeds are counted by the time since they last answered well: an hour, 3, 6, 12, a day, 2, 7, 30.
func ages() []float64 { return []float64{3600, 10800, 21600, 43200, 86400, 172800, 604800, 2592000} }

// presence collects the state.
type presence struct {
	present func() (Present, error)
	version string
}

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("copytaster_"+name, help, labels, nil)
}

// Describe says nothing: what is collected is checked when it is.
func (p *presence) Describe(chan<- *prometheus.Desc) {}

// Collect gives the state.
func (p *presence) Collect(out chan<- prometheus.Metric) {
	now, err := p.present()
	up := 1.0
	if err != nil {
		up = 0
	}
	value := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	value(gauge("info", "The program's version.", "version"), 1, p.version)
	value(gauge("database_readable", "1 while the database can be read."), up)
	if err != nil {
		return
	}
	value(gauge("database_writable", "0 while nothing can be stored."), one(now.Writable))
	value(gauge("database_bytes", "Length of the database's file."), float64(now.Size))
	value(gauge("stored_items", "Items in the database."), float64(now.Items))
	value(gauge("indexed_articles", "Articles that new ones are compared with; 0 until the first new item came."), float64(now.Indexed))
	value(gauge("learned_lines", "Standing lines of outlets that were learned, counted once an hour."), float64(now.Learned))
	value(gauge("queue_deliveries", "Polls whose result waits to be stored."), float64(now.Queue))
	if c := now.Cluster; c != nil {
		value(gauge("cluster_leads", "1 while this program schedules."), one(c.Leads))
		value(gauge("cluster_led", "1 while any program schedules."), one(c.Led))
		value(gauge("cluster_fetchers", "Fetchers that live."), float64(c.Fetchers))
		value(gauge("cluster_standbys", "Other programs that follow the deliveries, the leader left out."), float64(c.Standby))
		value(gauge("cluster_lag_deliveries", "Messages of the stream that this program has not stored."), float64(c.Lag))
		value(gauge("cluster_orders", "Feeds that are due and not yet polled."), float64(c.Orders))
		value(gauge("cluster_stream_bytes", "Bytes of deliveries that NATS keeps."), float64(c.Bytes))
	}
	p.feeds(now, out)
}

// one is 1 for true.
func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// feeds gives what the feeds are like: counts, and the names of the longest silent ones.
func (p *presence) feeds(now Present, out chan<- prometheus.Metric) {
	health := gauge("feeds", "Feeds, by health.", "health")
	counts := map[string]int{"well": 0, "failing": 0, "suspended": 0, "gone": 0, "disabled": 0}
	buckets, sum, polled := map[float64]uint64{}, 0.0, uint64(0)
	var silent []Feed
	for _, f := range now.Feeds {
		counts[f.Health]++
		if f.Success.IsZero() || f.Health == "disabled" {
			continue
		}
		silent = append(silent, f)
		age := now.Now.Sub(f.Success).Seconds()
		sum += age
		polled++
		for _, bound := range ages() {
			if age <= bound {
				buckets[bound]++
			}
		}
	}
	for word, n := range counts {
		out <- prometheus.MustNewConstMetric(health, prometheus.GaugeValue, float64(n), word)
	}
	for _, bound := range ages() {
		buckets[bound] += 0
	}
	out <- prometheus.MustNewConstHistogram(gauge("feed_silence_seconds", "Feeds by the time since they last answered well."), polled, sum, buckets)
	slices.SortFunc(silent, func(a, b Feed) int { return cmp.Or(a.Success.Compare(b.Success), cmp.Compare(a.URL, b.URL)) })
	success := gauge("feed_last_success_seconds", "When the longest silent feeds last answered well (unix time), at most 20 of them.", "feed")
	for _, f := range silent[:min(named, len(silent))] {
		out <- prometheus.MustNewConstMetric(success, prometheus.GaugeValue, float64(f.Success.Unix()), f.URL)
	}
}
