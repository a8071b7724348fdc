package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"copytaster/cmd/copytaster/newsroom"
)

// TestKilledAtRandomMoments kills the program without warning while it polls, ingests and exports, then lets it run to its end: no item
// is lost or doubled, and the stories are those of a run that nobody disturbed.
func TestKilledAtRandomMoments(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("starts itself under another name, which Windows does not offer")
	}
	room := newsroom.New(newsroomEpoch)
	server := httptest.NewServer(room)
	defer server.Close()
	room.Publish(2)
	calm, wild := newsFolder(t, room, server.URL), newsFolder(t, room, server.URL)

	began := time.Now()
	runIn(t, calm, newsroomEpoch)
	whole := time.Since(began)

	now := newsroomEpoch
	for range 12 {
		cmd := command(wild, now)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(rand.Int64N(int64(whole))), func() { cmd.Process.Kill() })
		cmd.Wait() // killed, or done before
		kill.Stop()
		now = now.Add(25 * time.Hour)
	}
	runIn(t, wild, now)

	want, got := partition(t, calm), partition(t, wild)
	if !slices.Equal(got, want) {
		t.Errorf("stories after 12 kills:\n%s\nwant those of a calm run:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, name := range []string{"front.rss", "front.atom", "front.json"} {
		if b, err := os.ReadFile(filepath.Join(wild, name)); err != nil || !bytes.HasSuffix(bytes.TrimSpace(b), []byte(map[string]string{".rss": "</rss>", ".atom": "</feed>", ".json": "}"}[filepath.Ext(name)])) {
			t.Errorf("%s: %v, %d bytes; want a whole file", name, err, len(b))
		}
	}
}

func newsFolder(t *testing.T, room *newsroom.Room, address string) string {
	dir := t.TempDir()
	cfg := newsConfig(room, address, "exports: [{name: front, title: Front, formats: [rss, atom, json], file: front}]\n")
	if err := os.WriteFile(filepath.Join(dir, "copytaster.yaml"), []byte(cfg), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// command is one call of the program in a process of its own: this test binary under its name (see TestMain).
func command(dir string, now time.Time, args ...string) *exec.Cmd {
	if args == nil {
		args = []string{"run", "--once", "--now", now.Format(time.RFC3339)}
	}
	return &exec.Cmd{Path: os.Args[0], Args: append([]string{"copytaster"}, args...), Dir: dir}
}

func runIn(t *testing.T, dir string, now time.Time, args ...string) []byte {
	t.Helper()
	out, err := runCmd(command(dir, now, args...))
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

func runCmd(cmd *exec.Cmd) ([]byte, error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return errs.Bytes(), err
	}
	return out.Bytes(), nil
}

// partition lists the stories as their items' feeds and guids, each list sorted.
func partition(t *testing.T, dir string) (list []string) {
	t.Helper()
	stories := map[string][]string{}
	for line := range bytes.Lines(runIn(t, dir, time.Time{}, "export", "--format", "jsonl")) {
		var it struct{ Story, Feed, GUID string }
		if err := json.Unmarshal(line, &it); err != nil {
			t.Fatal(err)
		}
		stories[it.Story] = append(stories[it.Story], it.Feed+" "+it.GUID)
	}
	for _, items := range stories {
		slices.Sort(items)
		list = append(list, strings.Join(items, " | "))
	}
	slices.Sort(list)
	return list
}
