package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFollow: a change is told once, when it is over; what is written beside the file, and a file that is away for a while, are none.
func TestFollow(t *testing.T) {
	name := filepath.Join(t.TempDir(), "news.yaml")
	write(t, name, "a")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		events, errs, told := make(chan fsnotify.Event), make(chan error), 0
		go follow(ctx, name, look(name), events, errs, func() { told++ })
		for i, c := range []struct {
			what  string
			steps []func()
			told  int
		}{
			{"something beside it", []func(){func() {}, func() {}}, 0},
			{"written in three steps", []func(){func() { write(t, name, "") }, func() { write(t, name, "ab") }, func() { write(t, name, "abc") }}, 1},
			{"another one in its place", []func(){func() {
				write(t, name+"~", "abcd")
				if err := os.Rename(name+"~", name); err != nil {
					t.Fatal(err)
				}
			}}, 1},
			{"removed", []func(){func() { os.Remove(name) }}, 0},
			{"back again, other than before", []func(){func() { write(t, name, "abcde") }}, 1},
		} {
			told = 0
			for _, step := range c.steps {
				step()
				events <- fsnotify.Event{}
				time.Sleep(still / 2)
			}
			time.Sleep(3 * still)
			synctest.Wait()
			if told != c.told {
				t.Errorf("%d, %s: told %d times, want %d", i, c.what, told, c.told)
			}
		}
		told = 0
		write(t, name, "abcdef")
		errs <- errors.New("events were lost")
		time.Sleep(3 * still)
		synctest.Wait()
		if told != 1 {
			t.Errorf("after lost events: told %d times, want once", told)
		}
	})
}

func TestFile(t *testing.T) {
	if err := File(t.Context(), filepath.Join(t.TempDir(), "none", "news.yaml"), func() {}); err == nil {
		t.Error("a folder that is not there: got no error")
	}
	name := filepath.Join(t.TempDir(), "news.yaml")
	write(t, name, "a")
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := make(chan bool), make(chan error)
	go func() { ended <- File(ctx, name, func() { told <- true }) }()
	<-told // that it watches
	write(t, name, "ab")
	<-told
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
