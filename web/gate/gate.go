// Package gate decides which requests the pages answer: for which host names, to whom, how many at a time and how often.
package gate

import "net/http"

// Options say who may ask. The zero Options let everyone in who asks for a loopback name or the connection's own address.
type Options struct {
	Hosts          []string // host names answered besides loopback ones and the connection's own address
	User, Password string   // asked for (Basic, RFC 7617); both empty: not asked for
	Token          string   // taken instead (Bearer, RFC 6750); empty: none
}

// atOnce is how many requests are worked on at one time; a front page takes about 1 MB while it is made.
const atOnce = 128

// maxBody is the size of what a request may carry: pages are only read.
const maxBody = 1 << 16

// New puts the gate before next.
func New(o Options, next http.Handler) http.Handler {
	h := inTurn(atOnce, next)
	h = o.known(h)
	h = newMeter().limit(h)
	h = hosts(o.Hosts, h)
	return http.MaxBytesHandler(headers(h), maxBody)
}

// headers sets what every answer carries. The policy lets a page load our style sheet and pictures and send its form to us, and
// nothing else: no script, no frame, no third party.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		next.ServeHTTP(w, r)
	})
}

// inTurn lets n requests through at a time; the others wait as long as their clients do.
func inTurn(n int, next http.Handler) http.Handler {
	turn := make(chan struct{}, n)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}
