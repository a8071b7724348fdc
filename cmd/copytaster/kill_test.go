package main

import (
	"cmp"
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
	coastNew   = 12 // of these new in each round
)

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
}

func newSiege(t *testing.T, farm *coast, address string) *siege {
	var cfg strings.Builder
	cfg.WriteString("retention: 9000d\nexports: [{name: front, title: Front, formats: [rss, atom, json], file: front, limit: 200}]\n" +
		"fetch: {contact: 'https://example.org/', allow_private: [127.0.0.0/8]}\nfeeds:\n")
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
	cmd := s.prepare(job)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	timer := time.AfterFunc(time.Duration(rand.Int64N(int64(s.took[job])+1)), func() { cmd.Process.Kill() })
	cmd.Wait() // killed, or done before
	timer.Stop()
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

// TestKilledUnderLoad kills the program without warning, again and again: while it polls, ingests, exports, compacts, backs up and migrates. After every kill the
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
	jobs := []string{"run", "compact", "backup", "status"}
	for _, job := range jobs {
		s.finish(job)
	}
	had := s.inspect(nil)
	for i := range n {
		job := "run"
		if i%3 == 2 {
			job = jobs[1+rand.IntN(len(jobs)-1)]
		}
		s.kill(job)
		if had = s.inspect(had); t.Failed() {
			t.Fatalf("after kill %d, of %s", i+1, job)
		}
	}
	s.finish("run")
	had = s.inspect(had)
	for feed := range coastFeeds {
		address := fmt.Sprintf("%s/feed/%d", server.URL, feed)
		for _, n := range farm.shown() {
			if id := copytaster.ItemID(address, fmt.Sprintf("%d-%d", feed, n)); had[id] == "" {
				t.Errorf("%s shows item %d, which is not stored", address, n)
			}
		}
	}
	t.Logf("%d kills, %d items at the end", n, len(had))
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
