package relay

import (
	"context"
	"log/slog"
)

// hook is a log that gives each message's words to a function.
type hook struct {
	slog.Handler
	told func(words string)
}

func logOf(told func(words string)) *slog.Logger { return slog.New(hook{slog.DiscardHandler, told}) }

// Enabled is true: the function wants all.
func (h hook) Enabled(context.Context, slog.Level) bool { return true }

// Handle tells the function.
func (h hook) Handle(_ context.Context, r slog.Record) error {
	h.told(r.Message)
	return nil
}
