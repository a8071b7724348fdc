package guard

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

// Unasked reports whether an error of Get is none of the outlet's: names cannot be looked up at all, or there is no network.
func Unasked(err error) bool {
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return !e.IsNotFound
	}
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.ENETDOWN)
}

// Explain puts an error of Get into words for people.
func Explain(err error) string {
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
