package state

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule is a cron expression: five fields, a descriptor such as @daily or @every 2h, either with TZ=Area/City before it.
type Schedule struct{ cron cron.Schedule }

// ParseSchedule reads a cron expression. It refuses what makes cron's parser panic (a time zone without a schedule), what it silently
// changes (@every under a second) and what never comes (31 February).
func ParseSchedule(expr string) (Schedule, error) {
	rest := strings.TrimSpace(expr)
	if strings.HasPrefix(rest, "TZ=") || strings.HasPrefix(rest, "CRON_TZ=") {
		zone, fields, ok := strings.Cut(rest, " ")
		if _, name, _ := strings.Cut(zone, "="); !ok || name == "" || strings.TrimSpace(fields) == "" {
			return Schedule{}, fmt.Errorf("schedule %q: a time zone needs a name and a schedule behind it", expr)
		}
		rest = strings.TrimSpace(fields)
	}
	if every, ok := strings.CutPrefix(rest, "@every "); ok {
		if d, err := time.ParseDuration(every); err != nil || d < time.Second {
			return Schedule{}, fmt.Errorf("schedule %q: want a time of a second or more behind @every", expr)
		}
	}
	s, err := cron.ParseStandard(strings.TrimSpace(expr))
	if err != nil {
		return Schedule{}, fmt.Errorf("schedule %q: %w", expr, err)
	}
	if s.Next(time.Unix(0, 0)).IsZero() {
		return Schedule{}, fmt.Errorf("schedule %q never comes", expr)
	}
	return Schedule{s}, nil
}

// Next is the first time of the schedule after t. The zero Schedule has none and gives t.
func (s Schedule) Next(t time.Time) time.Time {
	if s.cron == nil {
		return t
	}
	if next := s.cron.Next(t); !next.IsZero() {
		return next
	}
	return t.AddDate(1, 0, 0) // cron looks five years ahead; 29 February can be eight away
}
