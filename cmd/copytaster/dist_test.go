package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestManualPages: every command that is not hidden has one, with its examples.
func TestManualPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	must(t, "man", dir)
	for _, cmd := range newRoot().Commands() {
		if cmd.Hidden || cmd.Name() == "completion" || cmd.Name() == "help" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, "copytaster-"+cmd.Name()+".1"))
		if err != nil || !strings.Contains(string(b), ".SH EXAMPLE") || !strings.Contains(string(b), ".TH ") {
			t.Errorf("%s: %v, %d bytes; want a manual page with an example", cmd.Name(), err, len(b))
		}
	}
}

func TestCompletions(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if out := must(t, "completion", shell); !strings.Contains(out, "copytaster") {
			t.Errorf("%s: got %d bytes, want a completion", shell, len(out))
		}
	}
}

// TestDashboard: every metric that the dashboard shows is one that the daemon gives.
func TestDashboard(t *testing.T) {
	b, err := os.ReadFile("dist/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal(b, &board); err != nil || len(board.Panels) < 10 {
		t.Fatalf("%v, %d panels", err, len(board.Panels))
	}
	keepersRoom(t)
	address, stop := startDaemon(t)
	defer stop()
	answer, err := http.Get(strings.TrimSuffix(address, "/") + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("metrics: %s, %v", answer.Status, err)
	}
	name := regexp.MustCompile(`\b(copytaster|process|go)_[a-z_]+`)
	late := map[string]bool{"copytaster_feed_last_success_seconds": true, "copytaster_exports_total": true} // none until something happened
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			for _, m := range name.FindAllString(target.Expr, -1) {
				if !strings.Contains(string(body), "\n"+m) && !late[m] && !strings.Contains(m, "_total") {
					t.Errorf("the dashboard shows %s, which the daemon does not give", m)
				}
			}
		}
	}
}

// TestUnit: what the service starts is a call that the program knows, and it is told of by notify.
func TestUnit(t *testing.T) {
	b, err := os.ReadFile("dist/copytaster.service")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Type=notify", "WatchdogSec=", "ExecStart=/usr/local/bin/copytaster run --config ", "NoNewPrivileges=yes", "ProtectSystem=strict"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %q in the unit", want)
		}
	}
}
