package fetch

import (
	"cmp"
	"container/heap"
	"context"
	"maps"
	"time"

	"copytaster"
	"copytaster/fetch/guard"
	"copytaster/fetch/websub"
)

// A poll that takes longer gives its place among the workers to the next: it only waits, and a thousand outlets that time out together
// must not keep the others from being asked. So many times as many polls as workers can be under way. With 64 workers, 1,000 feeds that
// hang and 1,000 of 200 ms, all never polled, the last healthy one is reached after 18.6 s (33.6 s if places were given up after 2 s).
const (
	slowAfter = time.Second
	slowTimes = 16
)

// Polls that are due together, after a restart or a night's sleep of the machine, come apart: never more than 1.5 times as many in any time
// as the feeds' waits make on the average, but one in two seconds at least. Without it 1,500 feeds came back with 45 polls in a
// minute after 20 minutes away and all at once after a night, where 19 are usual.
const (
	rush    = 1.5
	slowest = 0.5 // a second
)

// Round polls each of the feeds that is due once and returns when all are done. The states hang on the feeds' addresses; a feed without
// one has never been polled. deliver is called from several goroutines at once; what it blocks is one worker. Its error ends the round.
func (c *Client) Round(ctx context.Context, feeds []copytaster.Feed, states map[string]State, deliver func(Delivery) error) error {
	r := c.roster(deliver)
	now := c.opt.Now()
	c.remember(states)
	for _, f := range feeds {
		if s := states[f.URL]; !f.Disabled && s.Due(now) {
			r.add(&entry{feed: f, state: s})
		}
	}
	return r.run(ctx, true)
}

// Change is what Run is told while it works.
type Change struct {
	Client *Client           // which asks from now on, made by With; polls that are under way end as they began. nil: the one that there is
	Feeds  []copytaster.Feed // the feeds from now on: it touches only those that are new, gone or different. nil: those that there are
	Mail   *Mail             // what a hub told; nil: nothing
	Resume string            // address of a feed that is asked at once although it was suspended or gone; empty: none
}

// Mail is what the hub of a feed told.
type Mail struct {
	Feed   string // its address
	Notice websub.Notice
}

// Run polls the feeds whenever they are due, until ctx ends or deliver fails. It is Round for ever, and carries out what comes over changes
// (nil: nothing ever does).
func (c *Client) Run(ctx context.Context, feeds []copytaster.Feed, states map[string]State, changes <-chan Change, deliver func(Delivery) error) error {
	r := c.roster(deliver)
	r.changes = changes
	maps.Copy(r.past, states)
	c.remember(states)
	r.set(feeds, c)
	return r.run(ctx, false)
}

// remember takes over from before a restart which hosts want a rest.
func (c *Client) remember(states map[string]State) {
	for address, s := range states {
		if !s.Hold.IsZero() {
			c.hold(address, s.Hold)
		}
	}
}

// entry is a feed on the roster. Its fields belong to the roster's goroutine.
type entry struct {
	feed  copytaster.Feed
	state State
	due   time.Time
	rate  float64 // polls a second that its present wait makes; 0: never polled
	host  string
	at    int  // place in the heap; -1: not in it, but waiting for its host or a worker, or being polled
	gone  bool // no longer subscribed to
	mail  []websub.Notice
}

// flight is one poll that is under way.
type flight struct {
	e    *entry
	mail []websub.Notice // what the feed's hub told; goes first
	due  bool            // the feed is asked
	slow bool            // it has given its place away
	done bool
}

// event is what a poll reports: that it is slow, or how it ended.
type event struct {
	*flight
	slow  bool
	state State
	err   error
}

