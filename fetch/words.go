package fetch

import (
	"fmt"
	"net/http"

	"copytaster/fetch/guard"
)

// trouble says in words what is wrong with the answer to a poll; empty if it can be used.
func trouble(a guard.Answer, s State) string {
	if a.Err != nil {
		return guard.Explain(a.Err)
	}
	switch {
	case a.Status == http.StatusOK, a.Status == http.StatusIMUsed:
		return ""
	case a.Status == http.StatusNotModified && (s.ETag != "" || s.LastModified != ""):
		return ""
	case a.Status == http.StatusNotModified:
		return "it answers not modified (304) although nothing was asked with a validator"
	case a.Header.Get("cf-mitigated") != "":
		return fmt.Sprintf("Cloudflare holds programs off with a challenge (%d); ask the outlet to let this reader in", a.Status)
	}
	return status(a.Status)
}

// status is a status code in words.
func status(code int) string {
	switch code {
	case http.StatusNotFound:
		return "not found (404)"
	case http.StatusGone:
		return "gone for good (410)"
	case http.StatusTooManyRequests:
		return "it is asked too often (429)"
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Sprintf("it refuses us (%d)", code)
	case http.StatusServiceUnavailable:
		return "it is out of service for now (503)"
	}
	if text := http.StatusText(code); text != "" {
		return fmt.Sprintf("it answers %d %s", code, text)
	}
	return fmt.Sprintf("it answers %d", code)
}
