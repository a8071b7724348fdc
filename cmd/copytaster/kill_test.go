package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"copytaster"
	"copytaster/store"
	"copytaster/store/fsck"
)

// kills is how often TestKilledUnderLoad kills; COPYTASTER_KILLS=200 is the whole test.
const kills = 20

const (
	coastFeeds = 10
	coastShown = 30 // items that a feed shows
	coastNew   = 3  // of these new in each round
)

// siegeTime is the longest that a daemon is let run: until it has written its export files a second time.
const siegeTime = 7 * time.Second

// coast is a farm of feeds in which every round brings news, a third of them the same agency copy in several feeds.
type coast struct{ round atomic.Int64 }

func (c *coast) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	feed := strings.TrimPrefix(r.URL.Path, "/feed/")
	w.Header().Set("Content-Type", "application/rss+xml")
	fmt.Fprintf(w, `<rss version="2.0"><channel><title>Coast %s</title><link>http://coast.example/</link><description>d</description>`, feed)
	for _, n := range c.shown() {
		text := words(fmt.Sprint(feed, " ", n))
		if n%3 == 0 {
			text = "HAVEN (AFP) - " + words(fmt.Sprint("shared ", n))
		}
		fmt.Fprintf(w, `<item><guid isPermaLink="false">%s-%d</guid><title>Report %d of %s</title><link>http://coast.example/%s/%d</link><description>%s</description></item>`, feed, n, n, feed, feed, n, text)
	}
	io.WriteString(w, `</channel></rss>`)
}

// shown are the numbers of the items that a feed shows, the newest first.
func (c *coast) shown() (list []int64) {
	last := coastShown + c.round.Load()*coastNew
	for n := last; n > last-coastShown; n-- {
		list = append(list, n)
	}
	return list
}

// words are a text that is always the same for the same seed.
func words(seed string) string {
	h := uint64(14695981039346656037)
	for _, b := range []byte(seed) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	r := rand.New(rand.NewPCG(h, 1))
	var b strings.Builder
	for range 90 {
		fmt.Fprintf(&b, "%s%s ", []string{"ker", "tal", "mon", "dor", "vel", "sun", "bra", "nik"}[r.IntN(8)], []string{"ama", "ent", "oru", "ist", "eva", "ung"}[r.IntN(6)]+strconv.Itoa(r.IntN(40)))
	}
	return b.String()
}

// siege is a folder with a configuration in which the program is killed.
type siege struct {
	t    *testing.T
	farm *coast
	dir  string
	now  time.Time
	took map[string]time.Duration // by job, when it was let run to its end

	answered int // commands that daemons carried out
}