// roster knows who is polled when. One goroutine, in run, owns it all; the polls speak to it over events.
type roster struct {
	client  *Client
	deliver func(Delivery) error
	changes <-chan Change
	events  chan event

	feeds   map[string]*entry // by address
	past    map[string]State  // of feeds that were not on the roster when it began
	heap    queue             // feeds that wait for their time
	late    []*entry          // feeds whose time has come, and that wait for their turn
	turn    time.Time         // when the next of them has it
	rate    float64           // sum of the entries'
	last    time.Time         // when start last looked at the clock
	ready   []*entry          // feeds that wait for a worker; the healthy ones first
	sick    []*entry
	hosts   map[string][]*entry // feeds that wait for their host; a host that is there is being asked
	running int                 // polls that hold a place
	slow    int                 // polls that gave it away
}

func (c *Client) roster(deliver func(Delivery) error) *roster {
	return &roster{client: c, deliver: deliver, events: make(chan event), feeds: map[string]*entry{}, past: map[string]State{},
		hosts: map[string][]*entry{}}
}

// set makes the list the feeds of the roster. before is the client that there was.
func (r *roster) set(feeds []copytaster.Feed, before *Client) {
	want := map[string]bool{}
	for _, f := range feeds {
		if f.Disabled || want[f.URL] {
			continue
		}
		want[f.URL] = true
		if e := r.feeds[f.URL]; e != nil {
			r.keep(e, before.defaults(e.feed), f)
			continue
		}
		s := r.past[f.URL]
		if s.Refused {
			s.Next = time.Time{} // the address may be allowed now
		} else if s.Push.Working(r.client.opt.Now()) && s.Failures == 0 { // nobody was here to take what its hub pushed
			s.Next = s.Reschedule(r.client.defaults(f), r.client.opt.Floor, false)
		}
		delete(r.past, f.URL)
		if r.client.opt.Push.Holds(s.Push) {
			r.client.opt.Push.Add(f.URL, s.Push)
		}
		r.add(&entry{feed: f, state: s})
	}
	for address, e := range r.feeds {
		if !want[address] {
			r.remove(e)
		}
	}
}

// keep takes over what is said of a feed now. One that waits for its time gets another if it is to be asked more or less often, if its hub cannot
// reach us any more, or if it was refused as its address was not allowed.
func (r *roster) keep(e *entry, was, is copytaster.Feed) {
	e.feed, is = is, r.client.defaults(is)
	switch s := &e.state; {
	case e.at < 0:
		return
	case s.Refused:
		s.Next = time.Time{}
	case s.Failures > 0 || s.Polled.IsZero() || was.Every == is.Every && was.Schedule == is.Schedule && !r.deaf(*s):
		return
	default:
		s.Next = s.Reschedule(is, r.client.opt.Floor, r.client.opt.Push.Holds(s.Push))
	}
	heap.Remove(&r.heap, e.at)
	r.add(e)
}

// deaf reports whether the feed is seldom polled for a hub that does not reach us any more.
func (r *roster) deaf(s State) bool {
	return s.Push.Working(r.client.opt.Now()) && !r.client.opt.Push.Holds(s.Push)
}

// change carries out what Run is told.
func (r *roster) change(c Change) {
	before := r.client
	r.client = cmp.Or(c.Client, before)
	if c.Feeds != nil {
		r.set(c.Feeds, before)
	}
	if c.Mail != nil {
		r.receive(c.Mail)
	}
	if e := r.feeds[c.Resume]; e != nil && e.state.Stopped() {
		e.state = e.state.Resume()
		r.add(e)
	}
}

// receive keeps what a hub told for the feed's next turn, and has that come at once if the feed waits for its time.
func (r *roster) receive(m *Mail) {
	e := r.feeds[m.Feed]
	if e == nil || e.state.Stopped() || len(e.mail) >= maxMail {
		return
	}
	if e.mail = append(e.mail, m.Notice); e.at >= 0 {
		heap.Remove(&r.heap, e.at)
		r.admit(e)
	}
}

