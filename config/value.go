package config

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// units of durations; time.ParseDuration knows nothing longer than an hour.
var units = map[string]time.Duration{"w": 7 * 24 * time.Hour, "d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second, "ms": time.Millisecond}

var durationPart = regexp.MustCompile(`^(\d+(?:\.\d+)?)(ms|[wdhms])`)

// parseDuration reads one or more numbers with units, such as 30d, 1w or 1h30m.
func parseDuration(s string) (time.Duration, error) {
	sum := 0.0
	for rest := s; rest != "" || s == ""; {
		m := durationPart.FindStringSubmatch(rest)
		if m == nil {
			return 0, fmt.Errorf("%q is no duration; write 15m, 72h, 30d or 1w", s)
		}
		n, _ := strconv.ParseFloat(m[1], 64)
		sum += n * float64(units[m[2]])
		rest = rest[len(m[0]):]
	}
	if sum >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is too long; at most 15000w", s)
	}
	return time.Duration(sum), nil
}

// short writes a duration as people configure it: 15m, not 15m0s.
func short(d time.Duration) string {
	for _, u := range []string{"d", "h", "m", "s", "ms"} {
		if d != 0 && d%units[u] == 0 {
			return strconv.FormatInt(int64(d/units[u]), 10) + u
		}
	}
	return d.String()
}

var sizePattern = regexp.MustCompile(`^(\d{1,15}) ?(|B|KiB|MiB|GiB)$`)

// parseSize reads a number of bytes, such as 16MiB.
func parseSize(s string) (int64, error) {
	m := sizePattern.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%q is no size; write 512KiB, 16MiB or 1GiB", s)
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	shift := map[string]uint{"KiB": 10, "MiB": 20, "GiB": 30}[m[2]]
	if n > math.MaxInt64>>shift {
		return 0, fmt.Errorf("%q is too large", s)
	}
	return n << shift, nil
}

// shortSize writes a size as people configure it: 16MiB, not 16777216.
func shortSize(n int64) string {
	for i, u := range []string{"GiB", "MiB", "KiB"} {
		if unit := int64(1) << (30 - 10*i); n >= unit && n%unit == 0 {
			return strconv.FormatInt(n/unit, 10) + u
		}
	}
	return strconv.FormatInt(n, 10) + "B"
}

// parsePrefix reads a network such as 10.0.0.0/8, or one address.
func parsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("%q is no network; write 10.0.0.0/8 or fd00::/8", s)
	}
	return p.Masked(), nil
}

// checkURL reports why a feed cannot be polled at the address.
func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case s == "":
		return errors.New("missing")
	case err != nil:
		return fmt.Errorf("%q is no address: %w", s, errors.Unwrap(err))
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%q must begin with http:// or https://", s)
	case u.Hostname() == "":
		return fmt.Errorf("%q names no host", s)
	case u.User != nil:
		return errors.New("user and password do not belong into an address")
	}
	if _, err := strconv.ParseUint("0"+u.Port(), 10, 16); err != nil {
		return fmt.Errorf("%q: no port is above 65535", s)
	}
	return nil
}

// sameURL writes spellings of one address alike. Queries stay: on many servers they name the feed.
func sameURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	host := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(u.Host), ":80"), ":443")
	return strings.TrimSuffix(host+u.EscapedPath(), "/") + "?" + u.RawQuery
}

// checkSchedule reports why a cron expression cannot drive polls that are at least floor apart. It guards cron's parser, which
// panics on TZ=0, reads @every -1m as every second, and takes dates that never come.
func checkSchedule(s string, floor time.Duration) error {
	spec := s
	if zone, ok := strings.CutPrefix(strings.TrimPrefix(spec, "CRON_"), "TZ="); ok {
		name, rest, found := strings.Cut(zone, " ")
		if name == "" || !found {
			return fmt.Errorf("%q: want a time zone and a schedule behind TZ=, such as TZ=Europe/Berlin 0 6 * * *", s)
		}
		if _, err := time.LoadLocation(name); err != nil {
			return fmt.Errorf("%q: %w", s, err)
		}
		spec = strings.TrimSpace(rest)
	}
	if every, ok := strings.CutPrefix(spec, "@every"); ok {
		if d, err := time.ParseDuration(strings.TrimSpace(every)); err != nil || d <= 0 {
			return fmt.Errorf("%q: want a duration above zero behind @every", s)
		}
	}
	when, err := cron.ParseStandard(s)
	if err != nil {
		return fmt.Errorf("%q is no schedule (five fields: minute hour day month weekday): %w", s, err)
	}
	if when.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return fmt.Errorf("%q never comes", s)
	}
	if gap := closest(when); gap < floor {
		return fmt.Errorf("%q polls every %s at times; at least %s", s, short(gap), short(floor))
	}
	return nil
}

// closest is the shortest time between two polls, 0 for a schedule of an unknown kind.
func closest(when cron.Schedule) time.Duration {
	switch s := when.(type) {
	case cron.ConstantDelaySchedule:
		return s.Delay
	case *cron.SpecSchedule:
		return closestTimes(s.Hour, s.Minute)
	}
	return 0
}

// closestTimes takes the times of a day from cron's bits, and the days that a schedule names as neighbours. Asking for the next 200
// times instead made 10,000 feeds cost 10.5 s; so they cost 0.5 s.
func closestTimes(hours, minutes uint64) time.Duration {
	const day = 24 * 60
	gap, first, last := day, -1, -1
	for t := range day {
		if hours>>(t/60)&1 == 0 || minutes>>(t%60)&1 == 0 {
			continue
		}
		if last >= 0 {
			gap = min(gap, t-last)
		} else {
			first = t
		}
		last = t
	}
	return time.Duration(min(gap, first+day-last)) * time.Minute
}