func newSiege(t *testing.T, farm *coast, address string) *siege {
	var cfg strings.Builder
	cfg.WriteString("listen: 127.0.0.1:0\nretention: 9000d\nexports: [{name: front, title: Front, formats: [rss, atom, json], file: front, limit: 200}]\n" +
		"fetch: {contact: 'https://example.org/', allow_private: [127.0.0.0/8], full_text: never}\nfeeds:\n")
	for i := range coastFeeds {
		fmt.Fprintf(&cfg, "  - %s/feed/%d\n", address, i)
	}
	s := &siege{t: t, farm: farm, dir: t.TempDir(), now: newsroomEpoch, took: map[string]time.Duration{}}
	if err := os.WriteFile(filepath.Join(s.dir, "copytaster.yaml"), []byte(cfg.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return s
}

// prepare is the command of a job: run brings news with it, status opens a database of the first layout.
func (s *siege) prepare(job string) *exec.Cmd {
	switch job {
	case "run":
		s.now = s.now.Add(25 * time.Hour)
		s.farm.round.Add(1)
		return command(s.dir, s.now)
	case "backup":
		return command(s.dir, s.now, "backup", "copy.db")
	case "status":
		old := filepath.Join(s.dir, "old")
		unpackOld(s.t, old)
		return command(s.dir, s.now, "status", "--config", filepath.Join(old, "copytaster.yaml"))
	}
	return command(s.dir, s.now, job)
}

// finish lets a job run to its end.
func (s *siege) finish(job string) {
	cmd := s.prepare(job)
	began := time.Now()
	if out, err := runCmd(cmd); err != nil {
		s.t.Fatalf("%s: %v\n%s", job, err, out)
	}
	s.took[job] = time.Since(began)
}

// kill kills a job at a random moment of the time that it takes.
func (s *siege) kill(job string) {
	if job == "daemon" {
		s.killDaemon()
		return
	}
	cmd := s.prepare(job)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	timer := time.AfterFunc(time.Duration(rand.Int64N(int64(s.took[job])+1)), func() { cmd.Process.Kill() })
	cmd.Wait() // killed, or done before
	timer.Stop()
}

// killDaemon kills a daemon that polls every second, while feeds bring news and commands ask it for backups, exports and compactions. Early moments, while it opens
// the database, comes to polls and writes what the one before left unwritten, are the more frequent.
func (s *siege) killDaemon() {
	s.now = s.now.Add(25 * time.Hour)
	cmd := &exec.Cmd{Path: os.Args[0], Args: []string{"restless", s.now.Format(time.RFC3339)}, Dir: s.dir}
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if _, err := bufio.NewReader(out).ReadString('\n'); err == nil { // it has the database
			s.press(ctx)
		}
	}()
	part := rand.Float64()
	timer := time.AfterFunc(time.Duration(part*part*part*float64(siegeTime)), func() { cmd.Process.Kill() })
	err = cmd.Wait()
	if timer.Stop() {
		s.t.Errorf("the daemon ended before it was killed: %v\n%s", err, said.Bytes())
	}
	cancel()
	<-ended
}

// press brings news and asks for one thing after the other until ctx ends. What a daemon that is killed does not answer is no fault.
func (s *siege) press(ctx context.Context) {
	for ctx.Err() == nil {
		for _, job := range []string{"backup " + filepath.Join(s.dir, "copy.db"), "export --format jsonl --everything", "compact", "status", "export --format atom"} {
			s.farm.round.Add(1)
			if err := run(ctx, append(strings.Fields(job), "--config", filepath.Join(s.dir, "copytaster.yaml")), nil, io.Discard, io.Discard); err == nil {
				s.answered++
			}
		}
	}
}

// inspect looks at all that the program left, and gives the story of each item that the database has.
func (s *siege) inspect(had map[string]string) map[string]string {
	has := holdings(s.t, filepath.Join(s.dir, "copytaster.db"), had)
	holdings(s.t, filepath.Join(s.dir, "copy.db"), nil)
	if n := len(holdings(s.t, filepath.Join(s.dir, "old", "copytaster.db"), nil)); n != 20 {
		s.t.Errorf("migrated: %d items, want 20", n)
	}
	wholeFiles(s.t, s.dir)
	return has
}

// TestKilledUnderLoad kills the program without warning, again and again: while it polls, ingests, exports, compacts, backs up and migrates, as
// single commands and as a daemon that other commands speak to. After every kill the
// database is whole, has all it had, under the same stories, and nothing of it twice; export files are whole. In the end it has all that the feeds show.
func TestKilledUnderLoad(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("starts itself under another name, which Windows does not offer")
	}
	n, err := strconv.Atoi(cmp.Or(os.Getenv("COPYTASTER_KILLS"), strconv.Itoa(kills)))
	if err != nil {
		t.Fatal(err)
	}
	farm := &coast{}
	server := httptest.NewServer(farm)
	defer server.Close()
	s := newSiege(t, farm, server.URL)
	commands := []string{"compact", "backup", "status"}
	for _, job := range append([]string{"run"}, commands...) {
		s.finish(job)
	}
	had := s.inspect(nil)
	for i := range n {
		job := []string{"daemon", "run", "daemon", commands[rand.IntN(len(commands))]}[i%4]
		s.kill(job)
		if had = s.inspect(had); t.Failed() {
			t.Fatalf("after kill %d, of %s", i+1, job)
		}
	}
	s.age()
	s.finish("run")
	s.finish("backup")
	had = s.inspect(had)
	for feed := range coastFeeds {
		address := fmt.Sprintf("%s/feed/%d", server.URL, feed)
		for _, n := range farm.shown() {
			if id := copytaster.ItemID(address, fmt.Sprintf("%d-%d", feed, n)); had[id] == "" {
				t.Errorf("%s shows item %d, which is not stored", address, n)
			}
		}
	}
	s.swept()
	t.Logf("%d kills, %d items at the end; daemons carried out %d commands", n, len(had), s.answered)
}

