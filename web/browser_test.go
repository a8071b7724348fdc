package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// pagesShown are the pages with words that must be seen on them.
func pagesShown() map[string]string {
	return map[string]string{
		"/":                                   "Ferries stop as crews",
		"/?sort=largest":                      "Carried by most outlets",
		"/?agency=Nobody":                     "No story matches",
		"/story/5d1f0c8a9b3e7742":             "3 versions at 3 outlets",
		"/story/5d1f0c8a9b3e7742?beside=a1":   "Side by side",
		"/story/5d1f0c8a9b3e7742?same=nosuch": "There is no other story of that name",
		"/story/77aa00bb11cc22dd":             "One version",
		"/outlets":                            "how long after the first",
		"/outlet?name=Harbour+Courier":        "How fast it is",
		"/agencies":                           "Who carries whom",
		"/status":                             "Copies recognised last",
		"/feeds":                              "JSON Feed 1.1",
		"/nowhere":                            "There is no page at this address",
	}
}

// TestBrowser opens every page in a real Chromium, in both themes and at two widths, and without JavaScript: its words must be there, nothing
// may stick out to the side, and the console must stay silent (no script, no refused style, nothing missing). With AXE=…/axe.min.js in the
// environment axe-core must find no fault, of contrast or otherwise; without, one theme at one width will do. Without a browser it is skipped.
func TestBrowser(t *testing.T) {
	if findBrowser() == "" {
		t.Skip("no Chromium here (apt-get install chromium)")
	}
	if testing.Short() {
		t.Skip("-short")
	}
	srv := httptest.NewServer(New(source(readStories(t, "front.json")), Options{}))
	defer srv.Close()
	axe := readAxe(t)
	tab := newTab(t)
	themes, widths := []string{"light", "dark"}, []int64{360, 1440}
	if axe == "" {
		themes, widths = themes[1:], widths[:1]
	}
	for path, words := range pagesShown() {
		for _, theme := range themes {
			for _, width := range widths {
				where := fmt.Sprintf("%s, %s, %d px", path, theme, width)
				tab.open(t, where, srv.URL+path, theme, width, words)
				if axe != "" {
					tab.axe(t, where, axe)
				}
			}
		}
		tab.withoutScript(t, srv.URL+path, words)
	}
}

// readAxe gives axe-core's text, "" if the environment names none.
func readAxe(t *testing.T) string {
	t.Helper()
	name := os.Getenv("AXE")
	if name == "" {
		t.Log("without axe-core: AXE is not set")
		return ""
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// findBrowser gives the path of an installed Chromium, empty if there is none.
func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// tab is a page of the browser.
type tab struct {
	ctx     context.Context
	mu      sync.Mutex // guards console
	console []string   // what the browser said since it was last asked
}

func newTab(t *testing.T) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(findBrowser()), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.WSURLReadTimeout(2*time.Minute))
	ctx, end := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(end)
	ctx, end = chromedp.NewContext(ctx)
	t.Cleanup(end)
	p := &tab{ctx: ctx}
	err := chromedp.Listen(ctx, func(ev any) {
		switch e := ev.(type) {
		case *log.EventEntryAdded:
			p.says(e.Entry.Text + " " + e.Entry.URL)
		case *runtime.EventConsoleAPICalled:
			p.says("console." + string(e.Type))
		case *runtime.EventExceptionThrown:
			p.says(e.ExceptionDetails.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// patience is how long one step in the browser may take on a slow machine.
const patience = 2 * time.Minute

// do carries out an action and gives its value.
func do[T any](t *testing.T, p *tab, where string, action chromedp.Action[T]) T {
	t.Helper()
	ctx, end := context.WithTimeout(p.ctx, patience)
	defer end()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	return v
}

// call sends a command of the protocol and gives its answer.
func call[P, R any](t *testing.T, p *tab, where string, command cdp.Command[P, R], params P) R {
	t.Helper()
	ctx, end := context.WithTimeout(p.ctx, patience)
	defer end()
	v, err := chromedp.Call(ctx, command, params)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	return v
}

func (p *tab) says(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.console = append(p.console, text)
}

// silent wants that the browser has said nothing but that a page which is not there is not there.
func (p *tab) silent(t *testing.T, where string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.console {
		if !strings.Contains(line, "404") || !strings.Contains(line, "/nowhere") {
			t.Errorf("%s: the console says %s", where, line)
		}
	}
	p.console = nil
}

func (p *tab) open(t *testing.T, where, address, theme string, width int64, words string) {
	t.Helper()
	call(t, p, where, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 500})
	call(t, p, where, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
	do(t, p, where, chromedp.Navigate(address))
	if text := do(t, p, where, chromedp.Text("body")); !strings.Contains(text, words) {
		t.Errorf("%s: %q is not to be seen in\n%.800s", where, words, text)
	}
	if over := do(t, p, where, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`)); over > 0 {
		t.Errorf("%s: sticks out by %d px", where, over)
	}
	p.silent(t, where)
}

// axe has axe-core look at the page that is open.
func (p *tab) axe(t *testing.T, where, source string) {
	t.Helper()
	do(t, p, where, chromedp.Evaluate[int](source+";0"))
	found := do(t, p, where, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(
		r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " " + (n.any[0] || {}).message)}))))`, chromedp.EvalAwaitPromise))
	var violations []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		t.Fatalf("%s: axe says %q: %v", where, found, err)
	}
	for _, v := range violations {
		t.Errorf("%s: axe: %s (%s)\n%s", where, v.Help, v.ID, strings.Join(v.Nodes, "\n"))
	}
	p.silent(t, where)
}

// withoutScript opens the page with scripts switched off.
func (p *tab) withoutScript(t *testing.T, address, words string) {
	t.Helper()
	call(t, p, address, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	do(t, p, address, chromedp.Navigate(address))
	if doc := do(t, p, address, chromedp.OuterHTML("body")); !strings.Contains(doc, words) {
		t.Errorf("%s without scripts: %q is not there", address, words)
	}
	call(t, p, address, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{})
	p.silent(t, address)
}
