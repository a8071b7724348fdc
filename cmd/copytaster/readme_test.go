package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestREADME runs the commands of the README's ```sh blocks as they are written, but for those of the Go tool itself.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	t.Setenv("TMPDIR", t.TempDir()) // the demo leaves its feeds there
	ran := 0
	for i, block := range strings.Split(string(text), "```") {
		lines, isShell := strings.CutPrefix(block, "sh\n")
		if i%2 == 0 || !isShell {
			continue
		}
		for line := range strings.Lines(lines) {
			args, ours := strings.CutPrefix(line, "go run ./cmd/copytaster ")
			if !ours {
				args, ours = strings.CutPrefix(line, "./copytaster ")
			}
			if !ours {
				continue
			}
			ran++
			var out bytes.Buffer
			if err := run(t.Context(), strings.Fields(args), nil, &out, io.Discard); err != nil || out.Len() == 0 {
				t.Errorf("%s: got %v and %d bytes", strings.TrimSpace(line), err, out.Len())
			}
		}
	}
	if ran < 3 {
		t.Errorf("ran %d commands, want at least the demo, init and check", ran)
	}
}

// TestREADMENamesEveryCommand: a command that nobody is told of is not there.
func TestREADMENamesEveryCommand(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, cmd := range newRoot().Commands() {
		name := cmd.Name()
		if cmd.Hidden || name == "completion" || name == "version" {
			continue
		}
		if !bytes.Contains(text, []byte("copytaster "+name)) {
			t.Errorf("README.md does not name copytaster %s", name)
		}
	}
}
