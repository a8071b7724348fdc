package gate

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// known lets only those through who name the user and the password, or the token. Without either everyone is known. Health checks
// (/healthz, /readyz) tell nothing of what is read and are always answered.
func (o Options) known(next http.Handler) http.Handler {
	if o.User == "" && o.Token == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.knows(r) || r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="copytaster", charset="UTF-8"`)
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "this copytaster asks for a name and a password", http.StatusUnauthorized)
	})
}

func (o Options) knows(r *http.Request) bool {
	if user, password, ok := r.BasicAuth(); ok && o.User != "" {
		return same(user, o.User)&same(password, o.Password) == 1
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return o.Token != "" && strings.EqualFold(scheme, "Bearer") && same(strings.TrimSpace(token), o.Token) == 1
}

// same is 1 if the texts are equal, and takes as long whatever they have in common.
func same(a, b string) int {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:])
}