// add puts a feed where it waits for its time. One that is suspended or gone stays on the roster and has none.
func (r *roster) add(e *entry) {
	r.feeds[e.feed.URL], e.at = e, -1
	r.rate -= e.rate
	if e.rate = 0; e.state.Stopped() {
		return
	}
	e.due, e.host = e.state.Next, guard.Host(cmp.Or(e.state.Address, e.feed.URL))
	if wait := e.state.Next.Sub(e.state.Polled); wait > 0 && !e.state.Polled.IsZero() {
		e.rate = 1 / wait.Seconds()
	}
	r.rate += e.rate
	heap.Push(&r.heap, e)
}

// remove takes a feed off the roster; a poll of it that is under way is still delivered.
func (r *roster) remove(e *entry) {
	delete(r.feeds, e.feed.URL)
	if r.client.opt.Push != nil {
		r.client.opt.Push.Drop(e.feed.URL)
	}
	r.past[e.feed.URL] = e.state
	r.rate -= e.rate
	e.gone = true
	if e.at >= 0 {
		heap.Remove(&r.heap, e.at)
	}
}

// run is the roster's goroutine. Once: it ends when nothing is left to be polled.
func (r *roster) run(ctx context.Context, once bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		r.start(ctx, once)
		if once && r.running+r.slow == 0 {
			return context.Cause(ctx)
		}
		timer.Reset(r.idle(once))
		select {
		case <-timer.C:
		case c := <-r.changes:
			r.change(c)
		case e := <-r.events:
			if r.take(e, once); e.err != nil {
				cancel(e.err)
			}
		case <-ctx.Done():
			r.drain()
			return context.Cause(ctx)
		}
	}
}

// idle is how long nothing is to be done.
func (r *roster) idle(once bool) time.Duration {
	wait, now := time.Hour, r.last
	if len(r.late) > 0 {
		wait = r.turn.Sub(now)
	}
	if !once && len(r.heap) > 0 {
		wait = min(wait, r.heap[0].due.Sub(now))
	}
	return max(wait, 0)
}

// start polls what is due, as far as hosts and workers are free. Feeds that failed last time come after the others.
func (r *roster) start(ctx context.Context, once bool) {
	now := r.clock()
	for len(r.heap) > 0 && (once || !r.heap[0].due.After(now)) {
		e := heap.Pop(&r.heap).(*entry)
		if once || e.rate == 0 || e.feed.Schedule != "" {
			r.admit(e)
		} else {
			r.late = append(r.late, e)
		}
	}
	for len(r.late) > 0 && !r.turn.After(now) {
		r.turn = now.Add(time.Duration(float64(time.Second) / max(rush*r.rate, slowest)))
		r.admit(r.late[0])
		r.late[0], r.late = nil, r.late[1:]
	}
	for r.running < r.client.opt.Workers && ctx.Err() == nil {
		e := r.next()
		if e == nil {
			return
		}
		r.running++
		go r.poll(ctx, r.client, &flight{e: e, mail: e.mail, due: len(e.mail) == 0 || !e.due.After(now)}, e.feed, e.state)
		e.mail = nil
	}
}

// clock is the time. If it was set back by more than an hour, the feeds' times go back with it, or nobody would be asked until it is
// where it was.
func (r *roster) clock() time.Time {
	now := r.client.opt.Now()
	if back := r.last.Round(0).Sub(now.Round(0)); back > time.Hour { // Round: by the wall, which is what the states hold
		for _, e := range r.heap {
			e.due = e.due.Add(-back)
		}
		r.turn = now
	}
	r.last = now
	return now
}

// admit lets a feed wait for its host, or if that is free for a worker.
func (r *roster) admit(e *entry) {
	if e.gone {
		return
	}
	if waiting, asked := r.hosts[e.host]; asked {
		r.hosts[e.host] = append(waiting, e)
		return
	}
	r.hosts[e.host] = nil
	r.queue(e)
}

