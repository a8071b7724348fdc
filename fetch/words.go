package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
)

// trouble says in words what is wrong with the answer to a poll; empty if it can be used.
func (a answer) trouble(s State) string {
	if a.err != nil {
		return explain(a.err)
	}
	switch {
	case a.status == http.StatusOK, a.status == http.StatusIMUsed:
		return ""
	case a.status == http.StatusNotModified && (s.ETag != "" || s.LastModified != ""):
		return ""
	case a.status == http.StatusNotModified:
		return "it answers not modified (304) although nothing was asked with a validator"
	case a.header.Get("cf-mitigated") != "":
		return fmt.Sprintf("Cloudflare holds programs off with a challenge (%d); ask the outlet to let this reader in", a.status)
	}
	return status(a.status)
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

// line is a text from outside on one line, without markup, of n bytes at most.
func line(s string, n int) string {
	var b strings.Builder
	for rest := s; rest != ""; {
		text, tag, _ := strings.Cut(rest, "<")
		b.WriteString(text + " ")
		_, rest, _ = strings.Cut(tag, ">")
	}
	s = strings.Join(strings.Fields(html.UnescapeString(b.String())), " ")
	if len(s) > n {
		s = s[:n-len("…")] + "…"
	}
	return strings.ToValidUTF8(s, "")
}

// explain puts the network's errors into words.
func explain(err error) string {
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		if e.IsNotFound {
			return fmt.Sprintf("the name %s does not exist", e.Name)
		}
		return fmt.Sprintf("the name %s cannot be looked up: %s", e.Name, e.Err)
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate is not good: " + e.Err.Error()
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the host refuses connections"
	case errors.Is(err, syscall.ECONNRESET):
		return "the host broke the connection off"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "the host cannot be reached"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer in time"
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}
