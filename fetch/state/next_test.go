package state

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"copytaster"
	"copytaster/fetch/feed"
)

// harbour is the feed of the tests.
const harbour = "http://harbour.example/feed"

// monday is when the answers of testdata/next.txt come.
var monday = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// nextCase is a paragraph of testdata/next.txt.
type nextCase struct {
	name   string
	feed   copytaster.Feed
	before State
	r      Response
	wants  []string
}

func TestNext(t *testing.T) {
	text, err := os.ReadFile("testdata/next.txt")
	if err != nil {
		t.Fatal(err)
	}
	for paragraph := range strings.SplitSeq(string(text), "\n\n") {
		lines := strings.Split(strings.TrimSpace(paragraph), "\n")
		if strings.HasPrefix(lines[0], "#") {
			continue
		}
		t.Run(lines[0], func(t *testing.T) {
			c := parseCase(t, lines)
			got := c.before.After(monday, c.feed, c.r)
			for _, want := range c.wants {
				if why := missed(t, want, got, c); why != "" {
					t.Errorf("want %s: %s", want, why)
				}
			}
		})
	}
}

// troubleOf is the trouble with a status.
func troubleOf(status int) string {
	if status == http.StatusOK || status == http.StatusIMUsed || status == http.StatusNotModified {
		return ""
	}
	if status == http.StatusTooManyRequests {
		return "it is asked too often (429)"
	}
	return fmt.Sprint("it answers ", status, " ", http.StatusText(status))
}

func parseCase(t *testing.T, lines []string) nextCase {
	c := nextCase{name: lines[0], feed: copytaster.Feed{URL: harbour}}
	c.before.Next = monday // not the first poll
	c.r = Response{Header: http.Header{}, Floor: 15 * time.Minute, Final: harbour}
	answered := false
	for _, line := range lines[1:] {
		key, rest, _ := strings.Cut(line, " ")
		switch key {
		case "wait", "at", "on", "within":
			c.wants = append(c.wants, line)
		case "state":
			if answered {
				c.wants = append(c.wants, line)
			} else if err := json.Unmarshal([]byte(rest), &c.before); err != nil {
				t.Fatal(err)
			}
		default:
			answered = answered || key == "answer"
			c.set(t, key, rest)
		}
	}
	return c
}

// set takes over one line of the feed or the answer.
func (c *nextCase) set(t *testing.T, key, rest string) {
	switch key {
	case "every":
		c.feed.Every = span(t, rest)
	case "schedule":
		c.feed.Schedule = rest
	case "floor":
		c.r.Floor = span(t, rest)
	case "moved":
		c.r.Moved = rest
	case "size":
		c.r.Size = numbers(t, rest)[0]
	case "header":
		name, value, _ := strings.Cut(rest, ": ")
		c.r.Header.Add(name, strings.ReplaceAll(value, `\x01`, "\x01"))
	case "answer":
		c.r.Status = numbers(t, rest)[0]
		c.r.Trouble = troubleOf(c.r.Status)
		if c.r.Status == http.StatusOK {
			c.r.Doc = &feed.Document{}
		}
	case "ttl":
		c.r.Doc.TTL = span(t, rest)
	case "period":
		c.r.Doc.Period = span(t, rest)
	case "skip":
		c.r.Doc.SkipHour = numbers(t, rest)
	case "days":
		for _, d := range numbers(t, rest) {
			c.r.Doc.SkipDay = append(c.r.Doc.SkipDay, time.Weekday(d))
		}
	default:
		t.Fatalf("unknown line %q", key)
	}
}

// missed says how the state misses what is wanted; empty if it does not.
func missed(t *testing.T, want string, got State, c nextCase) string {
	key, rest, _ := strings.Cut(want, " ")
	low, high := time.Time{}, time.Time{}
	switch key {
	case "wait":
		low = monday.Add(span(t, rest))
		high = low.Add(span(t, rest) / 10)
	case "within":
		a, b, _ := strings.Cut(rest, " ")
		low, high = monday.Add(span(t, a)), monday.Add(span(t, b))
	case "at", "on":
		at, err := time.Parse(time.RFC3339, rest)
		if err != nil {
			t.Fatal(err)
		}
		low, high = at, at
		if key == "at" {
			high = at.Add(6 * time.Minute)
		}
	case "state":
		return differs(t, rest, got)
	}
	if got.Next.Before(low) || got.Next.After(high) {
		return fmt.Sprintf("got %v, that is after %v", got.Next, got.Next.Sub(monday))
	}
	return ""
}

// differs compares some fields of a state, null meaning that the field is left out.
func differs(t *testing.T, want string, got State) string {
	var w, g map[string]any
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	for k, v := range w {
		if !reflect.DeepEqual(g[k], v) {
			return fmt.Sprintf("got %s %v", k, g[k])
		}
	}
	return ""
}

func span(t *testing.T, s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func numbers(t *testing.T, s string) (list []int) {
	for f := range strings.FieldsSeq(s) {
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	return list
}

// FuzzNext: whatever an answer says and whatever was before, the next poll lies between the shortest and the longest wait that the rules know,
// never in an hour that the feed skips, and the same answer gives the same time.
func FuzzNext(f *testing.F) {
	f.Add(200, "max-age=60", "Mon, 02 Mar 2026 11:30:00 GMT", "7200", 3, uint32(7), uint8(1), int64(3600), int64(900))
	f.Add(429, "max-age=99999999999999999999", "0", "-1", 1<<40, uint32(1<<24-1), uint8(127), int64(-5), int64(1))
	f.Fuzz(func(t *testing.T, status int, cache, expires, retry string, failures int, hours uint32, days uint8, wish, every int64) {
		before := State{Next: monday, Failures: max(failures, 0), SkipHour: hours & (1<<24 - 1), SkipDay: days & 127, Wish: time.Duration(wish)}
		f := copytaster.Feed{URL: harbour, Every: time.Duration(min(max(every, 900), 1<<20)) * time.Second}
		r := Response{Status: status, Floor: shortest, Final: harbour,
			Header: http.Header{"Cache-Control": {cache}, "Expires": {expires}, "Retry-After": {retry}}}
		r.Trouble = troubleOf(status)
		s := before.After(monday, f, r)
		low, high := monday.Add(f.Every), monday.Add(max(f.Every, patience)*11/10+8*24*time.Hour)
		if s.Next.Before(low) || s.Next.After(high) {
			t.Fatalf("next is %v after the answer, want between %v and %v", s.Next.Sub(monday), low.Sub(monday), high.Sub(monday))
		}
		if !s.Open(s.Next).Equal(s.Next) {
			t.Fatalf("next is %v, which the feed skips", s.Next)
		}
		if again := before.After(monday, f, r); !reflect.DeepEqual(s, again) {
			t.Fatalf("got %+v, then %+v", s, again)
		}
	})
}

func TestMoveWantsAnotherDay(t *testing.T) {
	early := time.Date(2026, 3, 2, 0, 10, 0, 0, time.UTC)
	s := State{Moved: "http://pier.example/feed", MovedAt: early}
	r := Response{Moved: s.Moved}
	if s.move(early.Add(23*time.Hour+30*time.Minute), r); s.Address != "" {
		t.Errorf("late on the same day: got address %s, want none yet", s.Address)
	}
	if s.move(early.Add(24*time.Hour), r); s.Address != r.Moved {
		t.Errorf("the next day: got address %q, want %s", s.Address, r.Moved)
	}
}