// queue lets a feed wait for a worker.
func (r *roster) queue(e *entry) {
	if e.state.Failures > 0 {
		r.sick = append(r.sick, e)
	} else {
		r.ready = append(r.ready, e)
	}
}

// next takes the next feed for a free worker, nil if there is none.
func (r *roster) next() (e *entry) {
	from := &r.ready
	if len(r.ready) == 0 {
		from = &r.sick
	}
	if len(*from) == 0 {
		return nil
	}
	e = (*from)[0]
	(*from)[0] = nil
	*from = (*from)[1:]
	return e
}

// poll runs beside the roster and tells it when it is slow and when it has ended.
func (r *roster) poll(ctx context.Context, c *Client, p *flight, f copytaster.Feed, s State) {
	slow := time.AfterFunc(slowAfter, func() {
		select {
		case r.events <- event{flight: p, slow: true}:
		case <-ctx.Done():
		}
	})
	deliver := func(d Delivery) error {
		if slow.Stop() { // who receives is slow, not the outlet: asking more meanwhile would only fill the memory
			defer slow.Reset(slowAfter)
		}
		return r.deliver(d)
	}
	s, err := r.work(ctx, c, p, f, s, deliver)
	slow.Stop()
	r.events <- event{flight: p, state: s, err: err}
}

// work delivers what the feed's hub told, then what the feed itself says if it is due. It gives the state after that.
func (r *roster) work(ctx context.Context, c *Client, p *flight, f copytaster.Feed, s State, deliver func(Delivery) error) (State, error) {
	if len(p.mail) > 0 {
		d, err := c.Receive(ctx, f, s, p.mail)
		if err == nil {
			err = deliver(d)
		}
		if s = d.State; err != nil {
			return s, err
		}
	}
	if !p.due {
		return s, nil
	}
	if c.opt.Elsewhere != nil {
		return c.elsewhere(ctx, c.defaults(f), s, deliver)
	}
	d, err := c.Poll(ctx, f, s)
	if err == nil {
		err = deliver(d)
	}
	return d.State, err
}

// take acts on an event.
func (r *roster) take(ev event, once bool) {
	switch {
	case ev.done:
	case ev.slow && r.slow < slowTimes*r.client.opt.Workers:
		ev.flight.slow = true
		r.running, r.slow = r.running-1, r.slow+1
	case !ev.slow:
		r.land(ev.flight)
		r.back(ev.e, ev.state, once || ev.err != nil)
	}
}

// land frees the worker and the host of a poll that has ended.
func (r *roster) land(p *flight) {
	p.done = true
	if p.slow {
		r.slow--
	} else {
		r.running--
	}
	waiting := r.hosts[p.e.host]
	for len(waiting) > 0 && waiting[0].gone {
		waiting = waiting[1:]
	}
	if len(waiting) == 0 {
		delete(r.hosts, p.e.host)
		return
	}
	r.hosts[p.e.host] = waiting[1:]
	r.queue(waiting[0])
}

// back puts a feed that was polled where it waits for its next time.
func (r *roster) back(e *entry, s State, last bool) {
	e.state = s
	switch {
	case last:
	case e.gone:
		r.past[e.feed.URL] = s
	default:
		r.add(e)
		if len(e.mail) > 0 && e.at >= 0 { // came meanwhile
			heap.Remove(&r.heap, e.at)
			r.admit(e)
		}
	}
}

// drain waits for the polls that are under way.
func (r *roster) drain() {
	for r.running+r.slow > 0 {
		r.take(<-r.events, true)
	}
}

// queue is a heap of feeds by the time at which they are due.
type queue []*entry

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].at, q[j].at = i, j
}

// Push appends; container/heap calls it.
func (q *queue) Push(x any) {
	e := x.(*entry)
	e.at = len(*q)
	*q = append(*q, e)
}

// Pop takes the last off; container/heap calls it.
func (q *queue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	(*q)[last], *q = nil, (*q)[:last]
	e.at = -1
	return e
}