// age makes all that lies in the folder two hours older: what kills left is then known to be nobody's.
func (s *siege) age() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		at := time.Now().Add(-2 * time.Hour)
		if err := os.Chtimes(filepath.Join(s.dir, e.Name()), at, at); err != nil {
			s.t.Fatal(err)
		}
	}
}

// swept looks for what kills left behind, but the socket and the folders in which such are made, which the next daemon removes.
func (s *siege) swept() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains([]string{"copytaster.yaml", "copytaster.db", "copy.db", "front.rss", "front.atom", "front.json", "old", "copytaster.db.sock"}, e.Name()) && !strings.HasPrefix(e.Name(), ".ctl") {
			s.t.Errorf("%s is left behind", e.Name())
		}
	}
}

// unpackOld lays a database of the first layout into the folder, with a configuration.
func unpackOld(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "copytaster.yaml"), []byte("feeds: [https://feed0.example.org/rss]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "copytaster.db"), firstLayout(t), 0o600); err != nil {
		t.Fatal(err)
	}
}

// holdings opens a database as the next start would and gives the story of each of its items. It has to be whole, to have each item of a feed once, and all that it had: in
// the same story, or in one that took that over.
func holdings(t *testing.T, name string, had map[string]string) map[string]string {
	t.Helper()
	db, err := store.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	has, guids := map[string]string{}, map[string]bool{}
	err = db.View(func(tx *store.Tx) error {
		for it, err := range tx.Items(time.Time{}) {
			if err != nil {
				return err
			}
			if guids[it.Feed+" "+it.GUID] {
				t.Errorf("%s: %s of %s is there twice", name, it.GUID, it.Feed)
			}
			guids[it.Feed+" "+it.GUID] = true
			has[it.ID] = tx.StoryOf(it.ID)
		}
		for _, id := range slices.Sorted(maps.Keys(had)) {
			if s, ok, err := tx.Story(had[id]); err != nil || !ok || s.ID != has[id] {
				t.Errorf("%s: item %s was in story %s and is in %q", name, id, had[id], has[id])
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := fsck.Check(name, func(s string) { t.Errorf("%s: %s", name, s) }); err != nil {
		t.Error(err)
	}
	return has
}

// wholeFiles reads the export files to their ends.
func wholeFiles(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"front.rss", "front.atom"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for dec := xml.NewDecoder(f); err == nil; {
			_, err = dec.Token()
		}
		if err != io.EOF {
			t.Errorf("%s: %v", name, err)
		}
		f.Close()
	}
	b, err := os.ReadFile(filepath.Join(dir, "front.json"))
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(b)), "}") {
		t.Errorf("front.json: %v, or not whole", err)
	}
}

// firstLayout is the database of version 1 of the layout with which the store tests its migration.
func firstLayout(t *testing.T) []byte {
	t.Helper()
	z, err := os.ReadFile("../../store/testdata/version1.db.zst")
	if err != nil {
		t.Fatal(err)
	}
	dec, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	b, err := dec.DecodeAll(z, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
