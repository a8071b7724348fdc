package gate

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // guards the counts
		now, most, served := 0, 0, 0
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			now, most = now+n, max(most, now+n)
			served += max(0, -n)
		}
		h := inTurn(3, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			count(1)
			<-time.After(time.Second)
			count(-1)
		}))
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { h.ServeHTTP(nil, httptest.NewRequest("GET", "/", nil)) })
		}
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() { h.ServeHTTP(nil, httptest.NewRequestWithContext(ctx, "GET", "/", nil)) })
		cancel()
		wg.Wait()
		if most > 3 || served < 10 {
			t.Errorf("got %d at once and %d served, want 3 and 10", most, served)
		}
	})
}

func answer(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func TestKnown(t *testing.T) {
	h := New(Options{User: "anna", Password: "long password", Token: "a-token"}, http.HandlerFunc(answer))
	for _, c := range []struct {
		path, user, password, header string
		want                         int
	}{
		{"/", "", "", "", 401},
		{"/", "anna", "long password", "", 204},
		{"/", "anna", "long passwore", "", 401},
		{"/", "anna", "", "", 401},
		{"/", "", "long password", "", 401},
		{"/", "", "", "Bearer a-token", 204},
		{"/", "", "", "bearer  a-token", 204},
		{"/", "", "", "Bearer other", 401},
		{"/", "", "", "Bearer ", 401},
		{"/", "", "", "Basic a-token", 401},
		{"/healthz", "", "", "", 204},
		{"/readyz", "", "", "", 204},
		{"/healthz/x", "", "", "", 401},
	} {
		r := httptest.NewRequest("GET", c.path, nil)
		r.Host = "localhost"
		if c.user+c.password != "" {
			r.SetBasicAuth(c.user, c.password)
		} else if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want || (w.Code == 401) != (w.Header().Get("WWW-Authenticate") != "") {
			t.Errorf("%+v: got %d %v", c, w.Code, w.Header())
		}
	}
	for _, o := range []Options{{}, {Token: "t"}, {User: "u"}} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = "localhost"
		w := httptest.NewRecorder()
		New(o, http.HandlerFunc(answer)).ServeHTTP(w, r)
		if open := w.Code == 204; open != (o.User == "" && o.Token == "") {
			t.Errorf("%+v: got %d", o, w.Code)
		}
	}
}

// TestMeter shows that one client's haste costs nobody else, and that waiting helps.
func TestMeter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter()
		count := func(remote string, n int) (allowed int) {
			for range n {
				if m.allows(remote) {
					allowed++
				}
			}
			return allowed
		}
		if got := count("192.0.2.1:1000", 2*burst); got != burst {
			t.Errorf("one client at once: got %d, want %d", got, burst)
		}
		time.Sleep(time.Second)
		if got := count("192.0.2.1:1001", burst); got != perSecond {
			t.Errorf("a second later, from another port: got %d, want %d", got, perSecond)
		}
		for remote, want := range map[string]int{"192.0.2.2:1": burst, "[::ffff:192.0.2.3]:1": burst, "127.0.0.1:1": 2 * burst, "[::1]:1": 2 * burst, "no address": 2 * burst} {
			if got := count(remote, 2*burst); got != want {
				t.Errorf("%s: got %d, want %d", remote, got, want)
			}
		}
		count("[2001:db8::1]:1", burst)
		if got := count("[2001:db8::2]:1", 1); got != 0 {
			t.Error("another address of one /64 counts as another client")
		}
		for i := range maxClients + 10 {
			m.allows(fmt.Sprintf("10.%d.%d.1:1", i/250, i%250))
		}
		if len(m.clients) > maxClients {
			t.Errorf("remembers %d clients", len(m.clients))
		}
	})
}
